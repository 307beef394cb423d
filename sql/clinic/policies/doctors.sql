-- Doctors: everyone may know who works here; administrators keep the list.
call app.make_tenant_table('clinic.doctors');
comment on table clinic.doctors is 'A doctor of the clinic, and how visits to them are cut and booked.';
create policy read on clinic.doctors for select to
  clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin,
  clinic_worker using (deleted_at is null);
comment on policy read on clinic.doctors is 'Everyone inside the clinic.';
create policy add on clinic.doctors for insert to clinic_admin, clinic_superadmin
  with check (deleted_at is null
    and (user_id is null or exists (select from clinic.users u where u.id = user_id)));
comment on policy add on clinic.doctors is 'Administrators; a linked login is one of this clinic.';
create policy change on clinic.doctors for update to clinic_admin, clinic_superadmin
  using (deleted_at is null)
  with check (deleted_at is null
    and (user_id is null or exists (select from clinic.users u where u.id = user_id)));
comment on policy change on clinic.doctors is 'Administrators; a linked login is one of this clinic.';
create policy definer on clinic.doctors for select to clinic_definer, clinic_booker using (true);
comment on policy definer on clinic.doctors is 'Definer helpers, inside the clinic.';

grant select on clinic.doctors to clinic_patient, clinic_staff, clinic_nurse, clinic_doctor,
  clinic_admin, clinic_superadmin, clinic_worker, clinic_definer, clinic_booker;
grant insert on clinic.doctors to clinic_admin, clinic_superadmin;
grant update (user_id, full_name, employee_id, medical_registration_number, license_expiry,
              specializations, qualifications, languages_spoken, years_of_experience,
              consultation_fee, telemedicine_enabled, telemedicine_fee,
              consultation_duration_minutes, buffer_time_minutes, max_daily_appointments,
              advance_booking_days, room, break_times, blocked_dates, auto_accept_appointments,
              is_active, signature_image_url, profile_photo_url, bio)
  on clinic.doctors to clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.doctors');
