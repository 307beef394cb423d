-- Prescriptions: written by doctors.
comment on table clinic.prescriptions is 'What a doctor prescribed to a patient on one day.';
call app.make_tenant_table('clinic.prescriptions');
create policy read_treated on clinic.prescriptions for select to clinic_doctor
  using (deleted_at is null and (doctor_id = any (array(select app.own_doctor_ids()))
    or (patient_id = any (array(select app.treated_patient_ids()))
      and (medical_record_id is null or exists (select from clinic.medical_records r
      where r.clinic_id = prescriptions.clinic_id and r.id = medical_record_id)))
    or patient_id = any (array(select app.opened_patient_ids()))));
comment on policy read_treated on clinic.prescriptions is 'Doctors: what they wrote, of patients they treat, and after breaking the glass.';
create policy read_nurse on clinic.prescriptions for select to clinic_nurse
  using (deleted_at is null and (medical_record_id is null or exists (select from clinic.medical_records r
      where r.clinic_id = prescriptions.clinic_id and r.id = medical_record_id)));
comment on policy read_nurse on clinic.prescriptions is 'Nurses, where they may see the record it belongs to.';
create policy read_admin on clinic.prescriptions for select to clinic_admin, clinic_superadmin
  using (deleted_at is null and (medical_record_id is null or exists (select from clinic.medical_records r
      where r.clinic_id = prescriptions.clinic_id and r.id = medical_record_id)));
comment on policy read_admin on clinic.prescriptions is 'Administrators, where they may see the record it belongs to; each read is on record.';
create policy read_own on clinic.prescriptions for select to clinic_patient
  using (deleted_at is null and patient_id = any (array(select app.own_patient_ids()))
    and (medical_record_id is null or exists (select from clinic.medical_records r
      where r.clinic_id = prescriptions.clinic_id and r.id = medical_record_id)));
comment on policy read_own on clinic.prescriptions is 'A patient sees their own, unless its record is restricted.';
create policy add on clinic.prescriptions for insert to clinic_doctor
  with check (deleted_at is null and doctor_id = any (array(select app.own_doctor_ids()))
    and patient_id = any (array(select app.treated_patient_ids())));
comment on policy add on clinic.prescriptions is 'A doctor writes in their own name, for patients they treat.';
create policy change on clinic.prescriptions for update to clinic_doctor
  using (deleted_at is null and doctor_id = any (array(select app.own_doctor_ids())))
  with check (deleted_at is null and doctor_id = any (array(select app.own_doctor_ids())));
comment on policy change on clinic.prescriptions is 'A doctor corrects what they wrote.';

grant select (id, clinic_id, patient_id, doctor_id, medical_record_id, prescription_number,
  prescription_date, status, valid_until, is_e_prescription, e_prescription_sent_to,
  e_prescription_sent_at, qr_code_url, dispensed_by, dispensed_at, collection_method,
  pharmacy_notes, doctor_notes, created_at, updated_at, deleted_at) on clinic.prescriptions to clinic_patient, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;
grant insert on clinic.prescriptions to clinic_doctor;
grant update (prescription_date, status, valid_until, is_e_prescription, e_prescription_sent_to,
  e_prescription_sent_at, qr_code_url, dispensed_by, dispensed_at, collection_method,
  pharmacy_notes, doctor_notes) on clinic.prescriptions to clinic_doctor;

-- undo
call app.unmake_tenant_table('clinic.prescriptions');
