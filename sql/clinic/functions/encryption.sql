-- AES-256 with a key per clinic, authenticated. pgcrypto's raw CBC is not, so each text carries an
-- HMAC over everything and over the place that it belongs to: encrypt, then authenticate.
-- A text is base64 of: "RW", version of the key (4), initial vector (16), ciphertext, HMAC (32). Its
-- first eight letters are the same for all texts of a version.
create function app.sealed_prefix(p_version int) returns text
language sql immutable
as $$ select encode('\x5257'::bytea || int4send(p_version), 'base64') $$;
comment on function app.sealed_prefix(int) is 'The first eight letters of every text that a version of a key encrypted.';

create function app.sealed_version(p_sealed bytea) returns int
language sql immutable
as $$ select ('x' || encode(substr(p_sealed, 3, 4), 'hex'))::bit(32)::int $$;
comment on function app.sealed_version(bytea) is 'The version of the key that an encrypted text names.';

create function app.bound_to(p_clinic_id uuid, p_bind text) returns bytea
language plpgsql immutable
as $$
declare
  v_bound bytea := convert_to(p_clinic_id || ':' || coalesce(p_bind, ''), 'UTF8');
begin
  return int4send(octet_length(v_bound)) || v_bound;
end
$$;
comment on function app.bound_to(uuid, text) is 'What a text is authenticated with beside itself: its clinic and its place.';

create function app.seal(p_keys app.unlocked_keys, p_version int, p_plain text, p_bound bytea) returns text
language plpgsql volatile
as $$
declare
  v_vector bytea := public.gen_random_bytes(16);
  v_body bytea := '\x5257'::bytea || int4send(p_version) || v_vector || public.encrypt_iv(
    convert_to(p_plain, 'UTF8'), p_keys.cipher_key, v_vector, 'aes-cbc/pad:pkcs');
begin
  return translate(
    encode(v_body || public.hmac(p_bound || v_body, p_keys.mac_key, 'sha256'), 'base64'), E'\n', '');
end
$$;
comment on function app.seal(app.unlocked_keys, int, text, bytea) is 'Encrypts with the keys given. For clinic_keeper''s functions.';

create function app.unseal(p_keys app.unlocked_keys, p_sealed bytea, p_bound bytea) returns text
language plpgsql stable
as $$
declare
  v_body bytea := substr(p_sealed, 1, octet_length(p_sealed) - 32);
begin
  -- Hashes are compared, so that how long it takes says nothing of how much is right.
  if sha256(public.hmac(p_bound || v_body, p_keys.mac_key, 'sha256'))
      <> sha256(substr(p_sealed, octet_length(p_sealed) - 31)) then
    raise exception 'this was not encrypted here' using errcode = 'RW021';
  end if;
  return convert_from(public.decrypt_iv(
    substr(v_body, 23), p_keys.cipher_key, substr(v_body, 7, 16), 'aes-cbc/pad:pkcs'), 'UTF8');
end
$$;
comment on function app.unseal(app.unlocked_keys, bytea, bytea) is
  'Decrypts with the keys given; RW021 for whatever they did not encrypt for this place. For clinic_keeper''s functions.';

create function app.sealed_bytes(p_cipher text) returns bytea
language plpgsql immutable
as $$
declare
  v_bytes bytea;
begin
  if length(p_cipher) % 4 = 0 and p_cipher ~ '^Ulc[A-Za-z0-9+/]+={0,2}$' then
    v_bytes := decode(p_cipher, 'base64');
    -- Base64 has several spellings for the same bytes: only the one that we write counts.
    if octet_length(v_bytes) >= 70 and translate(encode(v_bytes, 'base64'), E'\n', '') = p_cipher then
      return v_bytes;
    end if;
  end if;
  raise exception 'this was not encrypted here' using errcode = 'RW021';
end
$$;
comment on function app.sealed_bytes(text) is 'The bytes of an encrypted text; RW021 if it has not the shape of one.';

create function app.unlocked(p_purpose text, p_version int) returns app.unlocked_keys
language plpgsql stable
as $$
declare
  v_keys app.unlocked_keys;
  v_state text;
begin
  select u.* into v_keys from app.clinic_keys k join app.unlocked_keys u on u.key_id = k.id
  where k.clinic_id = app.require_clinic_id() and k.purpose = p_purpose and k.version = p_version
    and k.state in ('active', 'old');
  if found then
    return v_keys;
  end if;
  select k.state into v_state from app.clinic_keys k
  where k.clinic_id = app.require_clinic_id() and k.purpose = p_purpose and k.version = p_version;
  if v_state in ('retired', 'destroyed') or (v_state is null and exists (
      select from app.clinic_keys k where k.clinic_id = app.require_clinic_id())) then
    raise exception 'this was not encrypted here' using errcode = 'RW021';
  end if;
  raise exception 'the keys of this clinic are locked' using errcode = 'RW020';
end
$$;
comment on function app.unlocked(text, int) is
  'The working copy of a key of the clinic of the context; RW001, RW020 while it is locked, RW021 if there is none. For clinic_keeper''s functions.';

create function app.active_version(p_purpose text) returns int
language plpgsql volatile
as $$
declare
  v_version int;
begin
  -- The share of the row is held to the end of the transaction: a key is not retired under a write.
  -- A second look, for the key that another transaction made active between snapshot and lock.
  for v_look in 1 .. 2 loop
    select k.version into v_version from app.clinic_keys k
    where k.clinic_id = app.require_clinic_id() and k.purpose = p_purpose and k.state = 'active'
    for key share;
    if found then
      return v_version;
    end if;
  end loop;
  raise exception 'the keys of this clinic are locked' using errcode = 'RW020';
end
$$;
comment on function app.active_version(text) is
  'The version that encrypts now in the clinic of the context; RW001, RW020 without one. For clinic_keeper''s functions.';
grant execute on function app.sealed_prefix(int), app.sealed_version(bytea), app.bound_to(uuid, text),
  app.seal(app.unlocked_keys, int, text, bytea), app.unseal(app.unlocked_keys, bytea, bytea),
  app.sealed_bytes(text), app.unlocked(text, int), app.active_version(text) to clinic_keeper;

create function app.encrypt_value(p_plain text, p_bind text) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bound bytea := app.bound_to(app.require_clinic_id(), p_bind);
  v_version int := app.active_version('data');
begin
  return case when p_plain is not null
    then app.seal(app.unlocked('data', v_version), v_version, p_plain, v_bound) end;
end
$$;
comment on function app.encrypt_value(text, text) is 'public.encrypt_sensitive_data, which stands in a schema where no narrow role can own it.';
call app.make_definer('app.encrypt_value(text, text)', 'clinic_keeper');

create function app.decrypt_value(p_cipher text, p_bind text) returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bound bytea := app.bound_to(app.require_clinic_id(), p_bind);
  v_sealed bytea;
begin
  if p_cipher is null then
    return null;
  end if;
  v_sealed := app.sealed_bytes(p_cipher);
  return app.unseal(app.unlocked('data', app.sealed_version(v_sealed)), v_sealed, v_bound);
end
$$;
comment on function app.decrypt_value(text, text) is 'public.decrypt_sensitive_data, which stands in a schema where no narrow role can own it.';
call app.make_definer('app.decrypt_value(text, text)', 'clinic_keeper');

create function public.encrypt_sensitive_data(p_plain text, p_bind text default '') returns text
language plpgsql volatile
as $$ begin return app.encrypt_value(p_plain, p_bind); end $$;
comment on function public.encrypt_sensitive_data(text, text) is
  'Encrypts for the clinic of the context and the place p_bind, as base64 on one line; null only for null. RW001, RW020 while the keys are locked.';

create function public.decrypt_sensitive_data(p_cipher text, p_bind text default '') returns text
language plpgsql stable
as $$ begin return app.decrypt_value(p_cipher, p_bind); end $$;
comment on function public.decrypt_sensitive_data(text, text) is
  'What encrypt_sensitive_data was given in this clinic for this place; null only for null. RW001, RW020 while the keys are locked, RW021 for anything else.';

grant execute on function app.encrypt_value(text, text), app.decrypt_value(text, text),
  public.encrypt_sensitive_data(text, text), public.decrypt_sensitive_data(text, text) to
  clinic_staff, clinic_admin, clinic_superadmin, clinic_worker, clinic_owner;

-- undo
drop function public.decrypt_sensitive_data(text, text);
drop function public.encrypt_sensitive_data(text, text);
drop function app.decrypt_value(text, text);
drop function app.encrypt_value(text, text);
drop function app.active_version(text);
drop function app.unlocked(text, int);
drop function app.sealed_bytes(text);
drop function app.unseal(app.unlocked_keys, bytea, bytea);
drop function app.seal(app.unlocked_keys, int, text, bytea);
drop function app.bound_to(uuid, text);
drop function app.sealed_version(bytea);
drop function app.sealed_prefix(int);
