-- Takes back one change of a series as a whole: the visits that the same transaction moved or
-- cancelled and nobody changed since. Each gets its own line in the history, as with a single undo.
create function booking.series_change(p_clinic_id uuid, p_appointment_id uuid, p_version int)
returns setof clinic.appointment_transitions
language sql stable
as $$
  select t.* from clinic.appointments v
  join clinic.appointment_transitions l on l.clinic_id = v.clinic_id
    and l.appointment_id = v.id and l.version = p_version and l.action in ('cancel', 'reschedule')
  join clinic.appointments a on a.clinic_id = v.clinic_id and a.series_id = v.series_id
    and a.deleted_at is null
  join clinic.appointment_transitions t on t.clinic_id = a.clinic_id and t.appointment_id = a.id
    and t.version = a.version and t.action = l.action
    and t.created_at = l.created_at  -- of one transaction
  where v.clinic_id = p_clinic_id and v.id = p_appointment_id and v.deleted_at is null
    and v.series_id is not null and v.version = p_version
$$;
comment on function booking.series_change(uuid, uuid, int) is
  'The moves or cancellations that the last change of this visit was made with and that are still the last of theirs.';
grant execute on function booking.series_change(uuid, uuid, int) to clinic_booker;

create function booking.undo_dates(
  p_clinic_id uuid, p_key text, p_changes clinic.appointment_transitions[])
returns jsonb
language plpgsql volatile
as $$
declare
  v_change clinic.appointment_transitions;
  v_answer jsonb;
  v_conflicts jsonb := '[]';
begin
  perform booking.series_slots(p_clinic_id, '{}', '{}', array(
    select s from unnest(p_changes) c cross join unnest(array[c.from_slot_id, c.to_slot_id]) s
    where s is not null)
    || booking.slots_of_visits(p_clinic_id, array(select c.appointment_id from unnest(p_changes) c)));
  for v_change in
    -- Back in the order in which no visit is in another's way, as in move_dates.
    select c.* from unnest(p_changes) c
    order by case when c.from_starts_at > c.to_starts_at then - extract(epoch from c.to_starts_at)
      else extract(epoch from c.to_starts_at) end
  loop
    v_answer := booking.undo_transition(
      p_key || ':' || v_change.appointment_id, v_change.appointment_id, v_change.version);
    if v_answer ->> 'status' <> 'success' then
      v_conflicts := v_conflicts || booking.against(jsonb_build_object(
        'appointment_id', v_change.appointment_id, 'starts_at', v_change.from_starts_at), v_answer);
    end if;
  end loop;
  return v_conflicts;
end
$$;
comment on function booking.undo_dates(uuid, text, clinic.appointment_transitions[]) is
  'Takes back each change that can be; returns the conflicts, of which there must be none for it to stay.';
grant execute on function booking.undo_dates(uuid, text, clinic.appointment_transitions[]) to clinic_booker;

create function booking.undo_series(p_idempotency_key text, p_appointment_id uuid, p_version int)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_hash bytea := sha256(convert_to(jsonb_build_array(p_appointment_id, p_version)::text, 'UTF8'));
  v_visit clinic.appointments;
  v_changes clinic.appointment_transitions[];
  v_answer jsonb;
  v_conflicts jsonb;
begin
  if v_claims[4] is null or v_claims[4] not in ('staff', 'admin', 'superadmin')
      or nullif(v_claims[6], '') is null then
    return booking.refusal('not_allowed');
  elsif coalesce(length(p_idempotency_key), 0) not between 1 and 200 or p_version is null then
    return booking.refusal('invalid_input');
  end if;
  select * into v_visit from clinic.appointments
  where clinic_id = v_clinic_id and id = p_appointment_id and deleted_at is null
    and series_id is not null;
  if not found then
    return booking.refusal('appointment_not_found');
  end if;
  begin
    if not booking.note_request(v_clinic_id, v_claims[6]::uuid, 'undo_series', p_idempotency_key,
        v_hash, null, null, p_appointment_id) then
      return booking.replay_series(v_claims, 'undo_series', p_idempotency_key, v_hash, array(
        select t.appointment_id from clinic.appointment_transitions l
        join clinic.appointment_transitions t on t.clinic_id = l.clinic_id and t.action = 'undo'
          and t.created_at = l.created_at
        where l.clinic_id = v_clinic_id and l.appointment_id = p_appointment_id
          and l.version = p_version + 1));
    end if;
    v_changes := array(select c from booking.series_change(v_clinic_id, p_appointment_id, p_version) c);
    if cardinality(v_changes) = 0 then
      v_answer := booking.refusal(
        case when v_visit.version <> p_version then 'stale' else 'bad_transition' end);
      raise sqlstate 'ABORT';
    end if;
    v_conflicts := booking.undo_dates(v_clinic_id, p_idempotency_key, v_changes);
    if v_conflicts <> '[]' then
      v_answer := booking.series_conflict(v_conflicts);
      raise sqlstate 'ABORT';
    end if;
  exception when sqlstate 'ABORT' then
    return v_answer;  -- what this block did is undone, the key as well
  end;
  return booking.series_success(v_clinic_id, v_visit.series_id,
    array(select c.appointment_id from unnest(v_changes) c), false);
end
$$;
comment on function booking.undo_series(text, uuid, int) is
  'Takes back the series change that was the last of this visit, whose version is given, all or none. Answers as book_series does; bad_transition when its last change was no move or cancellation.';
call app.make_definer('booking.undo_series(text, uuid, int)', 'clinic_booker');
grant execute on function booking.undo_series(text, uuid, int) to
  clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.undo_series(text, uuid, int);
drop function booking.undo_dates(uuid, text, clinic.appointment_transitions[]);
drop function booking.series_change(uuid, uuid, int);
