-- An absence names who is away and why: the desk works through it, doctors see their own.
call app.make_tenant_table('clinic.absences');
comment on table clinic.absences is 'Time that a doctor cannot work after all, with leave for it and the visits that it concerns.';
create policy read on clinic.absences for select to clinic_staff, clinic_admin, clinic_superadmin
  using (true);
comment on policy read on clinic.absences is 'The desk and administrators.';
create policy read_own on clinic.absences for select to clinic_doctor
  using (doctor_id = any (array(select app.own_doctor_ids())));
comment on policy read_own on clinic.absences is 'A doctor sees their own.';
create policy book on clinic.absences to clinic_booker using (true) with check (true);
comment on policy book on clinic.absences is 'The functions of an absence.';

grant select on clinic.absences to clinic_staff, clinic_doctor, clinic_admin, clinic_superadmin;
grant select, insert on clinic.absences to clinic_booker;
grant update (version, leave_ids, undo_until, undone_at, undone_by) on clinic.absences to clinic_booker;

-- What the absence is recorded as: leave, and nothing new can be booked in it.
create policy absent on clinic.doctor_leave for insert to clinic_booker with check (true);
comment on policy absent on clinic.doctor_leave is 'An absence is leave.';
create policy withdraw on clinic.doctor_leave for update to clinic_booker
  using (true) with check (true);
comment on policy withdraw on clinic.doctor_leave is 'An absence that is taken back.';
grant insert, update (deleted_at) on clinic.doctor_leave to clinic_booker;

-- undo
revoke insert, update (deleted_at) on clinic.doctor_leave from clinic_booker;
drop policy withdraw on clinic.doctor_leave;
drop policy absent on clinic.doctor_leave;
call app.unmake_tenant_table('clinic.absences');
