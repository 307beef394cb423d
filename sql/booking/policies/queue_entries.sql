-- Who waits: kept by the desk and nurses; doctors see their own line, patients their ticket.
comment on table clinic.queue_entries is 'One person in line on one day.';
call app.make_tenant_table('clinic.queue_entries');
create policy read on clinic.queue_entries for select to clinic_nurse, clinic_staff, clinic_admin, clinic_superadmin
  using (true);
comment on policy read on clinic.queue_entries is 'The desk, nurses and administrators.';
create policy read_treated on clinic.queue_entries for select to clinic_doctor
  using (doctor_id = any (array(select app.own_doctor_ids())));
comment on policy read_treated on clinic.queue_entries is 'A doctor sees their own line.';
create policy read_own on clinic.queue_entries for select to clinic_patient
  using (patient_id = any (array(select app.own_patient_ids())));
comment on policy read_own on clinic.queue_entries is 'A patient sees their own ticket.';
create policy add on clinic.queue_entries for insert to clinic_staff, clinic_admin, clinic_superadmin
  with check (true);
comment on policy add on clinic.queue_entries is 'The desk.';
create policy change on clinic.queue_entries for update to clinic_nurse, clinic_staff, clinic_admin, clinic_superadmin
  using (true)
  with check (true);
comment on policy change on clinic.queue_entries is 'The desk and nurses.';

grant select on clinic.queue_entries to clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;
grant insert on clinic.queue_entries to clinic_staff, clinic_admin, clinic_superadmin;
grant update (status, priority, doctor_id, called_at, served_at, finished_at) on clinic.queue_entries to clinic_nurse, clinic_staff, clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.queue_entries');
