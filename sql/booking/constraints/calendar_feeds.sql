-- Foreign keys inside a clinic name the clinic too: a key alone would accept another clinic's row.
alter table clinic.calendar_feeds
  add constraint calendar_feeds_doctor_fk foreign key (clinic_id, doctor_id)
    references clinic.doctors (clinic_id, id),
  add constraint calendar_feeds_patient_fk foreign key (clinic_id, patient_id)
    references clinic.patients (clinic_id, id),
  add constraint calendar_feeds_hash check (octet_length(token_hash) = 32);

-- undo
alter table clinic.calendar_feeds
  drop constraint calendar_feeds_hash,
  drop constraint calendar_feeds_patient_fk,
  drop constraint calendar_feeds_doctor_fk;
