-- The visits of an absence: read with it, written by the booking functions.
call app.make_tenant_table('clinic.absence_rows');
comment on table clinic.absence_rows is 'One visit of an absence: what was chosen for it and what became of it.';
create policy read on clinic.absence_rows for select to clinic_staff, clinic_admin, clinic_superadmin
  using (true);
comment on policy read on clinic.absence_rows is 'The desk and administrators.';
create policy read_own on clinic.absence_rows for select to clinic_doctor
  using (exists (
    select from clinic.absences a
    where a.clinic_id = absence_rows.clinic_id and a.id = absence_id));
comment on policy read_own on clinic.absence_rows is 'A doctor sees those of their own absences.';
create policy book on clinic.absence_rows to clinic_booker using (true) with check (true);
comment on policy book on clinic.absence_rows is 'The functions of an absence.';

grant select on clinic.absence_rows to clinic_staff, clinic_doctor, clinic_admin, clinic_superadmin;
grant select, insert on clinic.absence_rows to clinic_booker;
grant update (state, choice, slot_id, version, held_until, notice_id, code, handled_by, handled_at)
  on clinic.absence_rows to clinic_booker;

-- undo
call app.unmake_tenant_table('clinic.absence_rows');
