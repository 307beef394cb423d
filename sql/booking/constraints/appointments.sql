-- Foreign keys inside a clinic name the clinic too: a key alone would accept another clinic's row.
alter table clinic.appointments
  add constraint appointments_patient_fk foreign key (clinic_id, patient_id)
    references clinic.patients (clinic_id, id),
  add constraint appointments_doctor_fk foreign key (clinic_id, doctor_id)
    references clinic.doctors (clinic_id, id),
  add constraint appointments_slot_fk foreign key (clinic_id, slot_id)
    references clinic.appointment_slots (clinic_id, id),
  add constraint appointments_rescheduled_from_fk foreign key (clinic_id, rescheduled_from)
    references clinic.appointments (clinic_id, id),
  add constraint appointments_json check (jsonb_typeof(reminder_channels) = 'array'),
  add constraint appointments_length check (
    ends_at = starts_at + duration_minutes * interval '1 minute');
alter table clinic.appointment_slots
  add constraint appointment_slots_doctor_fk foreign key (clinic_id, doctor_id)
    references clinic.doctors (clinic_id, id),
  -- Deferred: a slot is claimed before its appointment is written (booking.create_booking).
  add constraint appointment_slots_appointment_fk foreign key (clinic_id, appointment_id)
    references clinic.appointments (clinic_id, id) deferrable initially deferred,
  add constraint appointment_slots_held_for_fk foreign key (clinic_id, held_for)
    references clinic.patients (clinic_id, id),
  add constraint appointment_slots_length check (
    ends_at = starts_at + duration_minutes * interval '1 minute');

-- undo
alter table clinic.appointment_slots
  drop constraint appointment_slots_length,
  drop constraint appointment_slots_held_for_fk,
  drop constraint appointment_slots_appointment_fk,
  drop constraint appointment_slots_doctor_fk;
alter table clinic.appointments
  drop constraint appointments_length,
  drop constraint appointments_json,
  drop constraint appointments_rescheduled_from_fk,
  drop constraint appointments_slot_fk,
  drop constraint appointments_doctor_fk,
  drop constraint appointments_patient_fk;
