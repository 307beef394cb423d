-- How a key comes into the database without standing in a statement, a parameter or a log: the
-- database makes a key for one journey and gives it as a result, which nothing logs; what comes back
-- is a parameter encrypted with it. A key enters only if it is the one whose fingerprint is kept.
-- In plpgsql throughout, and with generic plans: auto_explain can log what a function in SQL is
-- called with, and the constants of a plan that was made for one call.
create function app.clinic_keyring()
returns table (id uuid, purpose text, version int, state text, wrapped bytea, wrapped_by text, unlocked boolean)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select k.id, k.purpose, k.version, k.state, k.wrapped, k.wrapped_by,
    exists (select from app.unlocked_keys u where u.key_id = k.id)
  from app.clinic_keys k where k.clinic_id = app.require_clinic_id()
  order by k.purpose, k.version
$$;
comment on function app.clinic_keyring() is 'The keys of the clinic of the context, wrapped, and whether each is unlocked; RW001.';
call app.make_definer('app.clinic_keyring()', 'clinic_keeper');

create function app.open_transport() returns table (transport_id uuid, one_time_key bytea)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform app.require_clinic_id();
  return query insert into app.key_transports as t (one_time_key)
    values (public.gen_random_bytes(32)) returning t.id, t.one_time_key;
end
$$;
comment on function app.open_transport() is 'A key of 32 random bytes for sending one key within this transaction; RW001.';
call app.make_definer('app.open_transport()', 'clinic_keeper');

create function app.receive_key(p_transport_id uuid, p_sent bytea) returns bytea
language plpgsql volatile
as $$
declare
  v_once bytea;
begin
  -- A known answer (FIPS 197, C.3): an OpenSSL that refuses AES made older pgcrypto only pretend.
  if public.encrypt('\x00112233445566778899aabbccddeeff', decode('000102030405060708090a0b0c0d0e0f'
      || '101112131415161718191a1b1c1d1e1f', 'hex'), 'aes-ecb/pad:none')
      <> '\x8ea2b7ca516745bfeafc49904b496089' then
    raise exception 'this server does not encrypt with AES-256' using errcode = 'RW021';
  end if;
  delete from app.key_transports where id = p_transport_id returning one_time_key into v_once;
  if not found or octet_length(p_sent) <> 32 then
    raise exception 'no key was to be sent in this way' using errcode = 'RW021';
  end if;
  return public.decrypt(p_sent, v_once, 'aes-cbc/pad:none');
end
$$;
comment on function app.receive_key(uuid, bytea) is
  'The 32 bytes that were sent, AES-256-CBC with the key of the journey and a zero vector; RW021. For clinic_keeper''s functions.';

create function app.fingerprint(p_key bytea) returns bytea
language plpgsql immutable
as $$ begin return public.hmac('fingerprint', p_key, 'sha256'); end $$;
comment on function app.fingerprint(bytea) is 'What tells a key from another and says nothing of it. For clinic_keeper''s functions.';

create function app.keep_unlocked(p_key_id uuid, p_key bytea) returns void
language plpgsql volatile
set plan_cache_mode = force_generic_plan
as $$
begin
  insert into app.unlocked_keys (key_id, cipher_key, mac_key)
  values (p_key_id, public.hmac('cipher', p_key, 'sha256'), public.hmac('mac', p_key, 'sha256'))
  on conflict (key_id) do update set cipher_key = excluded.cipher_key, mac_key = excluded.mac_key;
end
$$;
comment on function app.keep_unlocked(uuid, bytea) is 'Keeps the two keys that are derived from a key. For clinic_keeper''s functions.';
grant execute on function app.receive_key(uuid, bytea), app.fingerprint(bytea),
  app.keep_unlocked(uuid, bytea) to clinic_keeper;

create function app.unlock_key(p_key_id uuid, p_transport_id uuid, p_sent bytea) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  v_key bytea := app.receive_key(p_transport_id, p_sent);
  v_fingerprint bytea;
begin
  select k.fingerprint into v_fingerprint from app.clinic_keys k
  where k.clinic_id = app.require_clinic_id() and k.id = p_key_id and k.state in ('active', 'old')
  for key share;
  if not found or v_fingerprint <> app.fingerprint(v_key) then
    raise exception 'this is not that key of this clinic' using errcode = 'RW021';
  end if;
  perform app.keep_unlocked(p_key_id, v_key);
end
$$;
comment on function app.unlock_key(uuid, uuid, bytea) is
  'Brings a working copy of a key of the clinic of the context; RW001, RW021 if it is another.';
call app.make_definer('app.unlock_key(uuid, uuid, bytea)', 'clinic_keeper');

create function app.add_key(p_purpose text, p_version int, p_wrapped bytea, p_wrapped_by text,
  p_transport_id uuid, p_sent bytea) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  v_clinic_id uuid := app.require_clinic_id();
  v_key bytea := app.receive_key(p_transport_id, p_sent);
  v_id uuid;
begin
  if p_version <> 1 + coalesce((select max(version) from app.clinic_keys
      where clinic_id = v_clinic_id and purpose = p_purpose), 0) then
    raise exception 'somebody else has just added a key' using errcode = '40001';
  end if;
  update app.clinic_keys set state = 'old'
  where clinic_id = v_clinic_id and purpose = p_purpose and state = 'active';
  insert into app.clinic_keys (clinic_id, purpose, version, wrapped, wrapped_by, fingerprint)
  values (v_clinic_id, p_purpose, p_version, p_wrapped, p_wrapped_by, app.fingerprint(v_key))
  returning id into v_id;
  perform app.keep_unlocked(v_id, v_key);
  return v_id;
end
$$;
comment on function app.add_key(text, int, bytea, text, uuid, bytea) is
  'Adds the next version of a key to the clinic of the context and makes it the active one; returns its id. RW001, RW021, 40001 when another was faster.';
call app.make_definer('app.add_key(text, int, bytea, text, uuid, bytea)', 'clinic_keeper');

create function app.rewrap_key(p_key_id uuid, p_wrapped bytea, p_wrapped_by text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update app.clinic_keys set wrapped = p_wrapped, wrapped_by = p_wrapped_by
  where clinic_id = app.require_clinic_id() and id = p_key_id and state in ('active', 'old');
  if not found then
    raise exception 'no such key in this clinic' using errcode = 'RW003';
  end if;
end
$$;
comment on function app.rewrap_key(uuid, bytea, text) is 'Keeps the same key under another master key; RW001, RW003.';
call app.make_definer('app.rewrap_key(uuid, bytea, text)', 'clinic_keeper');

create function app.lock_keys() returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_count int;
begin
  delete from app.unlocked_keys u using app.clinic_keys k
  where k.clinic_id = app.require_clinic_id() and u.key_id = k.id;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function app.lock_keys() is 'Takes the working copies of the clinic of the context away until they are brought again; returns how many. RW001.';
call app.make_definer('app.lock_keys()', 'clinic_keeper');

grant execute on function app.clinic_keyring(), app.open_transport(),
  app.unlock_key(uuid, uuid, bytea), app.add_key(text, int, bytea, text, uuid, bytea)
  to clinic_worker, clinic_owner;
grant execute on function app.rewrap_key(uuid, bytea, text), app.lock_keys() to clinic_owner;

-- undo
drop function app.lock_keys();
drop function app.rewrap_key(uuid, bytea, text);
drop function app.add_key(text, int, bytea, text, uuid, bytea);
drop function app.unlock_key(uuid, uuid, bytea);
drop function app.keep_unlocked(uuid, bytea);
drop function app.fingerprint(bytea);
drop function app.receive_key(uuid, bytea);
drop function app.open_transport();
drop function app.clinic_keyring();
