-- Appointments are made, moved and cancelled by the booking functions only; people read them and
-- keep their notes.
call app.make_tenant_table('clinic.appointments');
comment on table clinic.appointments is 'A visit that a patient and a doctor agreed on; starts_at and ends_at decide.';
create policy read on clinic.appointments for select to
  clinic_staff, clinic_nurse, clinic_admin, clinic_superadmin using (deleted_at is null);
comment on policy read on clinic.appointments is 'The desk, nurses and administrators.';
create policy read_treated on clinic.appointments for select to clinic_doctor
  using (deleted_at is null and doctor_id = any (array(select app.own_doctor_ids())));
comment on policy read_treated on clinic.appointments is 'A doctor sees their own appointments.';
create policy read_own on clinic.appointments for select to clinic_patient
  using (deleted_at is null and patient_id = any (array(select app.own_patient_ids())));
comment on policy read_own on clinic.appointments is 'A patient sees their own appointments.';
create policy change on clinic.appointments for update to
  clinic_staff, clinic_admin, clinic_superadmin
  using (deleted_at is null) with check (deleted_at is null);
comment on policy change on clinic.appointments is 'The desk keeps reasons and notes; the grant says which columns.';
create policy book on clinic.appointments to clinic_booker using (true) with check (true);
comment on policy book on clinic.appointments is 'The booking functions.';

grant select on clinic.appointments to clinic_staff, clinic_nurse, clinic_doctor, clinic_admin,
  clinic_superadmin;
-- Not what the clinic writes for itself: notes, and the reason that a transition hides as well.
grant select (id, clinic_id, patient_id, doctor_id, slot_id, appointment_number, appointment_date,
  appointment_time, duration_minutes, starts_at, ends_at, appointment_type, visit_reason, status,
  version, queue_number, queue_status, checked_in_at, called_at, consultation_start_at,
  consultation_end_at, is_telemedicine, telemedicine_link, consultation_fee, additional_charges,
  chas_applicable, chas_subsidy_amount, total_amount, reminder_sent_at, reminder_channels, source,
  cancelled_at, no_show_marked_at, rescheduled_from, created_at, updated_at, deleted_at)
  on clinic.appointments to clinic_patient;
grant update (visit_reason, internal_notes, is_telemedicine, telemedicine_link, appointment_type)
  on clinic.appointments to clinic_staff, clinic_admin, clinic_superadmin;
grant select, insert on clinic.appointments to clinic_booker;
grant update (status, version, cancelled_at, cancelled_by, cancellation_reason)
  on clinic.appointments to clinic_booker;

-- undo
call app.unmake_tenant_table('clinic.appointments');
