-- The choices of the page, in one transaction: what can be done is done, what lost its place
-- meanwhile keeps its choice and its code. docs/decisions.md says why not all or nothing.
create function booking.mark_choices(p_absence clinic.absences, p_choices jsonb) returns void
language plpgsql volatile
as $$
declare
  v_row clinic.absence_rows;
begin
  for v_row in
    select r.* from clinic.absence_rows r
    join jsonb_to_recordset(p_choices) c (appointment_id uuid, choice text)
      on c.appointment_id = r.appointment_id
    where r.clinic_id = p_absence.clinic_id and r.absence_id = p_absence.id
      and r.state = 'asked' and c.choice <> 'later'
  loop
    perform booking.withdraw_ask(v_row);
  end loop;
  update clinic.absence_rows r
  set choice = c.choice, code = '',
    slot_id = case when c.choice in ('cover', 'move', 'ask') then (
      select s.id from clinic.appointment_slots s
      where s.clinic_id = r.clinic_id and s.id = c.slot_id) end
  from jsonb_to_recordset(p_choices) c (appointment_id uuid, choice text, slot_id uuid)
  where r.clinic_id = p_absence.clinic_id and r.absence_id = p_absence.id and r.state = 'open'
    and r.appointment_id = c.appointment_id;
end
$$;
comment on function booking.mark_choices(clinic.absences, jsonb) is
  'Writes what was chosen to the rows that are to be decided; an asked patient is asked no more.';
grant execute on function booking.mark_choices(clinic.absences, jsonb) to clinic_booker;

create function booking.lock_absence_places(p_absence clinic.absences, p_choices jsonb default '[]')
returns void
language plpgsql volatile
as $$
declare
  v_ids uuid[];
  v_services uuid[];
begin
  with places as materialized (
    select a as visit, p.slot_id from clinic.absence_rows r
    join clinic.appointments a on a.clinic_id = r.clinic_id and a.id = r.appointment_id
    left join clinic.appointment_transitions t on t.clinic_id = r.clinic_id
      and t.appointment_id = r.appointment_id and t.version = r.version
    left join jsonb_to_recordset(p_choices) c (appointment_id uuid, slot_id uuid)
      on c.appointment_id = r.appointment_id
    cross join unnest(array[r.slot_id, a.slot_id, t.from_slot_id, c.slot_id]) p (slot_id)
    where r.clinic_id = p_absence.clinic_id and r.absence_id = p_absence.id
  ), slots as (
    select slot_id from places
    union all
    select s.id from clinic.appointment_slots s where s.clinic_id = p_absence.clinic_id
      and s.covered_by = any (array(select (p.visit).id from places p))
    union all
    select s.id from places p cross join lateral booking.planned_visit(p_absence.clinic_id, p.slot_id,
      (p.visit).service_id, (p.visit).id, (p.visit).patient_id, null) v
    cross join lateral booking.covered_slots(v) s where (p.visit).service_id is not null
  )
  select array(select slot_id from slots),
    array(select distinct (p.visit).service_id from places p where (p.visit).service_id is not null)
    into v_ids, v_services;
  -- All at once and in order of their ids, as the booking functions lock theirs: so crossing
  -- moves wait for each other instead of deadlocking. An array leads to the index at any size.
  perform from clinic.appointment_slots s
  where s.clinic_id = p_absence.clinic_id and s.id = any (v_ids)
  order by s.id for no key update;
  -- Rooms too: they come before the lock of the numbers, and that before the first visit that
  -- moves, for who books holds it while waiting for that patient's.
  perform from clinic.resources r
  where r.clinic_id = p_absence.clinic_id and exists (
    select from clinic.service_needs n
    where n.clinic_id = r.clinic_id and n.service_id = any (v_services) and n.is_active
      and (n.resource_id = r.id or n.pool_id = r.pool_id))
  order by r.id for no key update;
  perform booking.lock_numbers(p_absence.clinic_id);
end
$$;
comment on function booking.lock_absence_places(clinic.absences, jsonb) is
  'Locks every slot that the rows of an absence are at, come from, go to or cover, those of the choices, and then the rooms and equipment that their services may take.';
grant execute on function booking.lock_absence_places(clinic.absences, jsonb) to clinic_booker;

create function booking.settle_visits(
  p_claims text[], p_absence clinic.absences, p_choices jsonb, p_key text)
returns jsonb
language plpgsql volatile
as $$
declare
  v_visit record;
  v_code text;
  v_done int := 0;
  v_refused jsonb := '[]';
begin
  for v_visit in
    select r as row, c.version from clinic.absence_rows r
    join jsonb_to_recordset(p_choices) c (appointment_id uuid, version int)
      on c.appointment_id = r.appointment_id
    where r.clinic_id = p_absence.clinic_id and r.absence_id = p_absence.id and r.state = 'open'
      and r.choice <> 'later'
    order by r.from_starts_at, r.id
  loop
    v_code := booking.settle_visit(
      p_claims, v_visit.row, v_visit.version, p_key || ':' || (v_done + jsonb_array_length(v_refused)));
    if v_code is null then
      v_done := v_done + 1;
    else
      v_refused := v_refused || jsonb_build_object(
        'appointment_id', (v_visit.row).appointment_id, 'code', v_code);
    end if;
  end loop;
  return jsonb_build_object('done', v_done, 'refused', v_refused);
end
$$;
comment on function booking.settle_visits(text[], clinic.absences, jsonb, text) is
  'Does what was chosen, visit by visit: {"done", "refused": [{"appointment_id", "code"}]}.';
grant execute on function booking.settle_visits(text[], clinic.absences, jsonb, text) to clinic_booker;

create function booking.choices_refusal(p_choices jsonb) returns jsonb
language plpgsql stable
as $$
begin
  if coalesce(jsonb_typeof(p_choices), '') <> 'array' or jsonb_array_length(p_choices) > 1000
      or jsonb_path_exists(p_choices, 'strict $[*] ? (@.type() != "object")')
      or exists (
        select from jsonb_to_recordset(p_choices) c (appointment_id uuid, version int, choice text)
        where c.appointment_id is null or c.version is null or c.choice is null
          or c.choice not in ('cover', 'move', 'ask', 'cancel', 'later'))
      or exists (
        select from jsonb_to_recordset(p_choices) c (appointment_id uuid)
        group by c.appointment_id having count(*) > 1) then
    return booking.refusal('invalid_input');
  end if;
  return null;
end
$$;
comment on function booking.choices_refusal(jsonb) is 'invalid_input for what is no list of choices, one a visit, or null.';
grant execute on function booking.choices_refusal(jsonb) to clinic_booker;

create function booking.apply_absence(
  p_idempotency_key text, p_absence_id uuid, p_version int, p_choices jsonb,
  p_save boolean default false)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_user_id uuid := nullif(v_claims[6], '')::uuid;
  v_action text := case when p_save then 'save' else 'apply' end;
  v_hash bytea := sha256(convert_to(jsonb_build_array(p_absence_id, p_choices)::text, 'UTF8'));
  v_absence clinic.absences := booking.lock_absence(v_clinic_id, p_absence_id);
  v_due timestamptz;
  v_answer jsonb;
  v_result jsonb := jsonb_build_object('done', 0, 'refused', '[]'::jsonb);
begin
  v_answer := coalesce(
    booking.replay_run(v_clinic_id, v_user_id, v_action, p_idempotency_key, v_hash),
    booking.absence_refusal(v_claims, p_idempotency_key, v_absence, p_version),
    booking.choices_refusal(p_choices));
  if v_answer is not null then
    return v_answer;
  end if;
  perform booking.list_visits(v_absence);
  perform booking.lock_absence_places(v_absence, p_choices);
  perform booking.mark_choices(v_absence, p_choices);
  if not p_save then
    v_result := booking.settle_visits(v_claims, v_absence, p_choices, p_idempotency_key);
    v_due := case when (v_result ->> 'done')::int > 0 then booking.notice_due() end;
  end if;
  update clinic.absences set version = version + 1, undo_until = coalesce(undo_until, v_due)
  where clinic_id = v_clinic_id and id = p_absence_id;
  return booking.note_run(v_clinic_id, v_user_id, p_absence_id, v_action, p_idempotency_key,
    v_hash, v_result || jsonb_build_object(
      'absence_id', p_absence_id, 'version', v_absence.version + 1), v_due);
end
$$;
comment on function booking.apply_absence(text, uuid, int, jsonb, boolean) is
  'Does (or with p_save keeps) the choices [{appointment_id, version, choice, slot_id}]: cover, move, ask, cancel, later. The result has done, refused [{appointment_id, code}], absence_id, version.';
call app.make_definer('booking.apply_absence(text, uuid, int, jsonb, boolean)', 'clinic_booker');
grant execute on function booking.apply_absence(text, uuid, int, jsonb, boolean) to
  clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.apply_absence(text, uuid, int, jsonb, boolean);
drop function booking.choices_refusal(jsonb);
drop function booking.settle_visits(text[], clinic.absences, jsonb, text);
drop function booking.lock_absence_places(clinic.absences, jsonb);
drop function booking.mark_choices(clinic.absences, jsonb);
