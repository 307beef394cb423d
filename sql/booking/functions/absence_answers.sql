-- What the functions of an absence share: the lock that comes first, the repeat of a key, the note
-- of what was done. Called inside functions of clinic_booker, whose rights they have. The absence's
-- own row is locked before anything that the booking functions lock.
create function booking.lock_absence(p_clinic_id uuid, p_absence_id uuid) returns clinic.absences
language plpgsql volatile
as $$
declare
  v_absence clinic.absences;
begin
  select * into v_absence from clinic.absences
  where clinic_id = p_clinic_id and id = p_absence_id for no key update;
  return v_absence;
end
$$;
comment on function booking.lock_absence(uuid, uuid) is 'The absence, locked until the end of the transaction; a null row for none.';
grant execute on function booking.lock_absence(uuid, uuid) to clinic_booker;

create function booking.replay_run(
  p_clinic_id uuid, p_user_id uuid, p_action text, p_key text, p_hash bytea)
returns jsonb
language plpgsql stable
as $$
declare
  v_run clinic.absence_runs;
begin
  select * into v_run from clinic.absence_runs
  where clinic_id = p_clinic_id and done_by = p_user_id and idempotency_key = p_key;
  return case
    when not found then null
    when v_run.request_hash <> p_hash or v_run.action <> p_action
      then booking.refusal('idempotency_mismatch')
    else jsonb_build_object('status', 'success', 'idempotent', true, 'result', v_run.answer) end;
end
$$;
comment on function booking.replay_run(uuid, uuid, text, text, bytea) is
  'The stored answer of a key, idempotency_mismatch for another request, null for a new key.';
grant execute on function booking.replay_run(uuid, uuid, text, text, bytea) to clinic_booker;

create function booking.note_run(
  p_clinic_id uuid, p_user_id uuid, p_absence_id uuid, p_action text, p_key text, p_hash bytea,
  p_result jsonb, p_due timestamptz default null)
returns jsonb
language plpgsql volatile
as $$
begin
  insert into clinic.absence_runs (clinic_id, absence_id, action, idempotency_key, request_hash,
    answer, messages_due_at, done_by)
  values (p_clinic_id, p_absence_id, p_action, p_key, p_hash, p_result, p_due, p_user_id);
  return jsonb_build_object('status', 'success', 'idempotent', false, 'result', p_result);
end
$$;
comment on function booking.note_run(uuid, uuid, uuid, text, text, bytea, jsonb, timestamptz) is
  'Puts on record what was done with an absence and returns the answer.';
grant execute on function booking.note_run(uuid, uuid, uuid, text, text, bytea, jsonb, timestamptz) to clinic_booker;

create function booking.absence_refusal(
  p_claims text[], p_key text, p_absence clinic.absences, p_version int)
returns jsonb
language plpgsql stable
as $$
begin
  return case
    when nullif(p_claims[6], '') is null or p_claims[4] not in ('staff', 'admin', 'superadmin')
      then booking.refusal('not_allowed')
    when coalesce(length(p_key), 0) not between 1 and 200 then booking.refusal('invalid_input')
    when p_absence.id is null then booking.refusal('absence_not_found')
    when p_absence.undone_at is not null or p_version is distinct from p_absence.version
      then booking.refusal('stale') end;
end
$$;
comment on function booking.absence_refusal(text[], text, clinic.absences, int) is
  'Why nothing may be done with an absence as it is: not_allowed, invalid_input, absence_not_found, stale; or null.';
grant execute on function booking.absence_refusal(text[], text, clinic.absences, int) to clinic_booker;

-- undo
drop function booking.absence_refusal(text[], text, clinic.absences, int);
drop function booking.note_run(uuid, uuid, uuid, text, text, bytea, jsonb, timestamptz);
drop function booking.replay_run(uuid, uuid, text, text, bytea);
drop function booking.lock_absence(uuid, uuid);
