-- Who gives a service: kept by administrators. Nobody deletes a row, for visits were booked by it.
call app.make_tenant_table('clinic.service_doctors');
comment on table clinic.service_doctors is 'A doctor who gives a service, perhaps in a time of their own.';
create policy read on clinic.service_doctors for select to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin, clinic_worker
  using (true);
comment on policy read on clinic.service_doctors is 'Everyone who works in the clinic.';
create policy read_online on clinic.service_doctors for select to clinic_patient
  using (is_active and exists (
    select from clinic.services s
    where s.clinic_id = service_doctors.clinic_id and s.id = service_id));
comment on policy read_online on clinic.service_doctors is 'Patients: of the services that they may book.';
create policy add on clinic.service_doctors for insert to clinic_admin, clinic_superadmin
  with check (true);
comment on policy add on clinic.service_doctors is 'Administrators.';
create policy change on clinic.service_doctors for update to clinic_admin, clinic_superadmin
  using (true) with check (true);
comment on policy change on clinic.service_doctors is 'Administrators.';
create policy book on clinic.service_doctors for select to clinic_booker using (true);
comment on policy book on clinic.service_doctors is 'The booking functions.';

grant select on clinic.service_doctors to clinic_staff, clinic_nurse, clinic_doctor, clinic_admin,
  clinic_superadmin, clinic_worker, clinic_booker;
grant select (id, clinic_id, service_id, doctor_id, duration_minutes, is_active)
  on clinic.service_doctors to clinic_patient;
grant insert on clinic.service_doctors to clinic_admin, clinic_superadmin;
grant update (duration_minutes, buffer_before_minutes, buffer_after_minutes, is_active)
  on clinic.service_doctors to clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.service_doctors');
