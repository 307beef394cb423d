-- Foreign keys inside a clinic name the clinic too: a key alone would accept another clinic's row.
alter table clinic.payments
  add constraint payments_patient_fk foreign key (clinic_id, patient_id)
    references clinic.patients (clinic_id, id),
  add constraint payments_appointment_fk foreign key (clinic_id, appointment_id)
    references clinic.appointments (clinic_id, id);
alter table clinic.payment_items
  add constraint payment_items_payment_fk foreign key (clinic_id, payment_id)
    references clinic.payments (clinic_id, id);
alter table clinic.insurance_claims
  add constraint insurance_claims_patient_fk foreign key (clinic_id, patient_id)
    references clinic.patients (clinic_id, id),
  add constraint insurance_claims_payment_fk foreign key (clinic_id, payment_id)
    references clinic.payments (clinic_id, id),
  add constraint insurance_claims_json check (
    jsonb_typeof(documents) = 'array');

-- undo
alter table clinic.insurance_claims
  drop constraint insurance_claims_json,
  drop constraint insurance_claims_payment_fk,
  drop constraint insurance_claims_patient_fk;
alter table clinic.payment_items
  drop constraint payment_items_payment_fk;
alter table clinic.payments
  drop constraint payments_appointment_fk,
  drop constraint payments_patient_fk;
