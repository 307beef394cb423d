-- Foreign keys inside a clinic name the clinic too, and a visit's series the patient as well.
alter table clinic.appointment_series
  add constraint appointment_series_patient_fk foreign key (clinic_id, patient_id)
    references clinic.patients (clinic_id, id),
  add constraint appointment_series_doctor_fk foreign key (clinic_id, doctor_id)
    references clinic.doctors (clinic_id, id),
  add constraint appointment_series_weekdays check (
    weekdays <@ array[1, 2, 3, 4, 5, 6, 7]::smallint[] and cardinality(weekdays) >= 1
    and cardinality(weekdays) <= 7),
  add constraint appointment_series_until check (until >= starts_on and until <= starts_on + 730);
alter table clinic.appointments
  add constraint appointments_series_fk foreign key (clinic_id, series_id, patient_id)
    references clinic.appointment_series (clinic_id, id, patient_id);

-- undo
alter table clinic.appointments drop constraint appointments_series_fk;
alter table clinic.appointment_series
  drop constraint appointment_series_until,
  drop constraint appointment_series_weekdays,
  drop constraint appointment_series_doctor_fk,
  drop constraint appointment_series_patient_fk;
