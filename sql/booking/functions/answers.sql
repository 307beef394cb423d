-- The shapes that every booking function returns. Business outcomes are values, not exceptions.
-- STABLE as jsonb_build_object is: declared stricter, they could not be inlined and were parsed anew
-- in each call.
create function booking.refusal(p_code text) returns jsonb
language sql stable parallel safe
as $$
  select jsonb_build_object(
    'status', case when p_code in ('invalid_input', 'not_allowed', 'idempotency_mismatch',
                                   'slot_not_found', 'patient_not_found', 'appointment_not_found',
                                   'doctor_not_found', 'day_not_found', 'absence_not_found')
              then 'error' else 'conflict' end,
    'code', split_part(p_code, ' ', 1),
    -- A code may bring its own sentence: resource_unavailable Room 3 is not free then.
    'message', case when p_code like '% %' then substr(p_code, strpos(p_code, ' ') + 1)
    -- One constant: branches of a CASE are set up anew in each transaction, all of them.
    else coalesce(jsonb '{
      "slot_not_found": "There is no such time at this clinic.",
      "slot_unavailable": "That time has just been taken.",
      "slot_blocked": "That time is blocked.",
      "hold_limit": "You hold too many times already. Let one go, or book it.",
      "slot_past": "That time has passed.",
      "patient_not_found": "There is no such patient at this clinic.",
      "patient_overlap": "The patient has another appointment at that time.",
      "doctor_unavailable": "The doctor is not available at that time.",
      "appointment_not_found": "There is no such appointment at this clinic.",
      "doctor_not_found": "There is no such doctor at this clinic.",
      "day_not_found": "There is no such day in the calendar of this clinic.",
      "times_overlap": "These times overlap others.",
      "absence_not_found": "There is no such absence at this clinic.",
      "already_absent": "An absence is recorded for this time already.",
      "too_late": "The first message has gone; it can no longer be taken back as a whole.",
      "bad_transition": "That can no longer be done to this appointment.",
      "slot_free": "That time is free: it needs no overbooking.",
      "overbooking_limit": "The doctor has as many overbooked visits that day as may be.",
      "stale": "Somebody else changed it first.",
      "in_progress": "The same request is being worked on.",
      "idempotency_mismatch": "This key was already used for something else.",
      "not_allowed": "You may not do this.",
      "service_unavailable": "The doctor does not give this service."
    }' ->> p_code, 'Something in the request is missing or not valid.') end)
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
