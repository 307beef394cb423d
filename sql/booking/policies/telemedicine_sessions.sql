-- Video visits: the two people in them, and the desk that arranges them.
comment on table clinic.telemedicine_sessions is 'A video visit.';
call app.make_tenant_table('clinic.telemedicine_sessions');
create policy read on clinic.telemedicine_sessions for select to clinic_staff, clinic_admin, clinic_superadmin
  using (true);
comment on policy read on clinic.telemedicine_sessions is 'The desk and administrators, without the doctor''s notes.';
create policy read_treated on clinic.telemedicine_sessions for select to clinic_doctor
  using (doctor_id = any (array(select app.own_doctor_ids())));
comment on policy read_treated on clinic.telemedicine_sessions is 'The doctor of the visit.';
create policy read_own on clinic.telemedicine_sessions for select to clinic_patient
  using (patient_id = any (array(select app.own_patient_ids())));
comment on policy read_own on clinic.telemedicine_sessions is 'The patient of the visit.';
create policy add on clinic.telemedicine_sessions for insert to clinic_staff, clinic_admin, clinic_superadmin
  with check (true);
comment on policy add on clinic.telemedicine_sessions is 'The desk.';
create policy change on clinic.telemedicine_sessions for update to clinic_doctor
  using (doctor_id = any (array(select app.own_doctor_ids())))
  with check (doctor_id = any (array(select app.own_doctor_ids())));
comment on policy change on clinic.telemedicine_sessions is 'The doctor of the visit.';

grant select (id, clinic_id, appointment_id, patient_id, doctor_id, room_url, room_name, status,
  scheduled_start, scheduled_end, actual_start, actual_end, duration_minutes, patient_joined_at,
  patient_left_at, doctor_joined_at, doctor_left_at, connection_drops, recording_enabled,
  recording_url, patient_rating, patient_feedback, technical_issues, created_at, updated_at) on clinic.telemedicine_sessions to clinic_patient, clinic_doctor, clinic_staff, clinic_admin, clinic_superadmin;
grant select (doctor_notes) on clinic.telemedicine_sessions to clinic_doctor;
grant insert on clinic.telemedicine_sessions to clinic_staff, clinic_admin, clinic_superadmin;
grant update (status, actual_start, actual_end, duration_minutes, doctor_joined_at, doctor_left_at,
  doctor_notes, technical_issues) on clinic.telemedicine_sessions to clinic_doctor;

-- undo
call app.unmake_tenant_table('clinic.telemedicine_sessions');
