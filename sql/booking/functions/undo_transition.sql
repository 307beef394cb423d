-- Takes back the last change of an appointment, once, within half a day. It is a change of its own:
-- nothing is erased, the version goes on. A time that was let go must be free again.
create function booking.restore_visit(
  p_was clinic.appointments, p_last clinic.appointment_transitions, p_user_id uuid)
returns text
language plpgsql volatile
as $$
declare
  -- What let a time go before it began is booked anew.
  v_anew boolean := p_last.from_slot_id is not null and (p_last.action in ('cancel', 'reschedule')
    or (p_last.action = 'leave' and p_was.starts_at > now()));
  v_visit clinic.appointments := p_was;
  v_code text;
begin
  v_visit.slot_id := p_last.from_slot_id;
  if v_anew and p_was.service_id is not null then
    v_visit := booking.planned_visit(p_was.clinic_id, p_last.from_slot_id, p_was.service_id, p_was.id,
      p_was.patient_id, p_user_id);
  end if;
  v_visit.overbooked_reason := p_last.from_overbooked_reason;
  if v_anew or p_last.action in ('no_show', 'leave') then
    perform booking.recall_offers(v_visit, p_was, p_last.created_at);
  end if;
  v_code := case
    -- A time that was no slot is kept nowhere.
    when p_last.action = 'reschedule' and not v_anew then 'bad_transition'
    when not v_anew then booking.restore_status(p_was, p_last)
    when p_last.from_overbooked_reason || p_last.from_overlap_reason <> ''
      then booking.restore_despite(p_was, p_last, p_user_id)
    -- Not for a patient or with a doctor who may no longer be booked.
    else coalesce(
      booking.booking_refusal(p_was.clinic_id, p_last.from_slot_id, p_was.patient_id, null,
        p_user_id, p_was.id, p_was.service_id),
      booking.move_appointment(p_was, p_last.from_slot_id, p_last.from_status, p_user_id)) end;
  if v_code is not null then
    raise sqlstate 'ABORT';
  end if;
  return null;
exception when sqlstate 'ABORT' then
  return v_code;  -- what was offered stays so
end
$$;
comment on function booking.restore_visit(clinic.appointments, clinic.appointment_transitions, uuid) is
  'Undoes the last change of an appointment, as it was read; the code of what stands against it, or null.';
grant execute on function booking.restore_visit(clinic.appointments, clinic.appointment_transitions, uuid)
  to clinic_booker;

create function booking.undo_transition(
  p_idempotency_key text, p_appointment_id uuid, p_version int)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_user_id uuid := nullif(v_claims[6], '')::uuid;
  v_hash bytea;
  v_answer jsonb;
  v_was clinic.appointments;
  v_last clinic.appointment_transitions;
  v_code text;
begin
  if v_user_id is null
      or v_claims[4] not in ('staff', 'admin', 'superadmin', 'nurse', 'doctor') then
    return booking.refusal('not_allowed');
  end if;
  if p_appointment_id is null or p_version is null
      or coalesce(length(p_idempotency_key), 0) not between 1 and 255 then
    return booking.refusal('invalid_input');
  end if;
  v_hash := sha256(convert_to(jsonb_build_array(p_appointment_id, p_version)::text, 'UTF8'));
  v_was := booking.find_appointment(v_claims, p_appointment_id);
  v_answer := case when v_was.id is null then booking.refusal('appointment_not_found')
    when v_was.version <> p_version then booking.refusal('stale') end;
  select * into v_last from clinic.appointment_transitions
  where clinic_id = v_clinic_id and appointment_id = p_appointment_id and version = p_version
    and action <> 'undo' and created_at > now() - interval '12 hours';
  v_answer := coalesce(v_answer, case when not found then booking.refusal('bad_transition')
    when not booking.may_change(v_claims, v_last.action, v_was.doctor_id, v_was.patient_id)
      then booking.refusal('not_allowed') end);
  if v_answer is not null then
    -- A repeated key is looked for where it shows: its work is done by then, or its row is there.
    return coalesce(
      booking.replay(v_clinic_id, v_user_id, 'undo', p_idempotency_key, v_hash), v_answer);
  end if;

  if not booking.note_request(v_clinic_id, v_user_id, 'undo', p_idempotency_key, v_hash,
      v_last.from_slot_id, v_was.patient_id, p_appointment_id) then
    return booking.replay(v_clinic_id, v_user_id, 'undo', p_idempotency_key, v_hash);
  end if;
  v_code := booking.restore_visit(v_was, v_last, v_user_id);
  if v_code is not null then
    perform booking.forget_request(v_clinic_id, v_user_id, 'undo', p_idempotency_key);
    return booking.refusal(coalesce(nullif(v_code, 'patient_not_found'), 'bad_transition'));
  end if;
  perform booking.move_in_queue(v_was, 'undo_' || v_last.action);
  perform booking.record_transition(v_claims, 'undo', v_was, v_last.action);
  return booking.success(p_appointment_id, v_was.appointment_number, v_last.from_slot_id, false);
end
$$;
comment on function booking.undo_transition(text, uuid, int) is
  'Takes back the last change, whose version is given. Answers as create_booking does; slot_unavailable, doctor_unavailable and so on when the old time can no longer be booked.';
call app.make_definer('booking.undo_transition(text, uuid, int)', 'clinic_booker');
grant execute on function booking.undo_transition(text, uuid, int) to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;

-- undo
drop function booking.undo_transition(text, uuid, int);
drop function booking.restore_visit(clinic.appointments, clinic.appointment_transitions, uuid);
