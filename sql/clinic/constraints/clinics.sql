-- What a CHECK of Django cannot say: a zone that PostgreSQL knows, and JSON of the right shape.
create function clinic.is_time_zone(p_name text) returns boolean
language plpgsql immutable strict parallel safe
as $$
begin
  perform timestamptz '2026-01-01 00:00+00' at time zone p_name;
  return p_name ~ '/' or p_name = 'UTC';
exception when invalid_parameter_value then
  return false;
end
$$;
comment on function clinic.is_time_zone(text) is 'Whether PostgreSQL knows this IANA time zone. Immutable in practice: zones are not withdrawn.';
grant execute on function clinic.is_time_zone(text) to clinic_admin, clinic_superadmin, clinic_authenticator, clinic_definer;
alter table clinic.clinics
  add constraint clinics_time_zone check (clinic.is_time_zone(time_zone)),
  add constraint clinics_json check (
    jsonb_typeof(operating_hours) = 'object' and jsonb_typeof(services) = 'array'
    and jsonb_typeof(facilities) = 'array' and jsonb_typeof(settings) = 'object');

-- undo
alter table clinic.clinics drop constraint clinics_json, drop constraint clinics_time_zone;
drop function clinic.is_time_zone(text);
