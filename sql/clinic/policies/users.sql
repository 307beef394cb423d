-- Logins. Nobody reads a secret column, nobody changes their own role, clinic, lock or verification.
alter table clinic.users enable row level security;
alter table clinic.users force row level security;
comment on table clinic.users is 'A login and its person, with a home clinic; where it may work is in memberships.';
create policy tenant_isolation on clinic.users as restrictive to public
  using (clinic_id = (select app.current_clinic_id()) or current_user = 'clinic_authenticator')
  with check (clinic_id = (select app.current_clinic_id()) or current_user = 'clinic_authenticator');
comment on policy tenant_isolation on clinic.users is 'A login is seen in its home clinic; the login functions see all.';
create policy owner_all on clinic.users to clinic_owner using (true) with check (true);
comment on policy owner_all on clinic.users is 'The owner sees all of the clinic whose context it is in.';
create policy login on clinic.users to clinic_authenticator using (true) with check (true);
comment on policy login on clinic.users is 'The login functions find a user and note the login.';
create policy definer on clinic.users to clinic_definer using (true) with check (true);
comment on policy definer on clinic.users is 'Definer helpers, inside the clinic.';
create policy read on clinic.users for select to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin
  using (deleted_at is null);
comment on policy read on clinic.users is 'Colleagues know each other.';
create policy read_own on clinic.users for select to clinic_patient
  using (id = (select app.current_user_id()) and deleted_at is null);
comment on policy read_own on clinic.users is 'A patient sees their own login.';
create policy change_own on clinic.users for update to
  clinic_patient, clinic_staff, clinic_nurse, clinic_doctor
  using (id = (select app.current_user_id())) with check (id = (select app.current_user_id()));
comment on policy change_own on clinic.users is 'One''s own contact details and preferences; the grant says which.';
create policy change on clinic.users for update to clinic_admin, clinic_superadmin
  using (role <> 'superadmin') with check (role <> 'superadmin');
comment on policy change on clinic.users is 'Administrators keep their clinic''s logins, superadmins'' aside.';
create policy add on clinic.users for insert to clinic_admin, clinic_superadmin
  with check (role <> 'superadmin' and not is_verified and email_verified_at is null
    and phone_verified_at is null and two_factor_secret is null and refresh_token is null
    and locked_until is null);
comment on policy add on clinic.users is 'A new login starts unverified and is no superadmin.';

grant select (id, clinic_id, email, email_key, phone, full_name, display_name, role, is_active,
              is_verified, email_verified_at, phone_verified_at, two_factor_enabled, last_login_at,
              last_login_ip, failed_login_attempts, locked_until, password_changed_at,
              notification_preferences, language, timezone, created_at, updated_at, deleted_at)
  on clinic.users to clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin,
  clinic_superadmin, clinic_definer;
grant insert on clinic.users to clinic_admin, clinic_superadmin;
grant update (phone, display_name, notification_preferences, language, timezone)
  on clinic.users to clinic_patient, clinic_staff, clinic_nurse, clinic_doctor;
grant update (email, phone, full_name, display_name, is_active, notification_preferences, language,
              timezone)
  on clinic.users to clinic_admin, clinic_superadmin;
grant update (password_hash, password_changed_at) on clinic.users to clinic_definer;
grant select (id, clinic_id, email, email_key, full_name, role, language, password_hash, is_active,
              created_at, deleted_at)
  on clinic.users to clinic_authenticator;
grant update (last_login_at, last_login_ip) on clinic.users to clinic_authenticator;

-- undo
call app.unmake_tenant_table('clinic.users');
