-- Foreign keys inside a clinic name the clinic too: a key alone would accept another clinic's row.
alter table clinic.absences
  add constraint absences_doctor_fk foreign key (clinic_id, doctor_id)
    references clinic.doctors (clinic_id, id);
alter table clinic.absence_rows
  add constraint absence_rows_absence_fk foreign key (clinic_id, absence_id)
    references clinic.absences (clinic_id, id),
  add constraint absence_rows_appointment_fk foreign key (clinic_id, appointment_id)
    references clinic.appointments (clinic_id, id),
  add constraint absence_rows_slot_fk foreign key (clinic_id, slot_id)
    references clinic.appointment_slots (clinic_id, id),
  add constraint absence_rows_notice_fk foreign key (clinic_id, notice_id)
    references clinic.notifications (clinic_id, id);
alter table clinic.absence_runs
  add constraint absence_runs_absence_fk foreign key (clinic_id, absence_id)
    references clinic.absences (clinic_id, id),
  add constraint absence_runs_key_length check (length(idempotency_key) between 1 and 200),
  add constraint absence_runs_json check (jsonb_typeof(answer) = 'object');
alter table clinic.appointment_transitions
  add constraint appointment_transitions_notice_fk foreign key (clinic_id, notice_id)
    references clinic.notifications (clinic_id, id);

-- undo
alter table clinic.appointment_transitions drop constraint appointment_transitions_notice_fk;
alter table clinic.absence_runs
  drop constraint absence_runs_json,
  drop constraint absence_runs_key_length,
  drop constraint absence_runs_absence_fk;
alter table clinic.absence_rows
  drop constraint absence_rows_notice_fk,
  drop constraint absence_rows_slot_fk,
  drop constraint absence_rows_appointment_fk,
  drop constraint absence_rows_absence_fk;
alter table clinic.absences drop constraint absences_doctor_fk;
