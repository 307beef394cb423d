-- Working hours: read by whoever sees the schedule, kept by administrators.
-- Hours end by effective_to; rows are not deleted, the history of a schedule stays. deleted_at is for
-- hours that were planned and never came.
call app.make_tenant_table('clinic.doctor_working_hours');
comment on table clinic.doctor_working_hours is 'Weekly hours of a doctor, in the wall clock of the clinic.';
create policy read on clinic.doctor_working_hours for select to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin, clinic_worker
  using (deleted_at is null);
comment on policy read on clinic.doctor_working_hours is 'Everyone who works in the clinic.';
create policy add on clinic.doctor_working_hours for insert to clinic_admin, clinic_superadmin
  with check (deleted_at is null);
comment on policy add on clinic.doctor_working_hours is 'Administrators.';
create policy change on clinic.doctor_working_hours for update to clinic_admin, clinic_superadmin
  using (deleted_at is null) with check (deleted_at is null);
comment on policy change on clinic.doctor_working_hours is 'Administrators.';
create policy definer on clinic.doctor_working_hours to clinic_booker using (true) with check (true);
comment on policy definer on clinic.doctor_working_hours is 'generate_slots and save_hours.';

grant select on clinic.doctor_working_hours to clinic_staff, clinic_nurse, clinic_doctor,
  clinic_admin, clinic_superadmin, clinic_worker, clinic_booker;
grant insert on clinic.doctor_working_hours to clinic_admin, clinic_superadmin;
grant update (weekday, starts, ends, every_weeks, week_of, effective_from, effective_to)
  on clinic.doctor_working_hours to clinic_admin, clinic_superadmin;
grant insert on clinic.doctor_working_hours to clinic_booker;
grant update (effective_from, effective_to, deleted_at) on clinic.doctor_working_hours to clinic_booker;

-- save_hours writes what of a doctor is about time.
create policy save_hours on clinic.doctors for update to clinic_booker using (true) with check (true);
comment on policy save_hours on clinic.doctors is 'save_hours; the grant says which columns.';
grant update (consultation_duration_minutes, buffer_before_minutes, buffer_time_minutes, break_times,
    lead_time_minutes, advance_booking_days, max_daily_appointments)
  on clinic.doctors to clinic_booker;
grant update (buffer_before_minutes, lead_time_minutes) on clinic.doctors
  to clinic_admin, clinic_superadmin;

-- undo
revoke update (buffer_before_minutes, lead_time_minutes) on clinic.doctors
  from clinic_admin, clinic_superadmin;
revoke update (consultation_duration_minutes, buffer_before_minutes, buffer_time_minutes, break_times,
    lead_time_minutes, advance_booking_days, max_daily_appointments)
  on clinic.doctors from clinic_booker;
drop policy save_hours on clinic.doctors;
call app.unmake_tenant_table('clinic.doctor_working_hours');
