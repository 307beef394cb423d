-- Who may work here, and as what. The one table that decides a role.
alter table clinic.memberships enable row level security;
alter table clinic.memberships force row level security;
comment on table clinic.memberships is 'Who may work in a clinic, and as what: one row per role.';
create policy tenant_isolation on clinic.memberships as restrictive to public
  using (clinic_id = (select app.current_clinic_id()) or current_user = 'clinic_authenticator')
  with check (clinic_id = (select app.current_clinic_id()));
comment on policy tenant_isolation on clinic.memberships is 'A membership is its clinic''s; the login functions see all.';
create policy owner_all on clinic.memberships to clinic_owner using (true) with check (true);
comment on policy owner_all on clinic.memberships is 'The owner sees all of the clinic whose context it is in.';
create policy login on clinic.memberships for select to clinic_authenticator using (true);
comment on policy login on clinic.memberships is 'The login functions list where a user may work.';
create policy definer on clinic.memberships for select to clinic_definer using (true);
comment on policy definer on clinic.memberships is 'Definer helpers, inside the clinic.';
create policy read on clinic.memberships for select to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin using (true);
comment on policy read on clinic.memberships is 'Colleagues know each other''s roles.';
create policy read_own on clinic.memberships for select to clinic_patient
  using (user_id = (select app.current_user_id()));
comment on policy read_own on clinic.memberships is 'A patient sees their own membership.';
-- The sub-select runs under the policies of users: only logins whose home is this clinic are there.
create policy add on clinic.memberships for insert to clinic_admin, clinic_superadmin
  with check (role <> 'superadmin' and user_id <> (select app.current_user_id())
    and exists (select from clinic.users u where u.id = user_id));
comment on policy add on clinic.memberships is 'Administrators let logins of their own clinic in, never themselves.';
create policy change on clinic.memberships for update to clinic_admin, clinic_superadmin
  using (role <> 'superadmin' and user_id <> (select app.current_user_id()))
  with check (role <> 'superadmin' and user_id <> (select app.current_user_id()));
comment on policy change on clinic.memberships is 'Nobody changes their own role, nobody makes a superadmin.';

grant select on clinic.memberships to clinic_patient, clinic_staff, clinic_nurse, clinic_doctor,
  clinic_admin, clinic_superadmin, clinic_definer;
grant insert on clinic.memberships to clinic_admin, clinic_superadmin;
grant update (role, is_active) on clinic.memberships to clinic_admin, clinic_superadmin;
grant select (clinic_id, user_id, role, is_active) on clinic.memberships to clinic_authenticator;

-- undo
call app.unmake_tenant_table('clinic.memberships');
