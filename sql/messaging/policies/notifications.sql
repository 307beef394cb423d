-- Messages: queued by the desk, read by those they are for.
comment on table clinic.notifications is 'A message to one recipient over one channel.';
call app.make_tenant_table('clinic.notifications');
create policy read on clinic.notifications for select to clinic_staff, clinic_admin, clinic_superadmin
  using (true);
comment on policy read on clinic.notifications is 'The desk and administrators.';
create policy read_own on clinic.notifications for select to clinic_patient, clinic_nurse, clinic_doctor
  using (user_id = (select app.current_user_id()));
comment on policy read_own on clinic.notifications is 'Messages to oneself.';
create policy add on clinic.notifications for insert to clinic_staff, clinic_admin, clinic_superadmin
  with check (status = 'pending');
comment on policy add on clinic.notifications is 'A message starts unsent.';

grant select on clinic.notifications to clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;
grant insert on clinic.notifications to clinic_staff, clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.notifications');
