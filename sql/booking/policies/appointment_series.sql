-- How repeated visits came about: written once by booking.book_series, changed by nobody.
call app.make_tenant_table('clinic.appointment_series');
comment on table clinic.appointment_series is 'The rule under which repeated visits were booked; each visit is an appointment.';
create policy read on clinic.appointment_series for select to
  clinic_staff, clinic_nurse, clinic_admin, clinic_superadmin using (true);
comment on policy read on clinic.appointment_series is 'The desk, nurses and administrators.';
create policy read_visible on clinic.appointment_series for select to clinic_doctor, clinic_patient
  using (exists (
    select from clinic.appointments a
    where a.clinic_id = appointment_series.clinic_id and a.series_id = appointment_series.id));
comment on policy read_visible on clinic.appointment_series is 'Doctors and patients: of the appointments that they see.';
create policy book on clinic.appointment_series to clinic_booker using (true) with check (true);
comment on policy book on clinic.appointment_series is 'The booking functions.';

grant select on clinic.appointment_series to clinic_staff, clinic_nurse, clinic_doctor,
  clinic_admin, clinic_superadmin;
grant select (id, clinic_id, patient_id, doctor_id, appointment_type, every_weeks, weekdays,
    starts_on, wall_time, occurrences, until, created_at)
  on clinic.appointment_series to clinic_patient;
grant select, insert on clinic.appointment_series to clinic_booker;
grant select (series_id, series_position) on clinic.appointments to clinic_patient;
grant update (series_id, series_position) on clinic.appointments to clinic_booker;

-- undo
revoke update (series_id, series_position) on clinic.appointments from clinic_booker;
revoke select (series_id, series_position) on clinic.appointments from clinic_patient;
call app.unmake_tenant_table('clinic.appointment_series');
