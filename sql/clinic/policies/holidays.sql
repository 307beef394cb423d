-- Holidays: read by whoever sees the schedule, kept by administrators.
call app.make_tenant_table('clinic.holidays');
comment on table clinic.holidays is 'Days on which the whole clinic is closed.';
create policy read on clinic.holidays for select to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin, clinic_worker
  using (true);
comment on policy read on clinic.holidays is 'Everyone who works in the clinic.';
create policy add on clinic.holidays for insert to clinic_admin, clinic_superadmin
  with check (deleted_at is null);
comment on policy add on clinic.holidays is 'Administrators.';
create policy change on clinic.holidays for update to clinic_admin, clinic_superadmin
  using (true) with check (true);
comment on policy change on clinic.holidays is 'Administrators; what is withdrawn keeps its row.';
create policy keep on clinic.holidays to clinic_booker using (true) with check (true);
comment on policy keep on clinic.holidays is 'The booking functions read it, change_calendar writes it.';

grant select on clinic.holidays to clinic_staff, clinic_nurse, clinic_doctor, clinic_admin,
  clinic_superadmin, clinic_worker, clinic_booker;
grant insert on clinic.holidays to clinic_admin, clinic_superadmin, clinic_booker;
grant update (first_day, last_day, name, deleted_at) on clinic.holidays to clinic_admin, clinic_superadmin;
grant update (deleted_at) on clinic.holidays to clinic_booker;

-- undo
call app.unmake_tenant_table('clinic.holidays');
