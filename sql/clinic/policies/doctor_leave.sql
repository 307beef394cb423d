-- Leave: read by whoever sees the schedule (doctors their own), kept by administrators.
call app.make_tenant_table('clinic.doctor_leave');
comment on table clinic.doctor_leave is 'When a doctor is away, as instants.';
create policy read on clinic.doctor_leave for select to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin, clinic_worker
  using (true);
comment on policy read on clinic.doctor_leave is 'Everyone who works in the clinic.';
create policy add on clinic.doctor_leave for insert to clinic_admin, clinic_superadmin
  with check (deleted_at is null);
comment on policy add on clinic.doctor_leave is 'Administrators.';
create policy change on clinic.doctor_leave for update to clinic_admin, clinic_superadmin
  using (true) with check (true);
comment on policy change on clinic.doctor_leave is 'Administrators; withdrawn leave keeps its row.';
create policy keep on clinic.doctor_leave to clinic_booker using (true) with check (true);
comment on policy keep on clinic.doctor_leave is 'The booking functions read it, change_calendar writes it.';

grant select on clinic.doctor_leave to clinic_staff, clinic_nurse, clinic_doctor, clinic_admin,
  clinic_superadmin, clinic_worker, clinic_booker;
grant insert on clinic.doctor_leave to clinic_admin, clinic_superadmin, clinic_booker;
grant update (starts_at, ends_at, reason, deleted_at) on clinic.doctor_leave
  to clinic_admin, clinic_superadmin;
grant update (deleted_at) on clinic.doctor_leave to clinic_booker;

-- undo
call app.unmake_tenant_table('clinic.doctor_leave');
