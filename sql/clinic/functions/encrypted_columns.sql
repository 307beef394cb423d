-- The columns that are kept encrypted, and the only ways to write and to read them. No role of the
-- site may select one. A value's place, which it is bound to, is 'schema.table.column:row id'.
-- Who adds a column adds it here, with the two policies and the grants below.
create function app.encrypted_columns()
returns table (place text, writers text[], readers text[], live text, index_column text)
language sql immutable
as $$
  values
    ('clinic.patients.nric_encrypted', '{owner,staff,admin,superadmin}'::text[],
      '{staff,admin,superadmin}'::text[], 'deleted_at is null', 'nric_hash'),
    ('clinic.patients.passport_number_encrypted', '{owner,staff,admin,superadmin}',
      '{staff,admin,superadmin}', 'deleted_at is null', null),
    ('clinic.patients.chas_card_number_encrypted', '{owner,staff,admin,superadmin}',
      '{staff,admin,superadmin}', 'deleted_at is null', null),
    ('clinic.patients.insurance_policy_number_encrypted', '{owner,staff,admin,superadmin}',
      '{staff,admin,superadmin}', 'deleted_at is null', null),
    ('clinic.insurance_claims.policy_number_encrypted', '{owner,staff,admin,superadmin}',
      '{staff,admin,superadmin}', 'deleted_at is null', null),
    ('clinic.integration_webhooks.secret_encrypted', '{owner,admin,superadmin}', '{worker}', 'true',
      null),
    ('clinic.users.two_factor_secret', '{patient,doctor,nurse,staff,admin,superadmin}',
      '{patient,doctor,nurse,staff,admin,superadmin}',
      'deleted_at is null and id = app.current_user_id()', null)
$$;
comment on function app.encrypted_columns() is
  'Every encrypted column: which roles of a context write it, which see it in full, which rows are live to them, and where its blind index is.';

create function app.encrypted_column(p_place text) returns record
language plpgsql stable
as $$
declare
  v_found record;
begin
  select c.*, split_part(c.place, '.', 1) || '.' || split_part(c.place, '.', 2) as relation,
    split_part(c.place, '.', 3) as attribute into v_found
  from app.encrypted_columns() c where c.place = p_place;
  if not found then
    raise exception 'no such encrypted column' using errcode = 'RW003';
  end if;
  return v_found;
end
$$;
comment on function app.encrypted_column(text) is 'One row of app.encrypted_columns() with its relation and attribute; RW003.';

create function app.normalised_number(p_number text) returns text
language sql immutable
as $$ select regexp_replace(upper(normalize(p_number, nfkc)), '[^[:alnum:]]', '', 'g') $$;
comment on function app.normalised_number(text) is 'A document''s number without case, blanks, dashes and wide letters: what its blind index is made of.';

create function app.blind_index(p_number text) returns text
language plpgsql stable
as $$
declare
  v_text text := app.normalised_number(p_number);
  v_keys app.unlocked_keys := app.unlocked('index', coalesce((select max(version) from app.clinic_keys
    where clinic_id = app.require_clinic_id() and purpose = 'index'), 1));
begin
  return case when v_text <> ''
    then encode(public.hmac(convert_to(v_text, 'UTF8'), v_keys.mac_key, 'sha256'), 'hex') end;
end
$$;
comment on function app.blind_index(text) is
  'HMAC of a number with the clinic''s own key, as hex: finds equal numbers and tells nothing of them; null for no number. RW001, RW020. For clinic_keeper''s functions.';

create function app.sealed_value(p_place text, p_row_id uuid) returns text
language plpgsql stable
as $$
declare
  v_column record := app.encrypted_column(p_place);
  v_cipher text;
  v_found int;
begin
  execute format('select %I from %s where clinic_id = $1 and id = $2 and %s',
    v_column.attribute, v_column.relation, v_column.live)
    into v_cipher using app.require_clinic_id(), p_row_id;
  get diagnostics v_found = row_count;
  if v_found = 0 then
    raise exception 'no such row in this clinic' using errcode = 'RW003';
  end if;
  return v_cipher;
end
$$;
comment on function app.sealed_value(text, uuid) is 'What a column of a live row holds; RW001, RW003. For clinic_keeper''s functions.';
grant execute on function app.encrypted_columns(), app.encrypted_column(text),
  app.normalised_number(text), app.blind_index(text), app.sealed_value(text, uuid) to clinic_keeper;

create function app.set_secret(p_place text, p_row_id uuid, p_value text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column record := app.encrypted_column(p_place);
  v_clinic_id uuid := app.require_clinic_id();
  v_value text := nullif(btrim(p_value), '');
  v_count int;
begin
  if not app.current_role() = any (v_column.writers) then
    raise exception 'this role does not write %', p_place using errcode = 'RW002';
  end if;
  execute format('update %s set %I = $3', v_column.relation, v_column.attribute)
    || case when v_column.index_column is null then '' else format(', %I = $4', v_column.index_column) end
    || format(' where clinic_id = $1 and id = $2 and %s', v_column.live)
    using v_clinic_id, p_row_id,
      app.encrypt_value(v_value, p_place || ':' || p_row_id),
      case when v_column.index_column is not null then app.blind_index(v_value) end;
  get diagnostics v_count = row_count;
  if v_count = 0 then
    raise exception 'no such row in this clinic' using errcode = 'RW003';
  end if;
end
$$;
comment on function app.set_secret(text, uuid, text) is
  'Encrypts a value into an encrypted column of a row of the clinic, and its blind index; blank clears. RW001, RW002, RW003, RW020; 23505 if another row has the number.';
call app.make_definer('app.set_secret(text, uuid, text)', 'clinic_keeper');

create function app.reveal_secret(p_place text, p_row_id uuid) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column record := app.encrypted_column(p_place);
begin
  if not app.current_role() = any (v_column.readers) then
    raise exception 'this role does not see %', p_place using errcode = 'RW002';
  end if;
  perform audit.record_reveal(p_place, p_row_id);
  return app.decrypt_value(
    app.sealed_value(p_place, p_row_id), p_place || ':' || p_row_id);
end
$$;
comment on function app.reveal_secret(text, uuid) is
  'The value of an encrypted column in full, or null; leaves an entry in the trail. RW001, RW002, RW003, RW020, RW021.';
call app.make_definer('app.reveal_secret(text, uuid)', 'clinic_keeper');

create function app.masked_secret(p_place text, p_row_id uuid) returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_value text := app.decrypt_value(
    app.sealed_value(p_place, p_row_id), p_place || ':' || p_row_id);
begin
  return case when length(v_value) >= 8 then '•••••' || right(v_value, 4)
    when v_value is not null then '•••••' end;
end
$$;
comment on function app.masked_secret(text, uuid) is
  'The last four letters of an encrypted column behind dots, none of a short value; null for none. RW001, RW003, RW020, RW021.';
call app.make_definer('app.masked_secret(text, uuid)', 'clinic_keeper');

create function app.patients_by_national_id(p_number text) returns setof uuid
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_clinic_id uuid := app.require_clinic_id();
  v_index text := app.blind_index(p_number);
begin
  return query select p.id from clinic.patients p
    where p.clinic_id = v_clinic_id and p.nric_hash = v_index and p.deleted_at is null;
end
$$;
comment on function app.patients_by_national_id(text) is
  'The patient of the clinic with exactly this national id, if any; RW001, RW020.';
call app.make_definer('app.patients_by_national_id(text)', 'clinic_keeper');

grant execute on function app.set_secret(text, uuid, text) to
  clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin, clinic_owner;
grant execute on function app.reveal_secret(text, uuid) to
  clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;
grant execute on function app.masked_secret(text, uuid), app.patients_by_national_id(text) to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;

-- Whoever updates a row computes its generated columns.
grant execute on function clinic.search_key(text), clinic.last_name_key(text),
  clinic.calculate_bmi(numeric, numeric) to clinic_keeper;
create policy keeper_read on clinic.patients for select to clinic_keeper using (true);
comment on policy keeper_read on clinic.patients is 'The functions on encrypted columns, inside the clinic.';
create policy keeper_write on clinic.patients for update to clinic_keeper using (true) with check (true);
comment on policy keeper_write on clinic.patients is 'The functions on encrypted columns, inside the clinic.';
grant select (id, clinic_id, deleted_at, nric_encrypted, nric_hash, passport_number_encrypted,
              chas_card_number_encrypted, insurance_policy_number_encrypted),
  update (nric_encrypted, nric_hash, passport_number_encrypted, chas_card_number_encrypted,
          insurance_policy_number_encrypted) on clinic.patients to clinic_keeper;
create policy keeper_read on clinic.insurance_claims for select to clinic_keeper using (true);
comment on policy keeper_read on clinic.insurance_claims is 'The functions on encrypted columns, inside the clinic.';
create policy keeper_write on clinic.insurance_claims for update to clinic_keeper using (true) with check (true);
comment on policy keeper_write on clinic.insurance_claims is 'The functions on encrypted columns, inside the clinic.';
grant select (id, clinic_id, deleted_at, policy_number_encrypted), update (policy_number_encrypted)
  on clinic.insurance_claims to clinic_keeper;
create policy keeper_read on clinic.users for select to clinic_keeper using (true);
comment on policy keeper_read on clinic.users is 'The functions on encrypted columns, inside the clinic.';
create policy keeper_write on clinic.users for update to clinic_keeper using (true) with check (true);
comment on policy keeper_write on clinic.users is 'The functions on encrypted columns, inside the clinic.';
grant select (id, clinic_id, deleted_at, two_factor_secret), update (two_factor_secret)
  on clinic.users to clinic_keeper;

-- undo
revoke select (id, clinic_id, deleted_at, two_factor_secret), update (two_factor_secret)
  on clinic.users from clinic_keeper;
drop policy keeper_write on clinic.users;
drop policy keeper_read on clinic.users;
revoke select (id, clinic_id, deleted_at, policy_number_encrypted), update (policy_number_encrypted)
  on clinic.insurance_claims from clinic_keeper;
drop policy keeper_write on clinic.insurance_claims;
drop policy keeper_read on clinic.insurance_claims;
revoke select (id, clinic_id, deleted_at, nric_encrypted, nric_hash, passport_number_encrypted,
               chas_card_number_encrypted, insurance_policy_number_encrypted),
  update (nric_encrypted, nric_hash, passport_number_encrypted, chas_card_number_encrypted,
          insurance_policy_number_encrypted) on clinic.patients from clinic_keeper;
drop policy keeper_write on clinic.patients;
drop policy keeper_read on clinic.patients;
revoke execute on function clinic.search_key(text), clinic.last_name_key(text),
  clinic.calculate_bmi(numeric, numeric) from clinic_keeper;
drop function app.patients_by_national_id(text);
drop function app.masked_secret(text, uuid);
drop function app.reveal_secret(text, uuid);
drop function app.set_secret(text, uuid, text);
drop function app.sealed_value(text, uuid);
drop function app.blind_index(text);
drop function app.normalised_number(text);
drop function app.encrypted_column(text);
drop function app.encrypted_columns();
