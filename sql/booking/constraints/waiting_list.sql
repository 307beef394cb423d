-- Foreign keys inside a clinic name the clinic too: a key alone would accept another clinic's row.
alter table clinic.waiting_list_entries
  add constraint waiting_list_entries_patient_fk foreign key (clinic_id, patient_id)
    references clinic.patients (clinic_id, id),
  add constraint waiting_list_entries_doctor_fk foreign key (clinic_id, doctor_id)
    references clinic.doctors (clinic_id, id),
  add constraint waiting_list_entries_appointment_fk foreign key (clinic_id, appointment_id)
    references clinic.appointments (clinic_id, id),
  add constraint waiting_list_entries_lengths check (
    length(note) <= 500 and length(request_key) <= 255 and cardinality(weekdays) <= 7);
alter table clinic.freed_slots
  add constraint freed_slots_slot_fk foreign key (clinic_id, slot_id)
    references clinic.appointment_slots (clinic_id, id);
alter table clinic.waiting_list_offers
  add constraint waiting_list_offers_entry_fk foreign key (clinic_id, entry_id)
    references clinic.waiting_list_entries (clinic_id, id),
  add constraint waiting_list_offers_slot_fk foreign key (clinic_id, slot_id)
    references clinic.appointment_slots (clinic_id, id),
  add constraint waiting_list_offers_freed_fk foreign key (clinic_id, freed_id)
    references clinic.freed_slots (clinic_id, id),
  add constraint waiting_list_offers_notice_fk foreign key (clinic_id, notice_id)
    references clinic.notifications (clinic_id, id),
  add constraint waiting_list_offers_lengths check (
    length(request_key) <= 255 and length(answer_key) <= 255 and length(token_hash) = 32);

-- undo
alter table clinic.waiting_list_offers
  drop constraint waiting_list_offers_lengths,
  drop constraint waiting_list_offers_notice_fk,
  drop constraint waiting_list_offers_freed_fk,
  drop constraint waiting_list_offers_slot_fk,
  drop constraint waiting_list_offers_entry_fk;
alter table clinic.freed_slots
  drop constraint freed_slots_slot_fk;
alter table clinic.waiting_list_entries
  drop constraint waiting_list_entries_lengths,
  drop constraint waiting_list_entries_appointment_fk,
  drop constraint waiting_list_entries_doctor_fk,
  drop constraint waiting_list_entries_patient_fk;
