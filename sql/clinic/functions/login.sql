-- Who is at the door: looked up before a clinic is known, by the login role of the site alone.
-- Owned by clinic_authenticator, which sees these columns of users, memberships and clinics only.
-- Being that login is not enough: SQL that gets into a page may take its role off, or end its
-- transaction, and is the login again. So the door asks for a pass that the site signs for each call,
-- with the keys that sign contexts: SQL can neither make one nor find one.
create function app.at_the_door(p_pass text) returns boolean
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  -- version . key id . expiry (unix seconds) . door . signature (hex)
  v_part text[] := string_to_array(p_pass, '.');
begin
  if (length(p_pass) <= 150 and cardinality(v_part) = 5 and v_part[1] = 'v1'
      and v_part[4] = 'door') is not true
    or v_part[5] is distinct from (
      select encode(sha256(outer_pad || sha256(inner_pad ||
        convert_to(left(p_pass, -1 - length(v_part[5])), 'UTF8'))), 'hex')
      from app.context_keys where id = v_part[2]) then
    raise exception 'this is for before a clinic is entered' using errcode = 'RW002';
  end if;
  -- Not above: see app.context_claims.
  if v_part[3]::bigint < extract(epoch from now()) then
    raise exception 'the pass for the door has expired' using errcode = 'RW002';
  end if;
  return true;
end
$$;
comment on function app.at_the_door(text) is
  'True for a pass that the site has signed for the door within its lifetime; RW002 for anything else.';
call app.make_definer('app.at_the_door(text)');
grant execute on function app.at_the_door(text) to clinic_authenticator, clinic_sealer;

create function app.login_candidates(p_pass text, p_email text)
returns table (id uuid, password_hash text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select u.id, u.password_hash
  from clinic.users u
  where app.at_the_door(p_pass) and u.email_key = lower(p_email) and u.is_active and u.deleted_at is null
    and u.password_hash is not null
  order by u.created_at, u.id
  limit 5
$$;
comment on function app.login_candidates(text, text) is
  'Active users with this e-mail address (it is unique per clinic), for checking a password.';
call app.make_definer('app.login_candidates(text, text)', 'clinic_authenticator');

create function app.session_user(p_pass text, p_user_id uuid)
returns table (id uuid, clinic_id uuid, email text, full_name text, role text, language text,
               session_stamp text)
language plpgsql stable security definer  -- every page asks this: in SQL it is planned each time
set search_path = pg_catalog, pg_temp
as $$
begin
  perform app.at_the_door(p_pass);
  return query
    select u.id, u.clinic_id, u.email::text, u.full_name::text, u.role::text, u.language::text,
           encode(sha256(convert_to(coalesce(u.password_hash, ''), 'UTF8')), 'hex')
    from clinic.users u
    where u.id = p_user_id and u.is_active and u.deleted_at is null;
end
$$;
comment on function app.session_user(text, uuid) is
  'The user of a live session; session_stamp changes with the password, which ends older sessions.';
call app.make_definer('app.session_user(text, uuid)', 'clinic_authenticator');

create function app.user_memberships(p_pass text, p_user_id uuid)
returns table (clinic_id uuid, code text, name text, branch_name text, time_zone text,
               currency text, slot_step_minutes int, roles text[], reason text)
language plpgsql stable security definer  -- as app.session_user
set search_path = pg_catalog, pg_temp
as $$
begin
  perform app.at_the_door(p_pass);
  return query
    select c.id, c.code::text, c.name::text, c.branch_name::text, c.time_zone::text,
           c.currency::text, c.slot_step_minutes,
           array_agg(distinct w.role order by w.role desc)::text[],
           coalesce((array_agg(w.reason order by w.since desc) filter (where w.reason <> ''))[1], '')
    from (
      select m.clinic_id, m.role, '' as reason, null::timestamptz as since
      from clinic.memberships m
      where m.user_id = p_user_id and m.is_active and m.role <> 'superadmin'
      union all
      select e.clinic_id, u.role, e.reason, e.entered_at
      from clinic.clinic_entries e join clinic.users u on u.id = e.user_id
      where e.user_id = p_user_id and e.expires_at > now() and u.role = 'superadmin'
    ) w join clinic.clinics c on c.id = w.clinic_id
    where c.is_active and c.deleted_at is null
    group by c.id
    order by c.name, c.code;
end
$$;
comment on function app.user_memberships(text, uuid) is
  'The clinics a user may enter, with every role held there, strongest first; a superadmin those entered within the hour, and why.';
call app.make_definer('app.user_memberships(text, uuid)', 'clinic_authenticator');

create function app.login_blocked(p_pass text, p_email text, p_ip inet) returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from app.login_failures
    where app.at_the_door(p_pass) and email = lower(p_email) and ip = p_ip and failures >= 10
      and last_at > now() - interval '15 minutes')
$$;
comment on function app.login_blocked(text, text, inet) is
  'Ten failures from one address for one mailbox within 15 minutes of the last.';
call app.make_definer('app.login_blocked(text, text, inet)', 'clinic_authenticator');

create function app.record_login(p_pass text, p_email text, p_ip inet, p_user_id uuid)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform app.at_the_door(p_pass);
  if p_user_id is null then
    insert into app.login_failures as f (email, ip) values (lower(p_email), p_ip)
    on conflict (email, ip) do update set
      failures = case when f.last_at < now() - interval '15 minutes' then 1 else f.failures + 1 end,
      last_at = now();
    return;
  end if;
  delete from app.login_failures where email = lower(p_email) and ip = p_ip;
  update clinic.users set last_login_at = now(), last_login_ip = p_ip where id = p_user_id;
end
$$;
comment on function app.record_login(text, text, inet, uuid) is
  'Notes a login, or a failed one when the user is null.';
call app.make_definer('app.record_login(text, text, inet, uuid)', 'clinic_authenticator');

grant execute on function app.login_candidates(text, text), app.session_user(text, uuid),
  app.user_memberships(text, uuid), app.login_blocked(text, text, inet),
  app.record_login(text, text, inet, uuid) to clinic_app;

-- undo
drop function app.record_login(text, text, inet, uuid);
drop function app.login_blocked(text, text, inet);
drop function app.user_memberships(text, uuid);
drop function app.session_user(text, uuid);
drop function app.login_candidates(text, text);
drop function app.at_the_door(text);
