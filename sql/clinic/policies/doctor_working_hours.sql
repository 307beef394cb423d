-- Working hours: read by whoever sees the schedule, kept by administrators.
-- Hours end by effective_to; rows are not deleted, the history of a schedule stays.
call app.make_tenant_table('clinic.doctor_working_hours');
comment on table clinic.doctor_working_hours is 'Weekly hours of a doctor, in the wall clock of the clinic.';
create policy read on clinic.doctor_working_hours for select to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin, clinic_worker
  using (true);
comment on policy read on clinic.doctor_working_hours is 'Everyone who works in the clinic.';
create policy add on clinic.doctor_working_hours for insert to clinic_admin, clinic_superadmin
  with check (true);
comment on policy add on clinic.doctor_working_hours is 'Administrators.';
create policy change on clinic.doctor_working_hours for update to clinic_admin, clinic_superadmin
  using (true) with check (true);
comment on policy change on clinic.doctor_working_hours is 'Administrators.';
create policy definer on clinic.doctor_working_hours for select to clinic_booker using (true);
comment on policy definer on clinic.doctor_working_hours is 'generate_slots.';

grant select on clinic.doctor_working_hours to clinic_staff, clinic_nurse, clinic_doctor,
  clinic_admin, clinic_superadmin, clinic_worker, clinic_booker;
grant insert on clinic.doctor_working_hours to clinic_admin, clinic_superadmin;
grant update (weekday, starts, ends, effective_from, effective_to)
  on clinic.doctor_working_hours to clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.doctor_working_hours');
