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

-- undo
call app.unmake_tenant_table('clinic.absences');
