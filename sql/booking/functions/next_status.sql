-- The life of an appointment as a table: what an action makes of a status; null where it may not.
-- Arriving changes the flow (checked_in_at, the queue), not the promise.
create function booking.next_status(p_action text, p_from public.appointment_status)
returns public.appointment_status
language sql immutable parallel safe
as $$
  select t.to_status from (values
    ('confirm', 'scheduled'::public.appointment_status, 'confirmed'::public.appointment_status),
    ('check_in', 'scheduled', 'scheduled'),
    ('check_in', 'confirmed', 'confirmed'),
    ('start', 'scheduled', 'in_progress'),
    ('start', 'confirmed', 'in_progress'),
    ('finish', 'in_progress', 'completed'),
    ('no_show', 'scheduled', 'no_show'),
    ('no_show', 'confirmed', 'no_show'),
    ('leave', 'scheduled', 'cancelled'),
    ('leave', 'confirmed', 'cancelled'),
    ('cancel', 'scheduled', 'cancelled'),
    ('cancel', 'confirmed', 'cancelled'),
    ('reschedule', 'scheduled', 'scheduled'),
    ('reschedule', 'confirmed', 'scheduled')
  ) t (action, from_status, to_status)
  where t.action = p_action and t.from_status = p_from
$$;
comment on function booking.next_status(text, public.appointment_status) is
  'The status after an action, or null where the action is not allowed.';
grant execute on function booking.next_status(text, public.appointment_status)
  to clinic_booker;

-- undo
drop function booking.next_status(text, public.appointment_status);
