-- Foreign keys inside a clinic name the clinic too: a key alone would accept another clinic's row.
alter table clinic.patients
  add constraint patients_preferred_doctor_fk foreign key (clinic_id, preferred_doctor_id)
    references clinic.doctors (clinic_id, id),
  add constraint patients_json check (
    jsonb_typeof(allergies) = 'array' and jsonb_typeof(chronic_conditions) = 'array'
    and jsonb_typeof(current_medications) = 'array' and jsonb_typeof(medical_history) = 'array'
    and jsonb_typeof(family_medical_history) = 'array' and jsonb_typeof(tags) = 'array'
    and jsonb_typeof(risk_factors) = 'object');

-- undo
alter table clinic.patients
  drop constraint patients_json,
  drop constraint patients_preferred_doctor_fk;
