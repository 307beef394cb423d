-- What an asked patient said, as the desk hears it. Their place is theirs until the hold is over;
-- after that it may still be free.
create function booking.answer_absence(
  p_idempotency_key text, p_absence_id uuid, p_appointment_id uuid, p_agreed boolean, p_version int)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_user_id uuid := nullif(v_claims[6], '')::uuid;
  v_hash bytea := sha256(convert_to(
    jsonb_build_array(p_absence_id, p_appointment_id, p_agreed)::text, 'UTF8'));
  v_absence clinic.absences := booking.lock_absence(v_clinic_id, p_absence_id);
  v_row clinic.absence_rows;
  v_answer jsonb;
  v_code text;
begin
  select * into v_row from clinic.absence_rows
  where clinic_id = v_clinic_id and absence_id = p_absence_id
    and appointment_id = p_appointment_id;
  v_answer := coalesce(
    booking.replay_run(v_clinic_id, v_user_id, 'answer', p_idempotency_key, v_hash),
    booking.absence_refusal(v_claims, p_idempotency_key, v_absence, p_version),
    case when v_row.id is null then booking.refusal('appointment_not_found')
      when p_agreed is null then booking.refusal('invalid_input')
      when v_row.state <> 'asked' then booking.refusal('bad_transition') end);
  if v_answer is not null then
    return v_answer;
  end if;
  perform booking.lock_absence_places(v_absence);
  -- Asked again: who moved or cancelled the visit meanwhile has withdrawn the question.
  select * into v_row from clinic.absence_rows where clinic_id = v_clinic_id and id = v_row.id;
  if v_row.state <> 'asked' then
    return booking.refusal('bad_transition');
  end if;
  if p_agreed then
    v_row.choice := 'move';
    v_code := booking.settle_visit(v_claims, v_row, null, p_idempotency_key || ':0');
    if v_code is not null then
      return booking.refusal(v_code);
    end if;
    perform booking.withdraw_notice(v_clinic_id, v_row.notice_id);
  else
    perform booking.withdraw_ask(v_row);
    update clinic.absence_rows set choice = null, slot_id = null, code = 'declined'
    where clinic_id = v_clinic_id and id = v_row.id;
  end if;
  update clinic.absences set version = version + 1
  where clinic_id = v_clinic_id and id = p_absence_id;
  return booking.note_run(v_clinic_id, v_user_id, p_absence_id, 'answer', p_idempotency_key,
    v_hash, jsonb_build_object('absence_id', p_absence_id, 'version', v_absence.version + 1,
      'appointment_id', p_appointment_id, 'agreed', p_agreed));
end
$$;
comment on function booking.answer_absence(text, uuid, uuid, boolean, int) is
  'Moves an asked patient to the place that was offered, or lets it go: {absence_id, version, appointment_id, agreed} or a refusal; bad_transition where nobody is being asked.';
call app.make_definer('booking.answer_absence(text, uuid, uuid, boolean, int)', 'clinic_booker');
grant execute on function booking.answer_absence(text, uuid, uuid, boolean, int) to
  clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.answer_absence(text, uuid, uuid, boolean, int);
