-- Foreign keys inside a clinic name the clinic too: a key alone would accept another clinic's row.
alter table clinic.lab_results
  add constraint lab_results_patient_fk foreign key (clinic_id, patient_id)
    references clinic.patients (clinic_id, id),
  add constraint lab_results_doctor_fk foreign key (clinic_id, doctor_id)
    references clinic.doctors (clinic_id, id),
  add constraint lab_results_medical_record_fk foreign key (clinic_id, medical_record_id)
    references clinic.medical_records (clinic_id, id),
  add constraint lab_results_reviewed_by_fk foreign key (clinic_id, reviewed_by)
    references clinic.doctors (clinic_id, id),
  add constraint lab_results_json check (
    jsonb_typeof(tests_ordered) = 'array'
    and jsonb_typeof(results) = 'object'
    and jsonb_typeof(critical_values) = 'array'
    and jsonb_typeof(attachments) = 'array');
alter table clinic.imaging_results
  add constraint imaging_results_patient_fk foreign key (clinic_id, patient_id)
    references clinic.patients (clinic_id, id),
  add constraint imaging_results_doctor_fk foreign key (clinic_id, doctor_id)
    references clinic.doctors (clinic_id, id),
  add constraint imaging_results_medical_record_fk foreign key (clinic_id, medical_record_id)
    references clinic.medical_records (clinic_id, id),
  add constraint imaging_results_reviewed_by_fk foreign key (clinic_id, reviewed_by)
    references clinic.doctors (clinic_id, id),
  add constraint imaging_results_json check (
    jsonb_typeof(images_url) = 'array');
alter table clinic.vaccination_records
  add constraint vaccination_records_patient_fk foreign key (clinic_id, patient_id)
    references clinic.patients (clinic_id, id);
alter table clinic.health_screening_results
  add constraint health_screening_results_patient_fk foreign key (clinic_id, patient_id)
    references clinic.patients (clinic_id, id),
  add constraint health_screening_results_package_fk foreign key (clinic_id, package_id)
    references clinic.health_screening_packages (clinic_id, id),
  add constraint health_screening_results_appointment_fk foreign key (clinic_id, appointment_id)
    references clinic.appointments (clinic_id, id),
  add constraint health_screening_results_json check (
    jsonb_typeof(results) = 'object');

-- undo
alter table clinic.health_screening_results
  drop constraint health_screening_results_json,
  drop constraint health_screening_results_appointment_fk,
  drop constraint health_screening_results_package_fk,
  drop constraint health_screening_results_patient_fk;
alter table clinic.vaccination_records
  drop constraint vaccination_records_patient_fk;
alter table clinic.imaging_results
  drop constraint imaging_results_json,
  drop constraint imaging_results_reviewed_by_fk,
  drop constraint imaging_results_medical_record_fk,
  drop constraint imaging_results_doctor_fk,
  drop constraint imaging_results_patient_fk;
alter table clinic.lab_results
  drop constraint lab_results_json,
  drop constraint lab_results_reviewed_by_fk,
  drop constraint lab_results_medical_record_fk,
  drop constraint lab_results_doctor_fk,
  drop constraint lab_results_patient_fk;
