-- Flags belong to the product, not to a clinic: deploys write them, everyone may ask. Nobody reads
-- for which clinics and people one is on: that would name other clinics.
comment on table clinic.feature_flags is 'Features of the product, on for all, some or none.';
grant select (id, name, description, is_enabled, rollout_percentage, configuration, created_at,
  updated_at) on clinic.feature_flags to clinic_staff, clinic_admin, clinic_superadmin;
grant select on clinic.feature_flags to clinic_definer;

create function app.feature_enabled(p_name text) returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce((
    select f.is_enabled and (
      f.enabled_for_clinics ? app.current_clinic_id()::text
      or f.enabled_for_users ? app.current_user_id()::text
      or f.rollout_percentage > mod(('x' || left(md5(f.name || app.current_clinic_id()::text), 7))::bit(28)::int, 100))
    from clinic.feature_flags f where f.name = p_name), false)
$$;
comment on function app.feature_enabled(text) is
  'Whether a feature is on for the clinic or user of the context: named, or within the rollout''s share of clinics. False for an unknown name.';
call app.make_definer('app.feature_enabled(text)');
grant execute on function app.feature_enabled(text) to clinic_patient, clinic_staff, clinic_nurse,
  clinic_doctor, clinic_admin, clinic_superadmin, clinic_worker;

-- undo
drop function app.feature_enabled(text);
revoke select on clinic.feature_flags from clinic_definer;
revoke select (id, name, description, is_enabled, rollout_percentage, configuration, created_at,
  updated_at) on clinic.feature_flags from clinic_staff, clinic_admin, clinic_superadmin;
