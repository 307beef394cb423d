-- Medical records: written by doctors, vitals also by nurses; never seen by reception.
comment on table clinic.medical_records is 'What a clinician found and decided at one visit.';
call app.make_tenant_table('clinic.medical_records');
create policy read_treated on clinic.medical_records for select to clinic_doctor
  using (deleted_at is null and (doctor_id = any (array(select app.own_doctor_ids()))
    or (patient_id = any (array(select app.treated_patient_ids())) and not access_restricted)
    or patient_id = any (array(select app.opened_patient_ids()))));
comment on policy read_treated on clinic.medical_records is 'Doctors: what they wrote, of patients they treat, and after breaking the glass; a restricted record only its author.';
create policy read_nurse on clinic.medical_records for select to clinic_nurse
  using (deleted_at is null and ((not is_sensitive and not access_restricted)
    or patient_id = any (array(select app.opened_patient_ids()))));
comment on policy read_nurse on clinic.medical_records is 'Nurses of the clinic, sensitive and restricted records aside.';
create policy read_admin on clinic.medical_records for select to clinic_admin, clinic_superadmin
  using (deleted_at is null and (not access_restricted or patient_id = any (array(select app.opened_patient_ids()))));
comment on policy read_admin on clinic.medical_records is 'Administrators, restricted records aside; each read is on record.';
create policy read_own on clinic.medical_records for select to clinic_patient
  using (deleted_at is null and patient_id = any (array(select app.own_patient_ids())) and not access_restricted);
comment on policy read_own on clinic.medical_records is 'A patient sees their own.';
create policy add on clinic.medical_records for insert to clinic_doctor
  with check (deleted_at is null and doctor_id = any (array(select app.own_doctor_ids()))
    and patient_id = any (array(select app.treated_patient_ids())));
comment on policy add on clinic.medical_records is 'A doctor writes in their own name, for patients they treat.';
create policy change on clinic.medical_records for update to clinic_doctor
  using (deleted_at is null and doctor_id = any (array(select app.own_doctor_ids())))
  with check (deleted_at is null and doctor_id = any (array(select app.own_doctor_ids())));
comment on policy change on clinic.medical_records is 'A doctor corrects what they wrote.';
create policy add_nurse on clinic.medical_records for insert to clinic_nurse
  with check (deleted_at is null and not is_sensitive and not access_restricted);
comment on policy add_nurse on clinic.medical_records is 'Nurses add vitals and vaccinations.';

grant select on clinic.medical_records to clinic_patient, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;
grant insert on clinic.medical_records to clinic_doctor;
grant update (record_date, temperature_celsius, blood_pressure_systolic, blood_pressure_diastolic, heart_rate_bpm,
  respiratory_rate_bpm, oxygen_saturation_percent, height_cm, weight_kg, chief_complaint,
  history_of_present_illness, review_of_systems, physical_examination, primary_diagnosis,
  primary_diagnosis_code, secondary_diagnoses, differential_diagnoses, treatment_plan,
  medications_prescribed, procedures_performed, follow_up_required, follow_up_date,
  follow_up_instructions, referral_required, referral_to, referral_reason, referral_letter_url,
  mc_required, mc_start_date, mc_end_date, mc_days, mc_number, attachments, is_sensitive,
  access_restricted) on clinic.medical_records to clinic_doctor;
grant insert (id, clinic_id, patient_id, appointment_id, record_date, temperature_celsius, blood_pressure_systolic, blood_pressure_diastolic, heart_rate_bpm,
  respiratory_rate_bpm, oxygen_saturation_percent, height_cm, weight_kg, chief_complaint) on clinic.medical_records to clinic_nurse;

-- undo
call app.unmake_tenant_table('clinic.medical_records');
