-- Services: kept by administrators, read by whoever works here; patients see what they may book.
call app.make_tenant_table('clinic.services');
comment on table clinic.services is 'A kind of visit: its length, the buffers around it, whether patients book it.';
create policy read on clinic.services for select to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin, clinic_worker
  using (true);
comment on policy read on clinic.services is 'Everyone who works in the clinic.';
create policy read_online on clinic.services for select to clinic_patient
  using (is_active and online_bookable);
comment on policy read_online on clinic.services is 'Patients: what they may book themselves.';
create policy add on clinic.services for insert to clinic_admin, clinic_superadmin with check (true);
comment on policy add on clinic.services is 'Administrators.';
create policy change on clinic.services for update to clinic_admin, clinic_superadmin
  using (true) with check (true);
comment on policy change on clinic.services is 'Administrators.';
create policy book on clinic.services for select to clinic_booker using (true);
comment on policy book on clinic.services is 'The booking functions.';

grant select on clinic.services to clinic_staff, clinic_nurse, clinic_doctor, clinic_admin,
  clinic_superadmin, clinic_worker, clinic_booker;
-- Not the buffers: they are the clinic's own.
grant select (id, clinic_id, name, code, appointment_type, duration_minutes, online_bookable,
    is_active)
  on clinic.services to clinic_patient;
grant insert on clinic.services to clinic_admin, clinic_superadmin;
grant update (name, code, appointment_type, duration_minutes, buffer_before_minutes,
    buffer_after_minutes, online_bookable, is_active)
  on clinic.services to clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.services');
