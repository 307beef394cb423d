-- Called inside functions of clinic_booker, in the transaction of the change that it records.
create function booking.record_transition(
  p_claims text[], p_action text, p_before clinic.appointments, p_reason text default '',
  p_initiator text default null)
returns void
language plpgsql volatile
as $$
declare
  v_after clinic.appointments;
begin
  select * into v_after from clinic.appointments
  where clinic_id = p_before.clinic_id and id = p_before.id;
  insert into clinic.appointment_transitions (clinic_id, appointment_id, action, from_status,
    to_status, version, from_slot_id, to_slot_id, from_starts_at, to_starts_at, initiator, channel,
    reason, changed_by, actor_role, notice_id, from_overbooked_reason, from_overlap_reason)
  values (p_before.clinic_id, p_before.id, p_action, p_before.status, v_after.status,
    v_after.version, p_before.slot_id, v_after.slot_id, p_before.starts_at, v_after.starts_at,
    coalesce(p_initiator, case when p_claims[4] = 'patient' then 'patient' else 'clinic' end),
    case p_claims[4] when 'patient' then 'portal' when 'worker' then 'job' else 'desk' end,
    coalesce(p_reason, ''), nullif(p_claims[6], '')::uuid, p_claims[4],
    booking.tell_change(p_claims, p_action, p_before, v_after), p_before.overbooked_reason,
    p_before.overlap_reason);
  perform booking.end_asks(p_before, v_after);
end
$$;
comment on function booking.record_transition(text[], text, clinic.appointments, text, text) is
  'Writes the transition from the row as it was to the row as it is, and queues what the patient hears of it; an absence asks about it no more where it is elsewhere or over. For the booking functions.';
grant execute on function booking.record_transition(text[], text, clinic.appointments, text, text) to clinic_booker;

-- undo
drop function booking.record_transition(text[], text, clinic.appointments, text, text);
