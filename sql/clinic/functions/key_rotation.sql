-- Moving what an old version encrypted to the active one, a batch at a time: each batch is one short
-- transaction of the caller, and where it stands is in the rows themselves, so it can stop anywhere.
create function app.rotate_batch(p_relation text, p_after uuid, p_limit int)
returns table (rotated int, unreadable text[], last_id uuid)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_clinic_id uuid := app.require_clinic_id();
  v_version int := app.active_version('data');
  v_keys app.unlocked_keys := app.unlocked('data', v_version);
  v_prefix text := app.sealed_prefix(v_version);
  v_columns text[] := array(select split_part(place, '.', 3) from app.encrypted_columns()
    where place ^@ (p_relation || '.'));
  v_old app.unlocked_keys;
  v_old_version int := 0;
  v_row record;
  v_column text;
  v_sealed bytea;
  v_bound bytea;
  v_new jsonb;
  v_ids uuid[] := '{}';
  v_news jsonb[] := '{}';
begin
  if v_columns = '{}' then
    raise exception 'no such encrypted table' using errcode = 'RW003';
  end if;
  rotated := 0;
  unreadable := '{}';
  for v_row in execute (
    select format('select id, jsonb_build_object(%s) as ciphers from %s where clinic_id = $1 and id > $2
        and (%s) order by id limit $4 for no key update skip locked',
      string_agg(format('%L, %I', c, c), ', '), p_relation,
      string_agg(format('left(%I, 8) <> $3', c), ' or ')) from unnest(v_columns) c)
    using v_clinic_id, p_after, v_prefix, p_limit
  loop
    last_id := v_row.id;
    v_new := '{}';
    foreach v_column in array v_columns loop
      continue when coalesce(v_row.ciphers ->> v_column, v_prefix) ^@ v_prefix;
      begin
        v_sealed := app.sealed_bytes(v_row.ciphers ->> v_column);
        v_bound := app.bound_to(v_clinic_id, p_relation || '.' || v_column || ':' || v_row.id);
        if app.sealed_version(v_sealed) <> v_old_version then
          v_old := app.unlocked('data', app.sealed_version(v_sealed));
          v_old_version := app.sealed_version(v_sealed);
        end if;
        v_new := v_new || jsonb_build_object(v_column,
          app.seal(v_keys, v_version, app.unseal(v_old, v_sealed, v_bound), v_bound));
        rotated := rotated + 1;
      exception when sqlstate 'RW021' then
        unreadable := unreadable || (p_relation || '.' || v_column || ':' || v_row.id);
      end;
    end loop;
    v_ids := v_ids || v_row.id;
    v_news := v_news || v_new;
  end loop;
  execute (
    select format('update %s t set %s from unnest($1, $2) n(id, cipher)
        where t.clinic_id = $3 and t.id = n.id and n.cipher <> %L',
      p_relation, string_agg(format('%1$I = coalesce(n.cipher ->> %1$L, t.%1$I)', c), ', '), '{}')
    from unnest(v_columns) c)
    using v_ids, v_news, v_clinic_id;
  return next;
end
$$;
comment on function app.rotate_batch(text, uuid, int) is
  'Encrypts the values of up to so many rows of a table after a row id anew with the active key: how many values, the places that could not be read, and the last id; null at the end. Rows locked by others are left out. RW001, RW003, RW020.';
call app.make_definer('app.rotate_batch(text, uuid, int)', 'clinic_keeper');

create function app.values_under(p_place text, p_version int default null) returns bigint
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_column record := app.encrypted_column(p_place);
  v_count bigint;
begin
  execute format('select count(*) from %s where clinic_id = $1 and %I is not null
    and ($2 is null or left(%2$I, 8) = $2)', v_column.relation, v_column.attribute)
    into v_count using app.require_clinic_id(), app.sealed_prefix(p_version);
  return v_count;
end
$$;
comment on function app.values_under(text, int) is
  'How many values of a column in the clinic of the context a version of the key encrypted, or all versions; RW001, RW003.';
call app.make_definer('app.values_under(text, int)', 'clinic_keeper');

create function app.retire_key(p_version int) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid;
begin
  -- Waits for whoever is still writing with it (app.active_version), then looks.
  select id into v_id from app.clinic_keys where clinic_id = app.require_clinic_id()
    and purpose = 'data' and version = p_version and state = 'old' for update;
  if not found then
    raise exception 'no old key of this version' using errcode = 'RW003';
  end if;
  if exists (select from app.encrypted_columns() c where app.values_under(c.place, p_version) > 0) then
    raise exception 'values still need this key' using errcode = 'RW022';
  end if;
  update app.clinic_keys set state = 'retired', wrapped = null, wrapped_by = null where id = v_id;
  delete from app.unlocked_keys where key_id = v_id;
end
$$;
comment on function app.retire_key(int) is
  'Forgets an old version of the data key of the clinic of the context; RW001, RW003, RW022 while a value needs it.';
call app.make_definer('app.retire_key(int)', 'clinic_keeper');

create function app.destroy_keys(p_code text) returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_clinic_id uuid := app.require_clinic_id();
  v_count int;
begin
  if p_code is distinct from (select code from clinic.clinics where id = v_clinic_id) then
    raise exception 'this is not the code of the clinic' using errcode = 'RW002';
  end if;
  delete from app.unlocked_keys u using app.clinic_keys k
  where k.clinic_id = v_clinic_id and u.key_id = k.id;
  update app.clinic_keys set state = 'destroyed', wrapped = null, wrapped_by = null
  where clinic_id = v_clinic_id and state in ('active', 'old');
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function app.destroy_keys(text) is
  'Destroys every key of the clinic of the context, whose code has to be given: nothing that it encrypted can be read again. Returns how many. RW001, RW002.';
call app.make_definer('app.destroy_keys(text)', 'clinic_keeper');

grant execute on function app.rotate_batch(text, uuid, int), app.values_under(text, int),
  app.retire_key(int), app.destroy_keys(text), app.encrypted_columns() to clinic_owner;
grant select (id, code) on clinic.clinics to clinic_keeper;
create policy keeper on clinic.clinics for select to clinic_keeper using (true);
comment on policy keeper on clinic.clinics is 'app.destroy_keys asks for the code.';

-- undo
drop policy keeper on clinic.clinics;
revoke select (id, code) on clinic.clinics from clinic_keeper;
drop function app.destroy_keys(text);
drop function app.retire_key(int);
drop function app.values_under(text, int);
drop function app.rotate_batch(text, uuid, int);
