-- Moves an appointment to another free slot: the number and the row stay, and the old slot is let go
-- only when the new one is won. Both slots are locked in order of their ids, so crossing moves wait
-- for each other instead of deadlocking.
create function booking.move_appointment(
  p_was clinic.appointments, p_slot_id uuid, p_status public.appointment_status)
returns text
language plpgsql volatile
as $$
declare
  v_slot clinic.appointment_slots;
  v_code text;
begin
  perform from clinic.appointment_slots
  where clinic_id = p_was.clinic_id and id in (p_was.slot_id, p_slot_id)
  order by id for no key update;
  begin
    update clinic.appointment_slots set is_available = true, appointment_id = null
    where clinic_id = p_was.clinic_id and id = p_was.slot_id and appointment_id = p_was.id;
    update clinic.appointment_slots set is_available = false, appointment_id = p_was.id
    where clinic_id = p_was.clinic_id and id = p_slot_id
      and is_available and not is_blocked and starts_at > now()
    returning * into v_slot;
    if not found then
      v_code := 'slot_unavailable';
      raise sqlstate 'ABORT';
    end if;
    update clinic.appointments
    set slot_id = p_slot_id, doctor_id = v_slot.doctor_id, appointment_date = v_slot.slot_date,
      appointment_time = v_slot.slot_time, duration_minutes = v_slot.duration_minutes,
      starts_at = v_slot.starts_at, ends_at = v_slot.ends_at, status = p_status,
      version = version + 1, reminder_sent_at = null, cancelled_at = null, cancelled_by = null,
      cancellation_reason = ''
    where clinic_id = p_was.clinic_id and id = p_was.id and version = p_was.version;
    if not found then
      v_code := 'stale';
      raise sqlstate 'ABORT';
    end if;
  exception
    when sqlstate 'ABORT' then
      return v_code;  -- what this block did is undone
    when exclusion_violation or unique_violation then
      return coalesce(
        booking.booking_refusal(p_was.clinic_id, p_slot_id, p_was.patient_id, null, p_was.id),
        'slot_unavailable');
  end;
  return null;
end
$$;
comment on function booking.move_appointment(clinic.appointments, uuid, public.appointment_status) is
  'Puts an appointment, as it was read, into another slot; the code of what stands against it, or null.';
revoke all on function booking.move_appointment(clinic.appointments, uuid, public.appointment_status) from public;
grant execute on function booking.move_appointment(clinic.appointments, uuid, public.appointment_status) to clinic_booker;

create function booking.reschedule_booking(
  p_idempotency_key text, p_appointment_id uuid, p_new_slot_id uuid, p_reason text,
  p_version int default null)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_user_id uuid := nullif(v_claims[6], '')::uuid;
  v_own uuid := case when v_claims[4] = 'patient' then v_claims[6]::uuid end;
  v_hash bytea;
  v_answer jsonb;
  v_was clinic.appointments;
  v_code text;
begin
  if v_user_id is null or v_claims[4] not in ('patient', 'staff', 'admin', 'superadmin') then
    return booking.refusal('not_allowed');
  end if;
  if p_appointment_id is null or p_new_slot_id is null
      or coalesce(length(p_idempotency_key), 0) not between 1 and 255
      or coalesce(length(p_reason), 0) > 2000 then
    return booking.refusal('invalid_input');
  end if;
  v_hash := sha256(convert_to(
    jsonb_build_array(p_appointment_id, p_new_slot_id, p_reason)::text, 'UTF8'));
  v_answer := booking.replay(v_clinic_id, v_user_id, 'reschedule', p_idempotency_key, v_hash);
  if v_answer is not null then
    return v_answer;
  end if;
  select * into v_was from clinic.appointments
  where clinic_id = v_clinic_id and id = p_appointment_id and deleted_at is null
    and (v_own is null or patient_id = any (array(select app.own_patient_ids())));
  if not found then
    return booking.refusal('appointment_not_found');
  end if;
  v_answer := booking.status_refusal(v_was, 'reschedule', p_version);
  v_code := booking.booking_refusal(v_clinic_id, p_new_slot_id, v_was.patient_id, v_own, v_was.id);
  if v_answer is not null or v_code is not null then
    -- The first try may have been committed since the look above: its answer comes first.
    return coalesce(
      booking.replay(v_clinic_id, v_user_id, 'reschedule', p_idempotency_key, v_hash),
      v_answer, booking.refusal(v_code));
  end if;

  insert into booking.booking_requests (clinic_id, user_id, operation, idempotency_key,
    request_hash, slot_id, patient_id, appointment_id)
  values (v_clinic_id, v_user_id, 'reschedule', p_idempotency_key, v_hash, p_new_slot_id,
    v_was.patient_id, p_appointment_id)
  on conflict do nothing;
  if not found then
    return booking.replay(v_clinic_id, v_user_id, 'reschedule', p_idempotency_key, v_hash);
  end if;
  v_code := booking.move_appointment(
    v_was, p_new_slot_id, booking.next_status('reschedule', v_was.status));
  if v_code is not null then
    delete from booking.booking_requests
    where clinic_id = v_clinic_id and user_id = v_user_id and operation = 'reschedule'
      and idempotency_key = p_idempotency_key;
    return booking.refusal(v_code);
  end if;
  perform booking.record_transition(v_claims, 'reschedule', v_was, p_reason);
  return booking.success(p_appointment_id, v_was.appointment_number, p_new_slot_id, false);
end
$$;
comment on function booking.reschedule_booking(text, uuid, uuid, text, int) is
  'Moves a booked appointment to another free slot, of any doctor; its number stays. Answers as create_booking does.';
call app.make_definer('booking.reschedule_booking(text, uuid, uuid, text, int)', 'clinic_booker');
grant execute on function booking.reschedule_booking(text, uuid, uuid, text, int) to
  clinic_patient, clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.reschedule_booking(text, uuid, uuid, text, int);
drop function booking.move_appointment(clinic.appointments, uuid, public.appointment_status);
