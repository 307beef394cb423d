-- Settings: of the clinic, or of all clinics where clinic_id is null. Deploys keep the global ones.
comment on table clinic.system_settings is 'Settings of a clinic, or of all where clinic_id is null.';
alter table clinic.system_settings enable row level security;
alter table clinic.system_settings force row level security;
create policy tenant_isolation on clinic.system_settings as restrictive to public
  using (clinic_id = (select app.current_clinic_id()) or clinic_id is null)
  with check (clinic_id = (select app.current_clinic_id())
    or (clinic_id is null and current_user = 'clinic_owner'));
comment on policy tenant_isolation on clinic.system_settings is 'A clinic''s own settings and the global ones; only a deploy writes those.';
create policy owner_all on clinic.system_settings to clinic_owner using (true) with check (true);
comment on policy owner_all on clinic.system_settings is 'The owner sees the clinic whose context it is in, and the global settings.';
create policy read on clinic.system_settings for select to clinic_staff, clinic_admin, clinic_superadmin, clinic_worker
  using ((select app.current_clinic_id()) is not null);
comment on policy read on clinic.system_settings is 'The desk, administrators and jobs, inside a clinic: without one the global rows are closed too.';
create policy read_public on clinic.system_settings for select to clinic_patient, clinic_nurse, clinic_doctor
  using (is_public and (select app.current_clinic_id()) is not null);
comment on policy read_public on clinic.system_settings is 'Public settings, inside a clinic.';
create policy add on clinic.system_settings for insert to clinic_admin, clinic_superadmin
  with check (not is_encrypted and updated_by = (select app.current_user_id()));
comment on policy add on clinic.system_settings is 'Administrators set their clinic''s own value.';
create policy change on clinic.system_settings for update to clinic_admin, clinic_superadmin
  using (not is_encrypted) with check (not is_encrypted);
comment on policy change on clinic.system_settings is 'Administrators change their clinic''s own values.';

grant select on clinic.system_settings to clinic_patient, clinic_staff, clinic_nurse, clinic_doctor,
  clinic_admin, clinic_superadmin, clinic_worker;
grant insert on clinic.system_settings to clinic_admin, clinic_superadmin;
grant update (value, description, is_public, updated_by) on clinic.system_settings
  to clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.system_settings');
