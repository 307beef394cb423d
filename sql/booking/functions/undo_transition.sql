-- Takes back the last change of an appointment, once, within half a day. It is a change of its own:
-- nothing is erased, the version goes on. A time that was let go must be free again.
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
  v_answer := booking.replay(v_clinic_id, v_user_id, 'undo', p_idempotency_key, v_hash);
  if v_answer is not null then
    return v_answer;
  end if;
  select * into v_was from clinic.appointments
  where clinic_id = v_clinic_id and id = p_appointment_id and deleted_at is null
    and (v_claims[4] <> 'doctor' or doctor_id = any (array(select app.own_doctor_ids())));
  if not found then
    return booking.refusal('appointment_not_found');
  elsif v_was.version <> p_version then
    -- The first try may have been committed since the look above: its answer comes first.
    return coalesce(
      booking.replay(v_clinic_id, v_user_id, 'undo', p_idempotency_key, v_hash),
      booking.refusal('stale'));
  end if;
  select * into v_last from clinic.appointment_transitions
  where clinic_id = v_clinic_id and appointment_id = p_appointment_id and version = p_version
    and action <> 'undo' and created_at > now() - interval '12 hours';
  if not found then
    return booking.refusal('bad_transition');
  elsif not booking.may_change(v_claims, v_last.action, v_was.doctor_id, v_was.patient_id) then
    return booking.refusal('not_allowed');
  end if;

  insert into booking.booking_requests (clinic_id, user_id, operation, idempotency_key,
    request_hash, slot_id, patient_id, appointment_id)
  values (v_clinic_id, v_user_id, 'undo', p_idempotency_key, v_hash, v_last.from_slot_id,
    v_was.patient_id, p_appointment_id)
  on conflict do nothing;
  if not found then
    return booking.replay(v_clinic_id, v_user_id, 'undo', p_idempotency_key, v_hash);
  end if;
  if v_last.action in ('cancel', 'reschedule') and v_last.from_slot_id is not null then
    v_code := booking.move_appointment(v_was, v_last.from_slot_id, v_last.from_status);
  else
    v_code := booking.restore_status(v_was, v_last);
  end if;
  if v_code is not null then
    delete from booking.booking_requests
    where clinic_id = v_clinic_id and user_id = v_user_id and operation = 'undo'
      and idempotency_key = p_idempotency_key;
    return booking.refusal(v_code);
  end if;
  perform booking.move_in_queue(v_was, 'undo_' || v_last.action);
  perform booking.record_transition(v_claims, 'undo', v_was, v_last.action);
  return booking.success(p_appointment_id, v_was.appointment_number, v_last.from_slot_id, false);
end
$$;
comment on function booking.undo_transition(text, uuid, int) is
  'Takes back the last change, whose version is given. Answers as create_booking does; slot_unavailable when the old time is gone.';
call app.make_definer('booking.undo_transition(text, uuid, int)', 'clinic_booker');
grant execute on function booking.undo_transition(text, uuid, int) to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;

-- undo
drop function booking.undo_transition(text, uuid, int);
