-- The days queue: kept by the desk and nurses.
comment on table clinic.queue_management is 'The state of a clinics queue on one day.';
call app.make_tenant_table('clinic.queue_management');
create policy read on clinic.queue_management for select to clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin
  using (true);
comment on policy read on clinic.queue_management is 'Everyone who works in the clinic.';
create policy add on clinic.queue_management for insert to clinic_staff, clinic_admin, clinic_superadmin
  with check (true);
comment on policy add on clinic.queue_management is 'The desk.';
create policy change on clinic.queue_management for update to clinic_nurse, clinic_staff, clinic_admin, clinic_superadmin
  using (true)
  with check (true);
comment on policy change on clinic.queue_management is 'The desk and nurses.';

grant select on clinic.queue_management to clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;
grant insert on clinic.queue_management to clinic_staff, clinic_admin, clinic_superadmin;
grant update (current_number, last_called_number, total_waiting, average_wait_time_minutes) on clinic.queue_management to clinic_nurse, clinic_staff, clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.queue_management');
