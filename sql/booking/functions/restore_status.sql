-- Called inside booking.undo_transition: the row as it was before a change that moved no time.
create function booking.restore_status(
  p_was clinic.appointments, p_last clinic.appointment_transitions)
returns text
language plpgsql volatile
as $$
begin
  update clinic.appointments
  set status = p_last.from_status, version = version + 1,
    checked_in_at = case p_last.action when 'check_in' then null else checked_in_at end,
    consultation_start_at = case p_last.action when 'start' then null else consultation_start_at end,
    consultation_end_at = case p_last.action when 'finish' then null else consultation_end_at end,
    no_show_marked_at = case p_last.action when 'no_show' then null else no_show_marked_at end,
    cancelled_at = null, cancelled_by = null, cancellation_reason = ''
  where clinic_id = p_was.clinic_id and id = p_was.id and version = p_was.version;
  return case when not found then 'stale' end;
exception when exclusion_violation or unique_violation then
  return 'slot_unavailable';
end
$$;
comment on function booking.restore_status(clinic.appointments, clinic.appointment_transitions) is
  'Puts status and times back; stale, or slot_unavailable where the time was given to somebody else.';
grant execute on function booking.restore_status(clinic.appointments, clinic.appointment_transitions) to clinic_booker;

-- undo
drop function booking.restore_status(clinic.appointments, clinic.appointment_transitions);
