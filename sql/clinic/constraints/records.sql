-- Foreign keys inside a clinic name the clinic too: a key alone would accept another clinic's row.
alter table clinic.medical_records
  add constraint medical_records_patient_fk foreign key (clinic_id, patient_id)
    references clinic.patients (clinic_id, id),
  add constraint medical_records_doctor_fk foreign key (clinic_id, doctor_id)
    references clinic.doctors (clinic_id, id),
  add constraint medical_records_appointment_fk foreign key (clinic_id, appointment_id)
    references clinic.appointments (clinic_id, id),
  add constraint medical_records_json check (
    jsonb_typeof(review_of_systems) = 'object'
    and jsonb_typeof(physical_examination) = 'object'
    and jsonb_typeof(secondary_diagnoses) = 'array'
    and jsonb_typeof(differential_diagnoses) = 'array'
    and jsonb_typeof(medications_prescribed) = 'array'
    and jsonb_typeof(procedures_performed) = 'array'
    and jsonb_typeof(attachments) = 'array');
alter table clinic.prescriptions
  add constraint prescriptions_patient_fk foreign key (clinic_id, patient_id)
    references clinic.patients (clinic_id, id),
  add constraint prescriptions_doctor_fk foreign key (clinic_id, doctor_id)
    references clinic.doctors (clinic_id, id),
  add constraint prescriptions_medical_record_fk foreign key (clinic_id, medical_record_id)
    references clinic.medical_records (clinic_id, id);
alter table clinic.prescription_items
  add constraint prescription_items_prescription_fk foreign key (clinic_id, prescription_id)
    references clinic.prescriptions (clinic_id, id);

-- undo
alter table clinic.prescription_items
  drop constraint prescription_items_prescription_fk;
alter table clinic.prescriptions
  drop constraint prescriptions_medical_record_fk,
  drop constraint prescriptions_doctor_fk,
  drop constraint prescriptions_patient_fk;
alter table clinic.medical_records
  drop constraint medical_records_json,
  drop constraint medical_records_appointment_fk,
  drop constraint medical_records_doctor_fk,
  drop constraint medical_records_patient_fk;
