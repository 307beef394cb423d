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
  v_role text := v_claims[4];
  v_clinic_id uuid := v_claims[5]::uuid;
  v_user_id uuid := nullif(v_claims[6], '')::uuid;
  v_hash bytea;
  v_answer jsonb;
  v_appointment clinic.appointments;
begin
  if v_user_id is null or v_role not in ('patient', 'staff', 'admin', 'superadmin') then
    return booking.refusal('not_allowed');
  end if;
  if p_appointment_id is null or coalesce(length(p_idempotency_key), 0) not between 1 and 255
      or coalesce(p_reason, '') !~ '\S' or length(p_reason) > 2000
      or p_initiator not in ('patient', 'clinic') then
    return booking.refusal('invalid_input');
  end if;
  v_hash := sha256(convert_to(jsonb_build_array(p_appointment_id, p_reason)::text, 'UTF8'));
  v_answer := booking.replay(v_clinic_id, v_user_id, 'cancel', p_idempotency_key, v_hash);
  if v_answer is not null then
    return v_answer;
  end if;
  select * into v_appointment from clinic.appointments a
  where a.clinic_id = v_clinic_id and a.id = p_appointment_id and a.deleted_at is null
    and (v_role <> 'patient' or a.patient_id = any (array(select app.own_patient_ids())));
  if not found then
    return booking.refusal('appointment_not_found');
  end if;
  v_answer := booking.status_refusal(v_appointment, 'cancel', p_version);
  if v_answer is not null then
    -- The first try may have been committed since the look above: its answer comes first.
    return coalesce(
      booking.replay(v_clinic_id, v_user_id, 'cancel', p_idempotency_key, v_hash), v_answer);
  end if;

  insert into booking.booking_requests (clinic_id, user_id, operation, idempotency_key,
    request_hash, slot_id, patient_id, appointment_id)
  values (v_clinic_id, v_user_id, 'cancel', p_idempotency_key, v_hash, v_appointment.slot_id,
    v_appointment.patient_id, p_appointment_id)
  on conflict do nothing;
  if not found then
    return booking.replay(v_clinic_id, v_user_id, 'cancel', p_idempotency_key, v_hash);
  end if;
  perform from clinic.appointment_slots
  where clinic_id = v_clinic_id and id = v_appointment.slot_id for no key update;
  update clinic.appointments
  set status = 'cancelled', version = version + 1, cancelled_at = now(),
    cancelled_by = v_user_id, cancellation_reason = btrim(p_reason, e' \t\r\n')
  where clinic_id = v_clinic_id and id = p_appointment_id
    and version = v_appointment.version;
  if not found then
    delete from booking.booking_requests
    where clinic_id = v_clinic_id and user_id = v_user_id and operation = 'cancel'
      and idempotency_key = p_idempotency_key;
    select * into v_appointment from clinic.appointments
    where clinic_id = v_clinic_id and id = p_appointment_id;
    return coalesce(
      booking.status_refusal(v_appointment, 'cancel', p_version), booking.refusal('stale'));
  end if;
  update clinic.appointment_slots set is_available = true, appointment_id = null
  where clinic_id = v_clinic_id and id = v_appointment.slot_id
    and appointment_id = p_appointment_id;
  perform booking.move_in_queue(v_appointment, 'cancel');
  perform booking.record_transition(
    v_claims, 'cancel', v_appointment, btrim(p_reason, e' \t\r\n'), p_initiator);
  return booking.success(
    p_appointment_id, v_appointment.appointment_number, v_appointment.slot_id, false);
end
$$;
comment on function booking.cancel_booking(text, uuid, text, int, text) is
  'Cancels a booked appointment with a reason and frees its slot; p_initiator is patient or clinic. Answers as create_booking does.';
call app.make_definer('booking.cancel_booking(text, uuid, text, int, text)', 'clinic_booker');
grant execute on function booking.cancel_booking(text, uuid, text, int, text) to
  clinic_patient, clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.cancel_booking(text, uuid, text, int, text);
