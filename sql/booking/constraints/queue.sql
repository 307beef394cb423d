-- Foreign keys inside a clinic name the clinic too: a key alone would accept another clinic's row.
alter table clinic.queue_entries
  add constraint queue_entries_patient_fk foreign key (clinic_id, patient_id)
    references clinic.patients (clinic_id, id),
  add constraint queue_entries_appointment_fk foreign key (clinic_id, appointment_id)
    references clinic.appointments (clinic_id, id),
  add constraint queue_entries_doctor_fk foreign key (clinic_id, doctor_id)
    references clinic.doctors (clinic_id, id);
alter table clinic.telemedicine_sessions
  add constraint telemedicine_sessions_appointment_fk foreign key (clinic_id, appointment_id)
    references clinic.appointments (clinic_id, id),
  add constraint telemedicine_sessions_patient_fk foreign key (clinic_id, patient_id)
    references clinic.patients (clinic_id, id),
  add constraint telemedicine_sessions_doctor_fk foreign key (clinic_id, doctor_id)
    references clinic.doctors (clinic_id, id);
alter table clinic.public_booking_requests
  add constraint public_booking_requests_appointment_fk foreign key (clinic_id, appointment_id)
    references clinic.appointments (clinic_id, id);

-- undo
alter table clinic.public_booking_requests
  drop constraint public_booking_requests_appointment_fk;
alter table clinic.telemedicine_sessions
  drop constraint telemedicine_sessions_doctor_fk,
  drop constraint telemedicine_sessions_patient_fk,
  drop constraint telemedicine_sessions_appointment_fk;
alter table clinic.queue_entries
  drop constraint queue_entries_doctor_fk,
  drop constraint queue_entries_appointment_fk,
  drop constraint queue_entries_patient_fk;
