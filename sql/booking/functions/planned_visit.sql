-- Called inside definer functions of clinic_booker, whose rights they have. A visit of a service as
-- it would be: the row of clinic.appointments before it is written, with its times and buffers.
create function booking.planned_visit(
  p_clinic_id uuid, p_slot_id uuid, p_service_id uuid, p_id uuid, p_patient_id uuid,
  p_user_id uuid, p_online boolean default null)
returns clinic.appointments
language plpgsql stable
as $$
declare
  v_visit clinic.appointments;
begin
  select s.clinic_id, p_id, p_patient_id, s.doctor_id, s.id, o.id, o.appointment_type, s.starts_at,
    coalesce(g.duration_minutes, o.duration_minutes),
    s.starts_at - coalesce(g.buffer_before_minutes, o.buffer_before_minutes) * interval '1 minute',
    s.starts_at + (coalesce(g.duration_minutes, o.duration_minutes)
      + coalesce(g.buffer_after_minutes, o.buffer_after_minutes)) * interval '1 minute'
  into v_visit.clinic_id, v_visit.id, v_visit.patient_id, v_visit.doctor_id, v_visit.slot_id,
    v_visit.service_id, v_visit.appointment_type, v_visit.starts_at, v_visit.duration_minutes,
    v_visit.busy_from, v_visit.busy_to
  from clinic.appointment_slots s
  join clinic.service_doctors g on g.clinic_id = s.clinic_id and g.doctor_id = s.doctor_id
    and g.service_id = p_service_id and g.is_active
  join clinic.services o on o.clinic_id = s.clinic_id and o.id = p_service_id
    -- A service that is given up, or is no longer booked online, keeps the visits that it has.
    and (p_online is null or o.is_active and (o.online_bookable or not p_online))
  where s.clinic_id = p_clinic_id and s.id = p_slot_id;
  if not found then
    return null;
  end if;
  v_visit.booked_by := p_user_id;
  v_visit.ends_at := v_visit.starts_at + v_visit.duration_minutes * interval '1 minute';
  return v_visit;
end
$$;
comment on function booking.planned_visit(uuid, uuid, uuid, uuid, uuid, uuid, boolean) is
  'The visit of a service from a slot on, null where its doctor does not give it. p_user_id books or moves it; p_online: as a patient or not, null for a visit that exists already.';
grant execute on function booking.planned_visit(uuid, uuid, uuid, uuid, uuid, uuid, boolean) to clinic_booker;

-- undo
drop function booking.planned_visit(uuid, uuid, uuid, uuid, uuid, uuid, boolean);
