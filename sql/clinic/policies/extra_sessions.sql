-- Extra sessions: read by whoever sees the schedule, kept by administrators.
call app.make_tenant_table('clinic.extra_sessions');
comment on table clinic.extra_sessions is 'Hours of a doctor on one day beside the weekly ones, in the wall clock of the clinic.';
create policy read on clinic.extra_sessions for select to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin, clinic_worker
  using (true);
comment on policy read on clinic.extra_sessions is 'Everyone who works in the clinic.';
create policy add on clinic.extra_sessions for insert to clinic_admin, clinic_superadmin
  with check (deleted_at is null);
comment on policy add on clinic.extra_sessions is 'Administrators.';
create policy change on clinic.extra_sessions for update to clinic_admin, clinic_superadmin
  using (true) with check (true);
comment on policy change on clinic.extra_sessions is 'Administrators; what is withdrawn keeps its row.';
create policy keep on clinic.extra_sessions to clinic_booker using (true) with check (true);
comment on policy keep on clinic.extra_sessions is 'The booking functions read it, change_calendar writes it.';

grant select on clinic.extra_sessions to clinic_staff, clinic_nurse, clinic_doctor, clinic_admin,
  clinic_superadmin, clinic_worker, clinic_booker;
grant insert on clinic.extra_sessions to clinic_admin, clinic_superadmin, clinic_booker;
grant update (day, starts, ends, reason, deleted_at) on clinic.extra_sessions to clinic_admin, clinic_superadmin;
grant update (deleted_at) on clinic.extra_sessions to clinic_booker;

-- undo
call app.unmake_tenant_table('clinic.extra_sessions');
