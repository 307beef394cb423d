-- Called inside functions of clinic_booker: the row that a booking function is about.
create function booking.find_appointment(p_claims text[], p_id uuid) returns clinic.appointments
language plpgsql stable
as $$
declare
  v_found clinic.appointments;
begin
  select * into v_found from clinic.appointments
  where clinic_id = p_claims[5]::uuid and id = p_id and deleted_at is null
    and (p_claims[4] <> 'patient' or patient_id = any (array(select app.own_patient_ids())))
    and (p_claims[4] <> 'doctor' or doctor_id = any (array(select app.own_doctor_ids())));
  return v_found;
end
$$;
comment on function booking.find_appointment(text[], uuid) is
  'The appointment, if it is of the context''s clinic and visible to its role; else a row of nulls.';
grant execute on function booking.find_appointment(text[], uuid) to clinic_booker;

-- Who may do what to whose appointment; the doctor's and the patient's own rows come from the context.
create function booking.may_change(p_claims text[], p_action text, p_doctor_id uuid, p_patient_id uuid)
returns boolean
language plpgsql stable
as $$
begin
  return case p_claims[4]
    when 'patient' then p_action in ('confirm', 'cancel', 'reschedule')
      and p_patient_id = any (array(select app.own_patient_ids()))
    when 'doctor' then p_action in ('start', 'finish', 'undo')
      and p_doctor_id = any (array(select app.own_doctor_ids()))
    when 'nurse' then p_action in ('check_in', 'start', 'finish', 'leave', 'undo')
    when 'worker' then p_action = 'no_show'
    else p_claims[4] in ('staff', 'admin', 'superadmin') end;
end
$$;
comment on function booking.may_change(text[], text, uuid, uuid) is
  'Whether the role of the context may do this to an appointment of this doctor and this patient.';
grant execute on function booking.may_change(text[], text, uuid, uuid) to clinic_booker;

-- Why an action may not be done to an appointment as it is.
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
grant execute on function booking.status_refusal(clinic.appointments, text, int) to clinic_booker;

create function booking.change_refusal(
  p_claims text[], p_was clinic.appointments, p_action text, p_version int)
returns jsonb
language plpgsql stable
as $$
begin
  if p_was.id is null then
    return booking.refusal('appointment_not_found');
  elsif not booking.may_change(p_claims, p_action, p_was.doctor_id, p_was.patient_id) then
    return booking.refusal('not_allowed');
  end if;
  return booking.status_refusal(p_was, p_action, p_version);
end
$$;
comment on function booking.change_refusal(text[], clinic.appointments, text, int) is
  'appointment_not_found, not_allowed, stale, bad_transition, or null where the role may do it now.';
grant execute on function booking.change_refusal(text[], clinic.appointments, text, int)
  to clinic_booker;

-- undo
drop function booking.change_refusal(text[], clinic.appointments, text, int);
drop function booking.status_refusal(clinic.appointments, text, int);
drop function booking.may_change(text[], text, uuid, uuid);
drop function booking.find_appointment(text[], uuid);
