-- Taking and letting go of a slot, for the booking functions only, whose rights these have. The row
-- lock decides between two; a hold counts until its time is over.
create function booking.take_slot(
  p_clinic_id uuid, p_slot_id uuid, p_appointment_id uuid, p_user_id uuid, p_patient_id uuid)
returns clinic.appointment_slots
language plpgsql volatile
as $$
declare
  v_slot clinic.appointment_slots;
begin
  update clinic.appointment_slots
  set is_available = false, appointment_id = p_appointment_id,
    held_until = null, held_by = null, held_for = null
  where clinic_id = p_clinic_id and id = p_slot_id
    and is_available and not is_blocked and starts_at > now()
    and (held_until is null or held_until <= now() or held_by = p_user_id
      or held_for = p_patient_id)
  returning * into v_slot;
  return v_slot;
end
$$;
comment on function booking.take_slot(uuid, uuid, uuid, uuid, uuid) is
  'Claims a slot that is free to this user and patient; a row of nulls where it is not.';

create function booking.free_slot(p_clinic_id uuid, p_slot_id uuid, p_appointment_id uuid)
returns void
language plpgsql volatile
as $$
begin
  update clinic.appointment_slots set is_available = true, appointment_id = null
  where clinic_id = p_clinic_id and id = p_slot_id and appointment_id = p_appointment_id;
end
$$;
comment on function booking.free_slot(uuid, uuid, uuid) is
  'Lets a slot go, if this appointment has it.';
grant execute on function booking.take_slot(uuid, uuid, uuid, uuid, uuid),
  booking.free_slot(uuid, uuid, uuid) to clinic_booker;

-- undo
drop function booking.free_slot(uuid, uuid, uuid);
drop function booking.take_slot(uuid, uuid, uuid, uuid, uuid);
