-- The link of an offer says which offer of which clinic, signed with the keys that sign contexts: it
-- opens that one offer and nothing else. It is derived where it is needed and stored nowhere; the
-- offer keeps the hash of what it must come to.
create function app.link_tokens(p_clinic_id uuid, p_id uuid) returns setof text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select translate(encode(uuid_send(p_clinic_id) || uuid_send(p_id) || substr(sha256(k.outer_pad
    || sha256(k.inner_pad || convert_to('offer.' || p_clinic_id || '.' || p_id, 'UTF8'))), 1, 16),
    'base64'), e'+/\n', '-_')
  from app.context_keys k order by k.id
$$;
comment on function app.link_tokens(uuid, uuid) is
  'What the link of an offer is under each key that signs contexts: 64 letters, digits, - and _.';
call app.make_definer('app.link_tokens(uuid, uuid)');
grant execute on function app.link_tokens(uuid, uuid) to clinic_booker;

create function app.enter_by_link(p_token text) returns uuid
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bytes bytea;
  v_clinic_id uuid;
  v_id uuid;
begin
  if p_token ~ '^[A-Za-z0-9_-]{64}$' then
    v_bytes := decode(translate(p_token, '-_', '+/'), 'base64');
    v_clinic_id := encode(substr(v_bytes, 1, 16), 'hex')::uuid;
    v_id := encode(substr(v_bytes, 17, 16), 'hex')::uuid;
  end if;
  if v_id is null or not exists (
      select from app.link_tokens(v_clinic_id, v_id) t
      where sha256(convert_to(t, 'UTF8')) = sha256(convert_to(p_token, 'UTF8'))) then
    v_clinic_id := null;
    v_id := null;
  end if;
  perform set_config('app.entered_clinic_id', coalesce(v_clinic_id::text, ''), true);
  return v_id;
end
$$;
comment on function app.enter_by_link(text) is
  'Verifies the link of an offer for the statements of a function of clinic_booker, as app.enter() does a context; the id of the offer, or null.';
call app.make_definer('app.enter_by_link(text)');
grant execute on function app.enter_by_link(text) to clinic_booker;

create function booking.offer_token(p_offer_id uuid) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
begin
  return (
    select t from clinic.waiting_list_offers o
    cross join lateral app.link_tokens(o.clinic_id, o.id) t
    where o.clinic_id = v_claims[5]::uuid and o.id = p_offer_id and o.status = 'open'
      and o.token_hash = sha256(convert_to(t, 'UTF8')));
end
$$;
comment on function booking.offer_token(uuid) is
  'The last part of the link of an open offer, for the message that carries it and for the desk, which may answer itself; null for any other.';
call app.make_definer('booking.offer_token(uuid)', 'clinic_booker');
grant execute on function booking.offer_token(uuid) to
  clinic_staff, clinic_admin, clinic_superadmin, clinic_worker;

create function booking.offer_by_link(p_pass text, p_token text, p_ip inet)
returns table (clinic_id uuid, offer_id uuid, status text, clinic_name text, branch_name text,
  phone text, time_zone text, doctor text, starts_at timestamptz, ends_at timestamptz,
  expires_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_id uuid := app.enter_by_link(p_token);
  -- Wrong links are counted where failed logins are, under a name that is no mailbox.
  v_door constant text := 'link of an offer';
begin
  perform app.at_the_door(p_pass);
  return query
  select o.clinic_id, o.id,
    case when o.status = 'open' and o.expires_at <= clock_timestamp() then 'expired'
      else o.status end,
    c.name::text, c.branch_name::text, c.phone::text, c.time_zone::text, d.full_name::text,
    s.starts_at, s.ends_at, o.expires_at
  from clinic.waiting_list_offers o
  join clinic.clinics c on c.id = o.clinic_id and c.is_active and c.deleted_at is null
  join clinic.appointment_slots s on s.clinic_id = o.clinic_id and s.id = o.slot_id
  join clinic.doctors d on d.clinic_id = o.clinic_id and d.id = s.doctor_id
  where o.id = v_id and o.token_hash = sha256(convert_to(p_token, 'UTF8'));
  if not found and app.login_blocked(p_pass, v_door, p_ip) then
    status := 'blocked';
    return next;
  elsif not found then
    perform app.record_login(p_pass, v_door, p_ip, null);
  end if;
end
$$;
comment on function booking.offer_by_link(text, text, inet) is
  'The offer that a link is for: clinic, doctor and time, never whose it is. No row for any other text; status blocked after ten of those from one address within 15 minutes. RW002 without a pass for the door.';
call app.make_definer('booking.offer_by_link(text, text, inet)', 'clinic_booker');
grant execute on function app.at_the_door(text), app.login_blocked(text, text, inet),
  app.record_login(text, text, inet, uuid) to clinic_booker;
grant execute on function booking.offer_by_link(text, text, inet) to clinic_app;

-- undo
revoke execute on function app.at_the_door(text), app.login_blocked(text, text, inet),
  app.record_login(text, text, inet, uuid) from clinic_booker;
drop function booking.offer_by_link(text, text, inet);
drop function booking.offer_token(uuid);
drop function app.enter_by_link(text);
drop function app.link_tokens(uuid, uuid);
