-- The one SQL door to the context. A plain setting is no boundary: any SQL that gets into a
-- session can write it. So only app.context opens anything: it is signed, it expires, and it holds
-- only under the role that was signed. Whatever is wrong with it, it is no context.
create function app.context_claims() returns text[]
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  -- version . key id . expiry (unix seconds) . role . clinic . user . signature (hex)
  v_context text := current_setting('app.context', true);
  v_part text[] := string_to_array(v_context, '.');
begin
  -- One look, for every transaction comes here and sets up each one anew. Inside a definer
  -- function current_user is its owner; the setting still is the role in force.
  if (length(v_context) <= 300 and cardinality(v_part) = 7 and v_part[1] = 'v1'
      and current_setting('role') = 'clinic_' || v_part[4]) is not true
    or v_part[7] is distinct from (
      select encode(sha256(outer_pad || sha256(inner_pad ||
        convert_to(left(v_context, -1 - length(v_part[7])), 'UTF8'))), 'hex')
      from app.context_keys where id = v_part[2]) then
    return null;
  end if;
  -- Not above: what is planned with the value at hand casts it at once, signed or not.
  return case when v_part[3]::bigint >= extract(epoch from now()) then v_part end;
end
$$;
comment on function app.context_claims() is
  'The verified parts of app.context, or null: forged, expired, truncated or under another role is no context.';
call app.make_definer('app.context_claims()');

-- The booking functions read many tables in one call. They verify once, by app.enter(), and note the
-- clinic in a setting which counts for their owner only: nobody else can be clinic_booker, and a
-- test holds every function of that role to entering first.
create function app.enter() returns text[]
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.context_claims();
  -- Not by PERFORM, which would be a statement of its own.
  v_noted text := set_config('app.entered_clinic_id', coalesce(v_claims[5], ''), true);
begin
  return v_claims;
end
$$;
comment on function app.enter() is 'Verifies the context once for all statements of a function of clinic_booker; returns its parts or null.';
call app.make_definer('app.enter()');
grant execute on function app.enter() to clinic_booker;

-- plpgsql, as every policy calls it: a function in SQL would be parsed into each of their plans.
create function app.current_clinic_id() returns uuid
language plpgsql stable parallel restricted
as $$
begin
  if current_user = 'clinic_booker' then
    return nullif(current_setting('app.entered_clinic_id', true), '');
  end if;
  return (app.context_claims())[5];
end
$$;
comment on function app.current_clinic_id() is 'The clinic of the verified context, or null.';

create function app.current_user_id() returns uuid
language sql stable parallel restricted
as $$ select nullif((app.context_claims())[6], '')::uuid $$;
comment on function app.current_user_id() is 'The user of the verified context, or null.';

create function app.current_role() returns text
language sql stable parallel restricted
as $$ select (app.context_claims())[4] $$;
comment on function app.current_role() is 'The role of the verified context (a value of user_role, worker or owner), or null.';

create function app.require_clinic_id() returns uuid
language plpgsql stable
as $$
declare
  v_clinic_id uuid := app.current_clinic_id();
begin
  if v_clinic_id is null then
    raise exception 'no clinic: this needs a tenant context' using errcode = 'RW001';
  end if;
  return v_clinic_id;
end
$$;
comment on function app.require_clinic_id() is 'The clinic of the verified context; RW001 without one.';

create function public.get_my_role() returns text
language sql stable
as $$ select current_user::text $$;
comment on function public.get_my_role() is 'The database role in force.';

create function app.nil_uuid() returns uuid
language sql immutable parallel safe
as $$ select '00000000-0000-0000-0000-000000000000'::uuid $$;
comment on function app.nil_uuid() is
  'Stands for no clinic (the chain of entries of none, the worker of all) and for no user (a job''s keys).';
grant execute on function app.nil_uuid() to
  clinic_sealer, clinic_archivist, clinic_dispatcher, clinic_booker;

grant execute on function app.context_claims(), app.current_clinic_id(), app.current_user_id(),
  app.current_role(), app.require_clinic_id(), public.get_my_role() to
  clinic_app, clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin,
  clinic_superadmin, clinic_worker, clinic_owner, clinic_authenticator, clinic_auditor,
  clinic_definer, clinic_booker, clinic_receiver, clinic_dispatcher, clinic_sealer,
  clinic_archivist;

-- undo
drop function app.nil_uuid();
drop function public.get_my_role();
drop function app.require_clinic_id();
drop function app.current_role();
drop function app.current_user_id();
drop function app.current_clinic_id();
drop function app.enter();
drop function app.context_claims();
