-- Called inside booking.undo_transition: the row as it was before a change that moved no time.
-- Somebody is there after all: what they let go of is theirs again while nobody else has it.
create function booking.restore_place(p_was clinic.appointments) returns text
language plpgsql volatile
as $$
declare
  v_over boolean := p_was.overbooked_reason <> '';
  v_code text := booking.lock_despite(p_was, p_was, false);
begin
  if v_over then
    -- A missed visit counts on, one that was left does not.
    return coalesce(v_code, case when p_was.status = 'cancelled' and booking.overbookings_left(
      p_was.clinic_id, p_was.doctor_id, p_was.appointment_date, p_was.id) <= 0
      then 'overbooking_limit' end);
  end if;
  update clinic.appointment_slots
  set is_available = false, appointment_id = p_was.id,
    held_until = null, held_by = null, held_for = null
  where clinic_id = p_was.clinic_id and id = p_was.slot_id and v_code is null
    and is_available and not is_blocked;
  return coalesce(v_code, case when not found and p_was.slot_id is not null and not exists (
    select from clinic.appointment_slots
    where clinic_id = p_was.clinic_id and id = p_was.slot_id and appointment_id = p_was.id)
    then 'slot_unavailable' end);
end
$$;
comment on function booking.restore_place(clinic.appointments) is
  'Locks what a visit that was missed or left had and takes its slot again where it was let go; the code of what stands against it, or null.';
grant execute on function booking.restore_place(clinic.appointments) to clinic_booker;

create function booking.restore_status(
  p_was clinic.appointments, p_last clinic.appointment_transitions)
returns text
language plpgsql volatile
as $$
declare
  v_back boolean := p_last.action in ('no_show', 'leave');
  v_code text;
begin
  v_code := case when v_back then booking.restore_place(p_was) end;
  if v_code is not null then
    return v_code;
  end if;
  update clinic.appointments
  set status = p_last.from_status, version = version + 1,
    checked_in_at = case p_last.action when 'check_in' then null else checked_in_at end,
    consultation_start_at = case p_last.action when 'start' then null else consultation_start_at end,
    consultation_end_at = case p_last.action when 'finish' then null else consultation_end_at end,
    no_show_marked_at = case p_last.action when 'no_show' then null else no_show_marked_at end,
    cancelled_at = null, cancelled_by = null, cancellation_reason = ''
  where clinic_id = p_was.clinic_id and id = p_was.id and version = p_was.version;
  if not found then
    raise sqlstate 'ABORT';
  elsif v_back and p_was.service_id is not null then
    perform booking.take_places(p_was);
  end if;
  return null;
exception
  when sqlstate 'ABORT' then
    return 'stale';  -- what this block did is undone
  when exclusion_violation or unique_violation then
    return case when booking.day_is_full(
      p_was.clinic_id, p_was.doctor_id, p_was.appointment_date, p_was.starts_at, p_was.id)
      then 'doctor_unavailable' else 'slot_unavailable' end;
end
$$;
comment on function booking.restore_status(clinic.appointments, clinic.appointment_transitions) is
  'Puts status and times back; stale, or slot_unavailable, resource_unavailable, overbooking_limit, doctor_unavailable where it was given to somebody else.';
grant execute on function booking.restore_status(clinic.appointments, clinic.appointment_transitions) to clinic_booker;

-- undo
drop function booking.restore_status(clinic.appointments, clinic.appointment_transitions);
drop function booking.restore_place(clinic.appointments);
