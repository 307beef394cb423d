-- Moves an appointment to another free slot: the number and the row stay, and the old slot is let go
-- only when the new one is won. All slots are locked in order of their ids, so crossing moves wait
-- for each other instead of deadlocking. A visit of a service moves with all that it needs.
create function booking.move_appointment(
  p_was clinic.appointments, p_slot_id uuid, p_status public.appointment_status,
  p_user_id uuid)
returns text
language plpgsql volatile
as $$
declare
  v_slot clinic.appointment_slots;
  v_visit clinic.appointments;
  v_code text;
begin
  if p_was.service_id is null then
    perform from clinic.appointment_slots
    where clinic_id = p_was.clinic_id
      and id = any (booking.asked_places(p_was) || array[p_was.slot_id, p_slot_id])
    order by id for no key update;
  else
    v_visit := booking.planned_visit(p_was.clinic_id, p_slot_id, p_was.service_id, p_was.id,
      p_was.patient_id, p_user_id);
    v_code := booking.secure_places(v_visit, p_was);
    if v_code is not null then
      return v_code;
    end if;
  end if;
  begin
    perform booking.let_go(p_was);
    v_slot := booking.take_slot(
      p_was.clinic_id, p_slot_id, p_was.id, p_user_id, p_was.patient_id);
    if v_slot.id is null then
      v_code := 'slot_unavailable';
      raise sqlstate 'ABORT';
    end if;
    update clinic.appointments
    set slot_id = p_slot_id, doctor_id = v_slot.doctor_id, appointment_date = v_slot.slot_date,
      appointment_time = v_slot.slot_time,
      duration_minutes = coalesce(v_visit.duration_minutes, v_slot.duration_minutes),
      starts_at = v_slot.starts_at, ends_at = coalesce(v_visit.ends_at, v_slot.ends_at),
      busy_from = v_visit.busy_from, busy_to = v_visit.busy_to, status = p_status,
      version = version + 1, reminder_sent_at = null, cancelled_at = null, cancelled_by = null,
      cancellation_reason = '', overbooked_reason = '', overlap_reason = ''
    where clinic_id = p_was.clinic_id and id = p_was.id and version = p_was.version;
    if not found then
      v_code := 'stale';
      raise sqlstate 'ABORT';
    end if;
    if p_was.service_id is not null then
      perform booking.take_places(v_visit);
    end if;
  exception
    when sqlstate 'ABORT' then
      return v_code;  -- what this block did is undone
    when exclusion_violation or unique_violation then
      return coalesce(
        booking.booking_refusal(p_was.clinic_id, p_slot_id, p_was.patient_id, null, p_user_id,
          p_was.id, p_was.service_id),
        'slot_unavailable');
  end;
  return null;
end
$$;
comment on function booking.move_appointment(clinic.appointments, uuid, public.appointment_status, uuid) is
  'Puts an appointment, as it was read, into another slot; the code of what stands against it, or null.';
grant execute on function booking.move_appointment(clinic.appointments, uuid, public.appointment_status, uuid) to clinic_booker;

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
  if v_user_id is null then
    return booking.refusal('not_allowed');
  end if;
  if p_appointment_id is null or p_new_slot_id is null
      or coalesce(length(p_idempotency_key), 0) not between 1 and 255
      or coalesce(length(p_reason), 0) > 2000 then
    return booking.refusal('invalid_input');
  end if;
  v_hash := sha256(convert_to(
    jsonb_build_array(p_appointment_id, p_new_slot_id, p_reason)::text, 'UTF8'));
  v_was := booking.find_appointment(v_claims, p_appointment_id);
  v_answer := booking.change_refusal(v_claims, v_was, 'reschedule', p_version);
  if v_answer is null then
    v_code := booking.booking_refusal(
      v_clinic_id, p_new_slot_id, v_was.patient_id, v_own, v_user_id, v_was.id, v_was.service_id);
    v_answer := case when v_code is not null then booking.refusal(v_code) end;
  end if;
  if v_answer is not null then
    -- A repeated key is looked for where it shows: its work is done by then, or its row is there.
    return coalesce(
      booking.replay(v_clinic_id, v_user_id, 'reschedule', p_idempotency_key, v_hash), v_answer);
  end if;

  if not booking.note_request(v_clinic_id, v_user_id, 'reschedule', p_idempotency_key, v_hash,
      p_new_slot_id, v_was.patient_id, p_appointment_id) then
    return booking.replay(v_clinic_id, v_user_id, 'reschedule', p_idempotency_key, v_hash);
  end if;
  v_code := booking.move_appointment(
    v_was, p_new_slot_id, booking.next_status('reschedule', v_was.status), v_user_id);
  if v_code is not null then
    perform booking.forget_request(v_clinic_id, v_user_id, 'reschedule', p_idempotency_key);
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
drop function booking.move_appointment(clinic.appointments, uuid, public.appointment_status, uuid);
