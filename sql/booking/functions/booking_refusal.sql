-- Why a booking cannot be, by plain reads that lock nothing: in a rush most calls end here.
-- create_booking asks again after losing a race; constraints decide what reads cannot.
create function booking.booking_refusal(
  p_clinic_id uuid, p_slot_id uuid, p_patient_id uuid, p_own_patient_of uuid)
returns text
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select case
    when s.id is null then 'slot_not_found'
    when s.starts_at <= now() then 'slot_past'
    when s.is_blocked then 'slot_blocked'
    when not s.is_available then 'slot_unavailable'
    when p.id is null then 'patient_not_found'
    when d.id is null or exists (
      select from clinic.doctor_leave l
      where l.clinic_id = p_clinic_id and l.doctor_id = s.doctor_id and l.deleted_at is null
        and l.starts_at < s.ends_at and l.ends_at > s.starts_at) then 'doctor_unavailable'
    when exists (
      select from clinic.appointments a
      where a.clinic_id = p_clinic_id and a.doctor_id = s.doctor_id
        and a.starts_at < s.ends_at and a.starts_at > s.starts_at - interval '12 hours'
        and a.ends_at > s.starts_at and a.deleted_at is null
        and a.status not in ('cancelled', 'rescheduled', 'no_show')) then 'slot_unavailable'
    when exists (
      select from clinic.appointments a
      where a.clinic_id = p_clinic_id and a.patient_id = p_patient_id
        and a.starts_at < s.ends_at and a.starts_at > s.starts_at - interval '12 hours'
        and a.ends_at > s.starts_at and a.deleted_at is null
        and a.status not in ('cancelled', 'rescheduled', 'no_show')) then 'patient_overlap'
    end
  from (values (1)) one
  left join clinic.appointment_slots s on s.clinic_id = p_clinic_id and s.id = p_slot_id
  left join clinic.patients p on p.clinic_id = p_clinic_id and p.id = p_patient_id
    and p.is_active and p.deleted_at is null
    and (p_own_patient_of is null or p.user_id = p_own_patient_of)
  left join clinic.doctors d on d.clinic_id = p_clinic_id and d.id = s.doctor_id
    and d.is_active and d.deleted_at is null and d.license_expiry >= s.slot_date
$$;
comment on function booking.booking_refusal(uuid, uuid, uuid, uuid) is
  'The code of the first reason against a booking, or null. The last argument limits it to that user''s own patient row.';
call app.make_definer('booking.booking_refusal(uuid, uuid, uuid, uuid)');

-- undo
drop function booking.booking_refusal(uuid, uuid, uuid, uuid);
