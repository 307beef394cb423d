-- Called inside functions of clinic_booker. Why an action may not be done to an appointment as it is.
create function booking.status_refusal(
  p_was clinic.appointments, p_action text, p_version int)
returns jsonb
language plpgsql stable
as $$
begin
  if p_version is not null and p_version <> p_was.version then
    return booking.refusal('stale');
  elsif booking.next_status(p_action, p_was.status) is null
      or (p_action = 'check_in' and p_was.checked_in_at is not null)
      or (p_action = 'leave' and p_was.checked_in_at is null)
      -- Never for somebody who came, nor before they were due.
      or (p_action = 'no_show' and (p_was.checked_in_at is not null or p_was.starts_at > now()))
      or (p_action in ('cancel', 'reschedule') and p_was.ends_at <= now())
      or (p_action = 'reschedule' and p_was.checked_in_at is not null)
      or (p_action in ('check_in', 'start') and not exists (
        select from clinic.clinics c where c.id = p_was.clinic_id
          and (p_was.starts_at at time zone c.time_zone)::date
            = (now() at time zone c.time_zone)::date)) then
    return booking.refusal('bad_transition');
  end if;
  return null;
end
$$;
comment on function booking.status_refusal(clinic.appointments, text, int) is
  'stale, bad_transition, or null where the action may be done. Arrivals are of the clinic''s own day.';
revoke all on function booking.status_refusal(clinic.appointments, text, int) from public;
grant execute on function booking.status_refusal(clinic.appointments, text, int) to clinic_booker;

-- undo
drop function booking.status_refusal(clinic.appointments, text, int);
