-- Called inside booking.undo_transition: a deliberate overlap comes back with its reasons. It was
-- allowed once; what is asked again is the cap, and who is there now.
create function booking.restore_despite(
  p_was clinic.appointments, p_last clinic.appointment_transitions, p_user_id uuid)
returns text
language plpgsql volatile
as $$
declare
  v_over boolean := p_last.from_overbooked_reason <> '';
  v_overlap boolean := p_last.from_overlap_reason <> '';
  v_visit clinic.appointments := booking.despite_visit(p_was.clinic_id, p_last.from_slot_id,
    p_was.service_id, p_was.id, p_was.patient_id, p_user_id, p_last.from_overbooked_reason, false);
  v_slot clinic.appointment_slots;
  v_code text := booking.lock_despite(v_visit, p_was);
begin
  v_code := coalesce(v_code, booking.despite_refusal(p_was.clinic_id, p_last.from_slot_id,
    p_was.patient_id, p_user_id, v_over, v_overlap, p_was.id, v_visit));
  if v_code = 'slot_free' then
    v_over := false;  -- the first visit is gone: this one has the time to itself
    v_visit.overbooked_reason := '';
    v_code := booking.despite_refusal(p_was.clinic_id, p_last.from_slot_id, p_was.patient_id,
      p_user_id, false, v_overlap, p_was.id, v_visit);
  end if;
  if v_code is not null then
    return v_code;
  end if;
  begin
    perform booking.let_go(p_was);
    v_slot := booking.slot_despite(v_visit, p_was.id, p_user_id, p_was.patient_id);
    update clinic.appointments
    set slot_id = v_slot.id, doctor_id = v_slot.doctor_id, appointment_date = v_slot.slot_date,
      appointment_time = v_slot.slot_time,
      duration_minutes = coalesce(v_visit.duration_minutes, v_slot.duration_minutes),
      starts_at = v_slot.starts_at, ends_at = coalesce(v_visit.ends_at, v_slot.ends_at),
      busy_from = v_visit.busy_from, busy_to = v_visit.busy_to, status = p_last.from_status,
      version = version + 1, reminder_sent_at = null, cancelled_at = null, cancelled_by = null,
      cancellation_reason = '', overlap_reason = p_last.from_overlap_reason,
      overbooked_reason = v_visit.overbooked_reason
    where clinic_id = p_was.clinic_id and id = p_was.id and version = p_was.version
      and v_slot.id is not null;
    if not found then
      raise sqlstate 'ABORT';
    elsif p_was.service_id is not null then
      perform booking.take_places(v_visit);
    end if;
  exception
    when sqlstate 'ABORT' then
      return case when v_slot.id is null then 'slot_unavailable' else 'stale' end;
    when exclusion_violation or unique_violation then
      return coalesce(booking.despite_refusal(p_was.clinic_id, p_last.from_slot_id,
        p_was.patient_id, p_user_id, v_over, v_overlap, p_was.id, v_visit), 'slot_unavailable');
  end;
  return null;
end
$$;
comment on function booking.restore_despite(clinic.appointments, clinic.appointment_transitions, uuid) is
  'Puts an overbooked or overlapping visit back where it was, with its reasons; the code of what stands against it, or null.';
grant execute on function booking.restore_despite(clinic.appointments, clinic.appointment_transitions, uuid)
  to clinic_booker;

-- undo
drop function booking.restore_despite(clinic.appointments, clinic.appointment_transitions, uuid);
