-- Who did what with an absence, and the answer that a repeat of it gets.
call app.make_tenant_table('clinic.absence_runs');
comment on table clinic.absence_runs is 'One thing that somebody did with an absence, once per idempotency key.';
create policy read on clinic.absence_runs for select to clinic_staff, clinic_admin, clinic_superadmin
  using (true);
comment on policy read on clinic.absence_runs is 'The desk and administrators; the grant leaves out the keys.';
create policy book on clinic.absence_runs to clinic_booker using (true) with check (true);
comment on policy book on clinic.absence_runs is 'The functions of an absence.';

grant select (id, clinic_id, absence_id, action, answer, messages_due_at, done_by, created_at)
  on clinic.absence_runs to clinic_staff, clinic_admin, clinic_superadmin;
grant select, insert on clinic.absence_runs to clinic_booker;

-- undo
call app.unmake_tenant_table('clinic.absence_runs');
