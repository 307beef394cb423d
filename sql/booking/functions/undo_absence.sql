-- Takes a whole absence back while none of its messages has gone: every visit to its old place, the
-- held places free, the leave withdrawn. A visit that something else happened to since, or whose old
-- time was given away, stays where it is, with its message, and is reported.
create function booking.undo_rows(p_claims text[], p_absence clinic.absences, p_key text)
returns jsonb
language plpgsql volatile
as $$
declare
  v_row clinic.absence_rows;
  v_answer jsonb;
  v_done int := 0;
  v_refused jsonb := '[]';
begin
  for v_row in
    select * from clinic.absence_rows r
    where r.clinic_id = p_absence.clinic_id and r.absence_id = p_absence.id and r.state <> 'open'
    order by r.handled_at desc, r.from_starts_at desc, r.id
  loop
    if v_row.state = 'asked' then
      perform booking.withdraw_ask(v_row);
      v_done := v_done + 1;
      continue;
    end if;
    v_answer := booking.undo_transition(
      p_key || ':' || v_row.appointment_id, v_row.appointment_id, v_row.version);
    update clinic.absence_rows
    set state = case when v_answer ->> 'code' is null then 'open' else state end,
      code = coalesce(v_answer ->> 'code', '')
    where clinic_id = p_absence.clinic_id and id = v_row.id;
    if v_answer ->> 'code' is null then
      v_done := v_done + 1;
    else
      v_refused := v_refused || jsonb_build_object(
        'appointment_id', v_row.appointment_id, 'code', v_answer ->> 'code');
    end if;
  end loop;
  return jsonb_build_object('done', v_done, 'refused', v_refused);
end
$$;
comment on function booking.undo_rows(text[], clinic.absences, text) is
  'Undoes the rows of an absence, the last first: {"done", "refused": [{"appointment_id", "code"}]}.';
grant execute on function booking.undo_rows(text[], clinic.absences, text) to clinic_booker;

create function booking.undo_absence(p_idempotency_key text, p_absence_id uuid, p_version int)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_user_id uuid := nullif(v_claims[6], '')::uuid;
  v_hash bytea := sha256(convert_to(p_absence_id::text, 'UTF8'));
  v_absence clinic.absences := booking.lock_absence(v_clinic_id, p_absence_id);
  v_answer jsonb;
  v_result jsonb;
begin
  v_answer := coalesce(
    booking.replay_run(v_clinic_id, v_user_id, 'undo', p_idempotency_key, v_hash),
    booking.absence_refusal(v_claims, p_idempotency_key, v_absence, p_version),
    case when v_absence.undo_until <= clock_timestamp() then booking.refusal('too_late') end);
  if v_answer is not null then
    return v_answer;
  end if;
  -- First, or the doctor would be away for what goes back.
  update clinic.doctor_leave set deleted_at = now()
  where clinic_id = v_clinic_id and id = any (v_absence.leave_ids) and deleted_at is null;
  perform booking.lock_absence_places(v_absence);
  v_result := booking.undo_rows(v_claims, v_absence, p_idempotency_key);
  update clinic.absences
  set version = version + 1, undone_at = now(), undone_by = v_user_id
  where clinic_id = v_clinic_id and id = p_absence_id;
  return booking.note_run(v_clinic_id, v_user_id, p_absence_id, 'undo', p_idempotency_key, v_hash,
    v_result || jsonb_build_object('absence_id', p_absence_id, 'version', v_absence.version + 1));
end
$$;
comment on function booking.undo_absence(text, uuid, int) is
  'Takes an absence back with all that was done for it: {done, refused [{appointment_id, code}], absence_id, version} or a refusal; too_late once its first message is due.';
call app.make_definer('booking.undo_absence(text, uuid, int)', 'clinic_booker');
grant execute on function booking.undo_absence(text, uuid, int) to
  clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.undo_absence(text, uuid, int);
drop function booking.undo_rows(text[], clinic.absences, text);
