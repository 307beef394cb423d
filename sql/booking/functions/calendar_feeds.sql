-- Secret calendar addresses: made and revoked by the person or an administrator.
create function booking.may_have_feed(p_claims text[], p_doctor_id uuid, p_patient_id uuid) returns boolean
language sql stable
as $$
  select case p_claims[4]
    when 'doctor' then p_doctor_id = any (array(select app.own_doctor_ids()))
    when 'patient' then p_patient_id = any (array(select app.own_patient_ids()))
    else p_claims[4] in ('admin', 'superadmin') end
$$;
comment on function booking.may_have_feed(text[], uuid, uuid) is
  'Whether this is a doctor''s or a patient''s own row, or the role an administrator''s.';
grant execute on function booking.may_have_feed(text[], uuid, uuid) to clinic_booker;

create function booking.make_calendar_feed(p_doctor_id uuid, p_patient_id uuid) returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_user_id uuid := nullif(v_claims[6], '')::uuid;
  v_owner record;
  -- 256 bits, in letters that an address can hold
  v_token text := translate(rtrim(encode(public.gen_random_bytes(32), 'base64'), '='), '+/', '-_');
begin
  if v_clinic_id is null then
    raise exception 'no clinic: this needs a tenant context' using errcode = 'RW001';
  elsif num_nonnulls(p_doctor_id, p_patient_id) <> 1 then
    raise exception 'a feed is one doctor''s or one patient''s' using errcode = '22023';
  elsif v_claims[4] not in ('doctor', 'patient', 'admin', 'superadmin') then
    raise exception 'a calendar is made by the person or an administrator' using errcode = 'RW002';
  end if;
  if p_doctor_id is not null then
    select user_id into v_owner from clinic.doctors
    where clinic_id = v_clinic_id and id = p_doctor_id and is_active and deleted_at is null;
  else
    select user_id into v_owner from clinic.patients
    where clinic_id = v_clinic_id and id = p_patient_id and is_active and deleted_at is null;
  end if;
  if not found or not coalesce(booking.may_have_feed(v_claims, p_doctor_id, p_patient_id), false) then
    raise exception 'no such person in this clinic' using errcode = 'RW003';
  end if;
  -- Of two at once the later finds the earlier's feed, and ends it.
  perform pg_advisory_xact_lock(hashtextextended(
    'calendar ' || v_clinic_id || coalesce(p_doctor_id, p_patient_id), 0));
  update clinic.calendar_feeds set revoked_at = now(), revoked_by = v_user_id
  where clinic_id = v_clinic_id and revoked_at is null
    and (doctor_id = p_doctor_id or patient_id = p_patient_id);
  insert into clinic.calendar_feeds (clinic_id, doctor_id, patient_id, user_id, token_hash, made_by)
  values (v_clinic_id, p_doctor_id, p_patient_id, v_owner.user_id,
    sha256(convert_to(v_token, 'UTF8')), v_user_id);
  return v_token;
end
$$;
comment on function booking.make_calendar_feed(uuid, uuid) is
  'Makes the calendar address of one doctor or one patient and ends the one before; returns the token, once. RW001, RW002, RW003, 22023.';
call app.make_definer('booking.make_calendar_feed(uuid, uuid)', 'clinic_booker');

create function booking.revoke_calendar_feed(p_feed_id uuid) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
begin
  if v_claims[5] is null then
    raise exception 'no clinic: this needs a tenant context' using errcode = 'RW001';
  end if;
  update clinic.calendar_feeds set revoked_at = coalesce(revoked_at, now()),
    revoked_by = coalesce(revoked_by, nullif(v_claims[6], '')::uuid)
  where clinic_id = v_claims[5]::uuid and id = p_feed_id
    and booking.may_have_feed(v_claims, doctor_id, patient_id);
  if not found then
    raise exception 'no such calendar in this clinic' using errcode = 'RW003';
  end if;
end
$$;
comment on function booking.revoke_calendar_feed(uuid) is
  'Ends a calendar address, one''s own or as an administrator any; ended ones stay as they are. RW001, RW003.';
call app.make_definer('booking.revoke_calendar_feed(uuid)', 'clinic_booker');
grant execute on function booking.make_calendar_feed(uuid, uuid), booking.revoke_calendar_feed(uuid) to
  clinic_patient, clinic_doctor, clinic_admin, clinic_superadmin;

-- undo
drop function booking.revoke_calendar_feed(uuid);
drop function booking.make_calendar_feed(uuid, uuid);
drop function booking.may_have_feed(text[], uuid, uuid);
