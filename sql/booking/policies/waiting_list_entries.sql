-- The desk keeps who waits and for what; how it ends is written by the booking functions.
call app.make_tenant_table('clinic.waiting_list_entries');
comment on table clinic.waiting_list_entries is 'A patient who waits for an earlier time, and which times would do.';
create policy read on clinic.waiting_list_entries for select to
  clinic_staff, clinic_admin, clinic_superadmin using (true);
comment on policy read on clinic.waiting_list_entries is 'The desk and administrators.';
create policy read_own on clinic.waiting_list_entries for select to clinic_patient
  using (patient_id = any (array(select app.own_patient_ids())));
comment on policy read_own on clinic.waiting_list_entries is 'A patient sees their own entries, without the note.';
create policy add on clinic.waiting_list_entries for insert to
  clinic_staff, clinic_admin, clinic_superadmin
  with check (added_by = (select app.current_user_id()));
comment on policy add on clinic.waiting_list_entries is 'The desk, in its own name; a new entry waits.';
create policy change on clinic.waiting_list_entries for update to
  clinic_staff, clinic_admin, clinic_superadmin
  using (status = 'waiting') with check (status = 'waiting');
comment on policy change on clinic.waiting_list_entries is 'The desk changes the wish while nothing is offered for it; the grant says which columns.';
create policy book on clinic.waiting_list_entries to clinic_booker using (true) with check (true);
comment on policy book on clinic.waiting_list_entries is 'The booking functions.';

grant select on clinic.waiting_list_entries to clinic_staff, clinic_admin, clinic_superadmin;
grant select (id, clinic_id, patient_id, doctor_id, appointment_type, earliest, latest, weekdays,
  day_part, priority, status, version, appointment_id, closed_at, created_at, updated_at)
  on clinic.waiting_list_entries to clinic_patient;
grant insert (clinic_id, patient_id, doctor_id, appointment_type, earliest, latest, weekdays,
  day_part, priority, note, added_by, request_key)
  on clinic.waiting_list_entries to clinic_staff, clinic_admin, clinic_superadmin;
grant update (doctor_id, appointment_type, earliest, latest, weekdays, day_part, priority, note,
  version)
  on clinic.waiting_list_entries to clinic_staff, clinic_admin, clinic_superadmin;
grant select on clinic.waiting_list_entries to clinic_booker;
grant update (status, version, appointment_id, closed_at) on clinic.waiting_list_entries
  to clinic_booker;

-- undo
call app.unmake_tenant_table('clinic.waiting_list_entries');
