-- Moves this and the following visits of a series, or all of them: each visit an ordinary move with
-- its own version and its own line in the history, in one transaction, all or none.
create function booking.series_input_refusal(
  p_claims text[], p_key text, p_appointment_id uuid, p_scope text, p_appointments uuid[],
  p_versions int[], p_reason text)
returns text
language plpgsql stable
as $$
declare
  v_clinic_id uuid := p_claims[5]::uuid;
  v_visit clinic.appointments;
begin
  if p_claims[4] is null or p_claims[4] not in ('staff', 'admin', 'superadmin')
      or nullif(p_claims[6], '') is null then
    return 'not_allowed';
  elsif coalesce(length(p_key), 0) not between 1 and 200 or p_appointment_id is null
      or p_scope is null or p_scope not in ('following', 'all')
      or coalesce(cardinality(p_appointments), 0) not between 1 and 100
      or cardinality(p_versions) is distinct from cardinality(p_appointments)
      or array_position(p_versions, null) is not null
      or (select count(distinct i) from unnest(p_appointments) i) <> cardinality(p_appointments)
      or coalesce(length(p_reason), 0) > 2000 then
    return 'invalid_input';
  end if;
  select * into v_visit from clinic.appointments
  where clinic_id = v_clinic_id and id = p_appointment_id and deleted_at is null
    and series_id is not null;
  -- What is named must be of that series and of the scope that was looked at.
  return case when not found or cardinality(p_appointments) <> (
      select count(*) from clinic.appointments a
      where a.clinic_id = v_clinic_id and a.id = any (p_appointments) and a.deleted_at is null
        and a.series_id = v_visit.series_id
        and (p_scope = 'all' or a.series_position >= v_visit.series_position))
    then 'appointment_not_found' end;
end
$$;
comment on function booking.series_input_refusal(text[], text, uuid, text, uuid[], int[], text) is
  'What is wrong with a request about following or all visits of a series, or null.';
grant execute on function booking.series_input_refusal(text[], text, uuid, text, uuid[], int[], text) to clinic_booker;

-- A visit that goes later moves after those that are in its way, one that goes earlier before them.
create function booking.move_dates(
  p_clinic_id uuid, p_key text, p_doctor_id uuid, p_appointments uuid[], p_versions int[],
  p_starts timestamptz[], p_reason text)
returns jsonb
language plpgsql volatile
as $$
declare
  v_doctors uuid[] := array(
    select coalesce(p_doctor_id, a.doctor_id) from unnest(p_appointments) with ordinality i(id, n)
    join clinic.appointments a on a.clinic_id = p_clinic_id and a.id = i.id order by i.n);
  v_slots uuid[] := booking.series_slots(p_clinic_id, v_doctors, p_starts,
    booking.slots_of_visits(p_clinic_id, p_appointments));
  v_row record;
  v_answer jsonb;
  v_conflicts jsonb := '[]';
begin
  for v_row in
    select i.n, i.id, a.slot_id, a.starts_at, a.version
    from unnest(p_appointments, p_starts) with ordinality i(id, starts_at, n)
    join clinic.appointments a on a.clinic_id = p_clinic_id and a.id = i.id
    order by case when i.starts_at > a.starts_at then - extract(epoch from a.starts_at)
      else extract(epoch from a.starts_at) end
  loop
    continue when v_slots[v_row.n] = v_row.slot_id and v_row.version = p_versions[v_row.n];
    v_answer := case when v_row.version <> p_versions[v_row.n] then booking.refusal('stale')
      when v_row.starts_at <= now() then booking.refusal('bad_transition')
      when v_slots[v_row.n] is null then booking.refusal('slot_unavailable')
      else booking.reschedule_booking(p_key || ':' || v_row.n, v_row.id, v_slots[v_row.n],
        p_reason, p_versions[v_row.n]) end;
    if v_answer ->> 'status' <> 'success' then
      v_conflicts := v_conflicts || booking.against(
        jsonb_build_object('appointment_id', v_row.id, 'starts_at', p_starts[v_row.n]), v_answer);
    end if;
  end loop;
  return v_conflicts;
end
$$;
comment on function booking.move_dates(uuid, text, uuid, uuid[], int[], timestamptz[], text) is
  'Moves each visit that can be moved; returns the conflicts, of which there must be none for it to stay.';
grant execute on function booking.move_dates(uuid, text, uuid, uuid[], int[], timestamptz[], text) to clinic_booker;

create function booking.move_series(
  p_idempotency_key text, p_appointment_id uuid, p_scope text, p_doctor_id uuid,
  p_appointments uuid[], p_versions int[], p_starts timestamptz[], p_reason text default '')
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_code text := booking.series_input_refusal(v_claims, p_idempotency_key, p_appointment_id,
    p_scope, p_appointments, p_versions, p_reason);
  v_hash bytea := sha256(convert_to(jsonb_build_array(p_appointment_id, p_scope, p_doctor_id,
    p_appointments, p_versions, array(select extract(epoch from s) from unnest(p_starts) s),
    p_reason)::text, 'UTF8'));
  v_conflicts jsonb;
begin
  if v_code is not null then
    return booking.refusal(v_code);
  elsif array_position(p_starts, null) is not null
      or cardinality(p_starts) is distinct from cardinality(p_appointments) then
    return booking.refusal('invalid_input');
  end if;
  begin
    if not booking.note_request(v_clinic_id, v_claims[6]::uuid, 'move_series', p_idempotency_key,
        v_hash, null, null, p_appointment_id) then
      return booking.replay_series(
        v_claims, 'move_series', p_idempotency_key, v_hash, p_appointments);
    end if;
    v_conflicts := booking.move_dates(v_clinic_id, p_idempotency_key, p_doctor_id,
      p_appointments, p_versions, p_starts, p_reason);
    if v_conflicts <> '[]' then
      raise sqlstate 'ABORT';
    end if;
  exception when sqlstate 'ABORT' then
    return booking.series_conflict(v_conflicts);  -- what this block did is undone, the key as well
  end;
  return booking.replay_series(v_claims, 'move_series', p_idempotency_key, v_hash, p_appointments)
    || '{"idempotent": false}';
end
$$;
comment on function booking.move_series(text, uuid, text, uuid, uuid[], int[], timestamptz[], text) is
  'Moves visits of a series (following or all, seen from one of them) to instants of a doctor (null keeps each one''s own), all or none. Answers as book_series does; versions are those that were looked at.';
call app.make_definer('booking.move_series(text, uuid, text, uuid, uuid[], int[], timestamptz[], text)', 'clinic_booker');
grant execute on function booking.move_series(text, uuid, text, uuid, uuid[], int[], timestamptz[], text)
  to clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.move_series(text, uuid, text, uuid, uuid[], int[], timestamptz[], text);
drop function booking.move_dates(uuid, text, uuid, uuid[], int[], timestamptz[], text);
drop function booking.series_input_refusal(text[], text, uuid, text, uuid[], int[], text);
