-- Why a booking cannot be, by plain reads that lock nothing: in a rush most calls end at the first.
-- plpgsql, for its plans are kept; called inside definer functions only, whose rights it has.
-- create_booking asks again after losing a race; constraints decide what reads cannot.
create function booking.booking_refusal(
  p_clinic_id uuid, p_slot_id uuid, p_patient_id uuid, p_own_patient_of uuid,
  p_user_id uuid, p_moving uuid default null, p_service_id uuid default null)
returns text
language plpgsql stable
as $$
declare
  v_slot clinic.appointment_slots;
  v_visit clinic.appointments;
  v_code text;
  v_from timestamptz;
begin
  select * into v_slot from clinic.appointment_slots
  where clinic_id = p_clinic_id and id = p_slot_id;
  if not found then
    return 'slot_not_found';
  elsif v_slot.starts_at <= now() then
    return 'slot_past';
  elsif v_slot.is_blocked then
    return 'slot_blocked';
  end if;
  -- In an IF of its own: one that holds a query is a statement, run whatever stands before it.
  if p_own_patient_of is not null then
    if (p_patient_id = any (array(select app.own_patient_ids()))) is not true then
      return 'patient_not_found';  -- before a hold for somebody else could show
    end if;
  end if;
  if (not v_slot.is_available
        and (p_moving is null or v_slot.covered_by is distinct from p_moving)) or (v_slot.held_until > now()
      and v_slot.held_by is distinct from p_user_id
      and v_slot.held_for is distinct from p_patient_id) then
    return 'slot_unavailable';
  end if;
  if p_service_id is not null then
    v_visit := booking.planned_visit(p_clinic_id, p_slot_id, p_service_id, p_moving, p_patient_id,
      p_user_id, case when p_moving is null then p_own_patient_of is not null end);
    v_code := case when v_visit.slot_id is null then 'service_unavailable'
      else booking.places_refusal(v_visit) end;
    if v_code is not null then
      return v_code;
    end if;
    v_slot.ends_at := v_visit.ends_at;
  end if;
  -- No visit is longer. As a variable: an interval sum in the query could not use an index.
  v_from := v_slot.starts_at - interval '12 hours';
  return (select case
    when not exists (select from clinic.patients
      where clinic_id = p_clinic_id and id = p_patient_id and is_active and deleted_at is null)
      then 'patient_not_found'
    when not exists (
      select from clinic.doctors
      where clinic_id = p_clinic_id and id = v_slot.doctor_id and is_active
        and deleted_at is null and license_expiry >= v_slot.slot_date)
      or exists (select from clinic.doctor_leave
      where clinic_id = p_clinic_id and doctor_id = v_slot.doctor_id and deleted_at is null
        and starts_at < v_slot.ends_at and ends_at > v_slot.starts_at) then 'doctor_unavailable'
    when exists (
      select from clinic.appointments
      where clinic_id = p_clinic_id and doctor_id = v_slot.doctor_id
        and starts_at < v_slot.ends_at and starts_at > v_from and ends_at > v_slot.starts_at
        and deleted_at is null and status not in ('cancelled', 'rescheduled', 'no_show')
        and id is distinct from p_moving and overbooked_reason = '')
      then 'slot_unavailable'
    when exists (
      select from clinic.appointments
      where clinic_id = p_clinic_id and patient_id = p_patient_id
        and starts_at < v_slot.ends_at and starts_at > v_from and ends_at > v_slot.starts_at
        and deleted_at is null and status not in ('cancelled', 'rescheduled', 'no_show')
        and id is distinct from p_moving and overlap_reason = '')
      then 'patient_overlap'
    else booking.limit_refusal(v_slot, p_patient_id, p_own_patient_of is not null, p_moving)
    end);
end
$$;
comment on function booking.booking_refusal(uuid, uuid, uuid, uuid, uuid, uuid, uuid) is
  'The code of the first reason against a booking, or null. p_own_patient_of limits it to that user''s own patient row, p_user_id passes that user''s holds, p_moving is the appointment that would leave its time, p_service_id the service that decides how long it lasts and what it needs.';
grant execute on function booking.booking_refusal(uuid, uuid, uuid, uuid, uuid, uuid, uuid) to clinic_booker;

-- undo
drop function booking.booking_refusal(uuid, uuid, uuid, uuid, uuid, uuid, uuid);
