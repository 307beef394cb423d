-- What happened to an appointment: written by the booking functions, changed by nobody.
call app.make_tenant_table('clinic.appointment_transitions');
comment on table clinic.appointment_transitions is 'One change in the life of an appointment: who, when, through which channel, why.';
create policy read on clinic.appointment_transitions for select to
  clinic_staff, clinic_nurse, clinic_admin, clinic_superadmin using (true);
comment on policy read on clinic.appointment_transitions is 'The desk, nurses and administrators.';
create policy read_visible on clinic.appointment_transitions for select to clinic_doctor, clinic_patient
  using (exists (
    select from clinic.appointments a
    where a.clinic_id = appointment_transitions.clinic_id and a.id = appointment_id));
comment on policy read_visible on clinic.appointment_transitions is 'Doctors and patients: of the appointments that they see.';
create policy book on clinic.appointment_transitions to clinic_booker using (true) with check (true);
comment on policy book on clinic.appointment_transitions is 'The booking functions.';

grant select on clinic.appointment_transitions to clinic_staff, clinic_nurse, clinic_doctor,
  clinic_admin, clinic_superadmin;
grant select (id, clinic_id, appointment_id, action, from_status, to_status, version, initiator, created_at)
  on clinic.appointment_transitions to clinic_patient;
grant select, insert on clinic.appointment_transitions to clinic_booker;

-- A visit's flow is kept by the same functions as its promise.
create policy book on clinic.queue_entries to clinic_booker using (true) with check (true);
comment on policy book on clinic.queue_entries is 'The booking functions: in line at check-in, out of it at the end.';
grant select, insert on clinic.queue_entries to clinic_booker;
grant update (status, called_at, served_at, finished_at) on clinic.queue_entries to clinic_booker;
grant update (queue_number, queue_status, checked_in_at, consultation_start_at, consultation_end_at,
    no_show_marked_at, slot_id, doctor_id, appointment_date, appointment_time, duration_minutes,
    starts_at, ends_at, reminder_sent_at, overbooked_reason, overlap_reason)
  on clinic.appointments to clinic_booker;
grant execute on function clinic.next_number(text) to clinic_booker;

-- undo
revoke execute on function clinic.next_number(text) from clinic_booker;
revoke update (queue_number, queue_status, checked_in_at, consultation_start_at, consultation_end_at,
    no_show_marked_at, slot_id, doctor_id, appointment_date, appointment_time, duration_minutes,
    starts_at, ends_at, reminder_sent_at, overbooked_reason, overlap_reason)
  on clinic.appointments from clinic_booker;
revoke all on clinic.queue_entries from clinic_booker;
drop policy book on clinic.queue_entries;
call app.unmake_tenant_table('clinic.appointment_transitions');
