-- The shapes that every booking function returns. Business outcomes are values, not exceptions.
-- STABLE as jsonb_build_object is: declared stricter, they could not be inlined and were parsed anew
-- in each call.
create function booking.refusal(p_code text) returns jsonb
language sql stable parallel safe
as $$
  select jsonb_build_object(
    'status', case when p_code in ('invalid_input', 'not_allowed', 'idempotency_mismatch',
                                   'slot_not_found', 'patient_not_found', 'appointment_not_found')
              then 'error' else 'conflict' end,
    'code', p_code,
    'message', case p_code
      when 'slot_not_found' then 'There is no such time at this clinic.'
      when 'slot_unavailable' then 'That time has just been taken.'
      when 'slot_blocked' then 'That time is blocked.'
      when 'hold_limit' then 'You hold too many times already. Let one go, or book it.'
      when 'slot_past' then 'That time has passed.'
      when 'patient_not_found' then 'There is no such patient at this clinic.'
      when 'patient_overlap' then 'The patient has another appointment at that time.'
      when 'doctor_unavailable' then 'The doctor is not available at that time.'
      when 'appointment_not_found' then 'There is no such appointment at this clinic.'
      when 'bad_transition' then 'That can no longer be done to this appointment.'
      when 'stale' then 'Somebody else changed the appointment first.'
      when 'in_progress' then 'The same request is being worked on.'
      when 'idempotency_mismatch' then 'This key was already used for something else.'
      when 'not_allowed' then 'You may not do this.'
      else 'Something in the request is missing or not valid.' end)
$$;
comment on function booking.refusal(text) is 'The answer of a booking function that changed nothing, by its code.';

create function booking.success(p_appointment_id uuid, p_number text, p_slot_id uuid, p_idempotent boolean)
returns jsonb
language sql stable parallel safe
as $$
  select jsonb_build_object('status', 'success', 'idempotent', p_idempotent, 'result',
    jsonb_build_object('appointment_id', p_appointment_id, 'appointment_number', p_number,
                       'slot_id', p_slot_id))
$$;
comment on function booking.success(uuid, text, uuid, boolean) is 'The answer of a booking function that did its work, now or in an earlier call with the same key.';

grant execute on function booking.refusal(text), booking.success(uuid, text, uuid, boolean)
  to clinic_booker;

-- undo
drop function booking.success(uuid, text, uuid, boolean);
drop function booking.refusal(text);
