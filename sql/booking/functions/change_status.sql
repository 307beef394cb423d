-- Who is not coming needs no room, and who leaves before their time does not need that either.
create function booking.lock_status_places(p_was clinic.appointments, p_action text) returns void
language plpgsql volatile
as $$
begin
  if p_was.service_id is not null and p_action in ('no_show', 'leave') then
    perform booking.lock_slots(p_was);
  elsif p_action in ('check_in', 'start', 'no_show', 'leave') then
    perform from clinic.appointment_slots
    where clinic_id = p_was.clinic_id and id = any (
      booking.asked_places(p_was) || case p_action when 'leave' then p_was.slot_id end)
    order by id for no key update;
  end if;
end
$$;
comment on function booking.lock_status_places(clinic.appointments, text) is
  'Locks the slots that a change of status lets go of, before the appointment is locked.';
grant execute on function booking.lock_status_places(clinic.appointments, text) to clinic_booker;

create function booking.leave_place(p_was clinic.appointments, p_action text) returns void
language plpgsql volatile
as $$
begin
  if p_action = 'leave' and p_was.starts_at > now() then
    perform booking.free_slot(p_was.clinic_id, p_was.slot_id, p_was.id);
  end if;
  if p_was.service_id is not null and p_action in ('no_show', 'leave') then
    perform booking.release_places(p_was);
  end if;
end
$$;
comment on function booking.leave_place(clinic.appointments, text) is
  'Lets go of what a visit needs no more after no_show or leave: rooms and covered slots, and before its time its own slot.';
grant execute on function booking.leave_place(clinic.appointments, text) to clinic_booker;

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
  v_user_id uuid := coalesce(nullif(v_claims[6], '')::uuid, app.nil_uuid());
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
  v_was := booking.find_appointment(v_claims, p_appointment_id);
  v_answer := booking.change_refusal(v_claims, v_was, p_action, p_version);
  if v_answer is not null then
    -- A repeated key is looked for where it shows: its work is done by then, or its row is there.
    return coalesce(
      booking.replay(v_clinic_id, v_user_id, p_action, p_idempotency_key, v_hash), v_answer);
  end if;
  v_to := booking.next_status(p_action, v_was.status);

  if not booking.note_request(v_clinic_id, v_user_id, p_action, p_idempotency_key, v_hash,
      v_was.slot_id, v_was.patient_id, p_appointment_id) then
    return booking.replay(v_clinic_id, v_user_id, p_action, p_idempotency_key, v_hash);
  end if;
  perform booking.lock_status_places(v_was, p_action);
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
    perform booking.forget_request(v_clinic_id, v_user_id, p_action, p_idempotency_key);
    select * into v_was from clinic.appointments
    where clinic_id = v_clinic_id and id = p_appointment_id;
    return coalesce(
      booking.status_refusal(v_was, p_action, p_version), booking.refusal('stale'));
  end if;
  perform booking.leave_place(v_was, p_action);
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
drop function booking.leave_place(clinic.appointments, text);
drop function booking.lock_status_places(clinic.appointments, text);
