-- What the session store of the site calls (clinic/sessions.py), before any clinic is known.
create function app.load_session(p_key text) returns text
language plpgsql stable security definer  -- as app.session_user
set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select data from app.sessions
    where key_hash = sha256(convert_to(p_key, 'UTF8')) and expires_at > now());
end
$$;
comment on function app.load_session(text) is 'The data of a live session, or null.';
call app.make_definer('app.load_session(text)', 'clinic_authenticator');

create function app.save_session(p_key text, p_data text, p_expires_at timestamptz, p_mode text)
returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_hash bytea := sha256(convert_to(p_key, 'UTF8'));
begin
  if p_mode in ('update', 'upsert') then
    update app.sessions set data = p_data, expires_at = p_expires_at where key_hash = v_hash;
    if found or p_mode = 'update' then
      return found;
    end if;
  end if;
  insert into app.sessions (key_hash, data, expires_at) values (v_hash, p_data, p_expires_at)
  on conflict do nothing;
  return found;
end
$$;
comment on function app.save_session(text, text, timestamptz, text) is
  'Writes a session; mode is insert, update or upsert. False when the mode did not fit.';
call app.make_definer('app.save_session(text, text, timestamptz, text)', 'clinic_authenticator');

create function app.delete_session(p_key text) returns void
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$ delete from app.sessions where key_hash = sha256(convert_to(p_key, 'UTF8')) $$;
comment on function app.delete_session(text) is 'Ends a session.';
call app.make_definer('app.delete_session(text)', 'clinic_authenticator');

create function app.purge_sessions() returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  delete from app.login_failures where last_at < now() - interval '1 day';
  delete from app.sessions where expires_at < now();
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function app.purge_sessions() is 'Deletes expired sessions and old login failures; returns how many sessions.';
call app.make_definer('app.purge_sessions()', 'clinic_authenticator');

grant execute on function app.load_session(text),
  app.save_session(text, text, timestamptz, text), app.delete_session(text),
  app.purge_sessions() to clinic_app;
grant execute on function app.purge_sessions() to clinic_worker;

-- undo
drop function app.purge_sessions();
drop function app.delete_session(text);
drop function app.save_session(text, text, timestamptz, text);
drop function app.load_session(text);
