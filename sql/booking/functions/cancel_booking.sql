-- Cancels an appointment that has not begun and frees its slot at once. The row stays.
create function booking.cancel_booking(
  p_idempotency_key text, p_appointment_id uuid, p_reason text, p_version int default null,
  p_initiator text default null)
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
begin
  if v_user_id is null then
    return booking.refusal('not_allowed');
  end if;
  if p_appointment_id is null or coalesce(length(p_idempotency_key), 0) not between 1 and 255
      or coalesce(p_reason, '') !~ '\S' or length(p_reason) > 2000
      or p_initiator not in ('patient', 'clinic') then
    return booking.refusal('invalid_input');
  end if;
  v_hash := sha256(convert_to(jsonb_build_array(p_appointment_id, p_reason)::text, 'UTF8'));
  v_was := booking.find_appointment(v_claims, p_appointment_id);
  v_answer := booking.change_refusal(v_claims, v_was, 'cancel', p_version);
  if v_answer is not null then
    -- A repeated key is looked for where it shows: its work is done by then, or its row is there.
    return coalesce(
      booking.replay(v_clinic_id, v_user_id, 'cancel', p_idempotency_key, v_hash), v_answer);
  end if;

  if not booking.note_request(v_clinic_id, v_user_id, 'cancel', p_idempotency_key, v_hash,
      v_was.slot_id, v_was.patient_id, p_appointment_id) then
    return booking.replay(v_clinic_id, v_user_id, 'cancel', p_idempotency_key, v_hash);
  end if;
  if v_was.service_id is null then
    perform from clinic.appointment_slots
    where clinic_id = v_clinic_id and id = any (booking.asked_places(v_was) || v_was.slot_id)
    order by id for no key update;
  else
    perform booking.lock_slots(v_was);
  end if;
  update clinic.appointments
  set status = 'cancelled', version = version + 1, cancelled_at = now(),
    cancelled_by = v_user_id, cancellation_reason = btrim(p_reason, e' \t\r\n')
  where clinic_id = v_clinic_id and id = p_appointment_id
    and version = v_was.version;
  if not found then
    perform booking.forget_request(v_clinic_id, v_user_id, 'cancel', p_idempotency_key);
    select * into v_was from clinic.appointments
    where clinic_id = v_clinic_id and id = p_appointment_id;
    return coalesce(
      booking.status_refusal(v_was, 'cancel', p_version), booking.refusal('stale'));
  end if;
  perform booking.let_go(v_was);
  perform booking.move_in_queue(v_was, 'cancel');
  perform booking.record_transition(
    v_claims, 'cancel', v_was, btrim(p_reason, e' \t\r\n'),
    case when v_claims[4] <> 'patient' then p_initiator end);
  return booking.success(
    p_appointment_id, v_was.appointment_number, v_was.slot_id, false);
end
$$;
comment on function booking.cancel_booking(text, uuid, text, int, text) is
  'Cancels a booked appointment with a reason and frees its slot; p_initiator is patient or clinic, from a patient always patient. Answers as create_booking does.';
call app.make_definer('booking.cancel_booking(text, uuid, text, int, text)', 'clinic_booker');
grant execute on function booking.cancel_booking(text, uuid, text, int, text) to
  clinic_patient, clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.cancel_booking(text, uuid, text, int, text);
