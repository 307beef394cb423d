-- Slots are made by generate_slots and taken by the booking functions; the desk may block them.
call app.make_tenant_table('clinic.appointment_slots');
comment on table clinic.appointment_slots is 'Time of a doctor that can be booked, blocked or is taken.';
create policy read on clinic.appointment_slots for select to
  clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin,
  clinic_worker using (true);
comment on policy read on clinic.appointment_slots is 'Everyone inside; the grants hide for whom it is held.';
create policy change on clinic.appointment_slots for update to
  clinic_staff, clinic_admin, clinic_superadmin using (true) with check (true);
comment on policy change on clinic.appointment_slots is 'The desk blocks and frees time; the grant says which columns.';
create policy book on clinic.appointment_slots to clinic_booker using (true) with check (true);
comment on policy book on clinic.appointment_slots is 'The booking functions.';

grant select on clinic.appointment_slots to clinic_staff, clinic_admin, clinic_superadmin,
  clinic_worker;
-- Not for whom a time is held: who waits for one is the desk's to know. Who holds one is shown.
grant select (id, clinic_id, doctor_id, slot_date, slot_time, duration_minutes, starts_at, ends_at,
              is_available, is_blocked, block_reason, appointment_id, held_until, held_by,
              created_at, updated_at)
  on clinic.appointment_slots to clinic_nurse, clinic_doctor;
grant select (id, clinic_id, doctor_id, slot_date, slot_time, duration_minutes, starts_at, ends_at,
              is_available, is_blocked)
  on clinic.appointment_slots to clinic_patient;
grant update (is_blocked, block_reason) on clinic.appointment_slots
  to clinic_staff, clinic_admin, clinic_superadmin;
grant select, insert on clinic.appointment_slots to clinic_booker;
grant update (is_available, is_blocked, block_reason, appointment_id, slot_date, slot_time, ends_at,
              duration_minutes, held_until, held_by, held_for)
  on clinic.appointment_slots to clinic_booker;

-- undo
call app.unmake_tenant_table('clinic.appointment_slots');
