-- Which clinics there are, for jobs and operators: each then enters one clinic at a time, through a
-- context. Code and time zone are no secret; nothing else of a clinic is told.
create function app.clinic_ids() returns table (id uuid, code text, time_zone text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select c.id, c.code, c.time_zone
  from clinic.clinics c
  where c.is_active and c.deleted_at is null
  order by c.code
$$;
comment on function app.clinic_ids() is 'Active clinics with code and IANA time zone, by code.';
call app.make_definer('app.clinic_ids()', 'clinic_authenticator');
grant execute on function app.clinic_ids() to clinic_app, clinic_worker;

-- undo
drop function app.clinic_ids();
