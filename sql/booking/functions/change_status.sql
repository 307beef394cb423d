-- Who may do what to whose appointment; the doctor's and the patient's own rows come from the context.
create function booking.may_change(p_claims text[], p_action text, p_doctor_id uuid, p_patient_id uuid)
returns boolean
language plpgsql stable
as $$
begin
  return case p_claims[4]
    when 'patient' then p_action in ('confirm', 'cancel', 'reschedule')
      and p_patient_id = any (array(select app.own_patient_ids()))
    when 'doctor' then p_action in ('start', 'finish', 'undo')
      and p_doctor_id = any (array(select app.own_doctor_ids()))
    when 'nurse' then p_action in ('check_in', 'start', 'finish', 'leave', 'undo')
    when 'worker' then p_action = 'no_show'
    else p_claims[4] in ('staff', 'admin', 'superadmin') end;
end
$$;
comment on function booking.may_change(text[], text, uuid, uuid) is
  'Whether the role of the context may do this to an appointment of this doctor and this patient.';
revoke all on function booking.may_change(text[], text, uuid, uuid) from public;
grant execute on function booking.may_change(text[], text, uuid, uuid) to clinic_booker;

-- Confirm, check in, start, finish, no-show, leave: whatever changes no time. Of two at once one
-- wins: the row is written only in the status and the version that was looked at.
create function booking.change_status(
  p_idempotency_key text, p_appointment_id uuid, p_action text, p_version int default null,
  p_reason text default null)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_user_id uuid := coalesce(nullif(v_claims[6], '')::uuid, '00000000-0000-0000-0000-000000000000');
  v_hash bytea;
  v_answer jsonb;
  v_was clinic.appointments;
  v_to public.appointment_status;
begin
  if v_clinic_id is null then
    return booking.refusal('not_allowed');
  end if;
  if p_appointment_id is null or coalesce(length(p_idempotency_key), 0) not between 1 and 255
      or coalesce(p_action, '') not in ('confirm', 'check_in', 'start', 'finish', 'no_show', 'leave')
      or coalesce(length(p_reason), 0) > 2000 then
    return booking.refusal('invalid_input');
  end if;
  v_hash := sha256(convert_to(jsonb_build_array(p_appointment_id, p_action, p_reason)::text, 'UTF8'));
  v_answer := booking.replay(v_clinic_id, v_user_id, p_action, p_idempotency_key, v_hash);
  if v_answer is not null then
    return v_answer;
  end if;
  select * into v_was from clinic.appointments
  where clinic_id = v_clinic_id and id = p_appointment_id and deleted_at is null
    and (v_claims[4] <> 'patient' or patient_id = any (array(select app.own_patient_ids())))
    and (v_claims[4] <> 'doctor' or doctor_id = any (array(select app.own_doctor_ids())));
  if not found then
    return booking.refusal('appointment_not_found');
  elsif not booking.may_change(v_claims, p_action, v_was.doctor_id, v_was.patient_id) then
    return booking.refusal('not_allowed');
  end if;
  v_answer := booking.status_refusal(v_was, p_action, p_version);
  if v_answer is not null then
    -- The first try may have been committed since the look above: its answer comes first.
    return coalesce(
      booking.replay(v_clinic_id, v_user_id, p_action, p_idempotency_key, v_hash), v_answer);
  end if;
  v_to := booking.next_status(p_action, v_was.status);

  insert into booking.booking_requests (clinic_id, user_id, operation, idempotency_key,
    request_hash, slot_id, patient_id, appointment_id)
  values (v_clinic_id, v_user_id, p_action, p_idempotency_key, v_hash, v_was.slot_id,
    v_was.patient_id, p_appointment_id)
  on conflict do nothing;
  if not found then
    return booking.replay(v_clinic_id, v_user_id, p_action, p_idempotency_key, v_hash);
  end if;
  update clinic.appointments
  set status = v_to, version = version + 1,
    checked_in_at = case p_action when 'check_in' then now() else checked_in_at end,
    consultation_start_at = case p_action when 'start' then now() else consultation_start_at end,
    consultation_end_at = case p_action when 'finish' then now() else consultation_end_at end,
    no_show_marked_at = case p_action when 'no_show' then now() else no_show_marked_at end,
    cancelled_at = case p_action when 'leave' then now() else cancelled_at end,
    cancelled_by = case p_action when 'leave' then nullif(v_claims[6], '')::uuid else cancelled_by end,
    cancellation_reason = case p_action when 'leave'
      then coalesce(nullif(btrim(p_reason), ''), 'Left without being seen')
      else cancellation_reason end
  where clinic_id = v_clinic_id and id = p_appointment_id and version = v_was.version;
  if not found then
    delete from booking.booking_requests
    where clinic_id = v_clinic_id and user_id = v_user_id and operation = p_action
      and idempotency_key = p_idempotency_key;
    select * into v_was from clinic.appointments
    where clinic_id = v_clinic_id and id = p_appointment_id;
    return coalesce(
      booking.status_refusal(v_was, p_action, p_version), booking.refusal('stale'));
  end if;
  perform booking.move_in_queue(v_was, p_action);
  perform booking.record_transition(v_claims, p_action, v_was, p_reason,
    case when p_action in ('no_show', 'leave') then 'patient' end);
  return booking.success(p_appointment_id, v_was.appointment_number, v_was.slot_id, false);
end
$$;
comment on function booking.change_status(text, uuid, text, int, text) is
  'confirm, check_in, start, finish, no_show or leave; p_version is the one that was looked at, if any. Answers as create_booking does.';
call app.make_definer('booking.change_status(text, uuid, text, int, text)', 'clinic_booker');
grant execute on function booking.change_status(text, uuid, text, int, text) to
  clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin,
  clinic_worker;

-- undo
drop function booking.change_status(text, uuid, text, int, text);
drop function booking.may_change(text[], text, uuid, uuid);
