-- Foreign keys inside a clinic name the clinic too: a key alone would accept another clinic's row.
alter table clinic.appointment_transitions
  add constraint appointment_transitions_appointment_fk foreign key (clinic_id, appointment_id)
    references clinic.appointments (clinic_id, id),
  add constraint appointment_transitions_from_slot_fk foreign key (clinic_id, from_slot_id)
    references clinic.appointment_slots (clinic_id, id),
  add constraint appointment_transitions_to_slot_fk foreign key (clinic_id, to_slot_id)
    references clinic.appointment_slots (clinic_id, id);

-- undo
alter table clinic.appointment_transitions
  drop constraint appointment_transitions_to_slot_fk,
  drop constraint appointment_transitions_from_slot_fk,
  drop constraint appointment_transitions_appointment_fk;
