-- What is done to one visit of an absence. Each goes through the booking functions, under a key of
-- its own: a visit that lost its place is refused by them and leaves nothing behind.
create function booking.ask_patient(p_claims text[], p_row clinic.absence_rows, p_version int)
returns text
language plpgsql volatile
as $$
declare
  v_visit clinic.appointments;
  v_until timestamptz;
  v_code text;
begin
  select * into v_visit from clinic.appointments
  where clinic_id = p_row.clinic_id and id = p_row.appointment_id for no key update;
  v_code := coalesce(
    booking.status_refusal(v_visit, 'reschedule', p_version) ->> 'code',
    booking.booking_refusal(
      p_row.clinic_id, p_row.slot_id, v_visit.patient_id, null, null, v_visit.id));
  if v_code is not null then
    return v_code;
  end if;
  -- For the patient alone, and not for longer than they have time to come.
  update clinic.appointment_slots
  set held_until = least(now() + interval '24 hours', starts_at), held_by = null,
    held_for = v_visit.patient_id
  where clinic_id = p_row.clinic_id and id = p_row.slot_id and is_available and not is_blocked
    and starts_at > now() and coalesce(held_until, now()) <= now()
  returning held_until into v_until;
  if not found then
    return 'slot_unavailable';
  end if;
  update clinic.absence_rows
  set state = 'asked', held_until = v_until, code = '', handled_by = p_claims[6]::uuid,
    handled_at = now(),
    notice_id = booking.tell_patient(
      p_row.clinic_id, p_row.appointment_id, 'appointment_ask', p_row.slot_id)
  where clinic_id = p_row.clinic_id and id = p_row.id;
  return null;
end
$$;
comment on function booking.ask_patient(text[], clinic.absence_rows, int) is
  'Holds the place for the patient and asks by message; nothing moves. The code of what stands against it, or null.';
grant execute on function booking.ask_patient(text[], clinic.absence_rows, int) to clinic_booker;

create function booking.withdraw_ask(p_row clinic.absence_rows) returns void
language plpgsql volatile
as $$
begin
  update clinic.appointment_slots s set held_until = null, held_by = null, held_for = null
  where s.clinic_id = p_row.clinic_id and s.id = p_row.slot_id and s.held_until = p_row.held_until
    and s.held_for = (select a.patient_id from clinic.appointments a
                      where a.clinic_id = p_row.clinic_id and a.id = p_row.appointment_id);
  perform booking.withdraw_notice(p_row.clinic_id, p_row.notice_id);
  update clinic.absence_rows
  set state = 'open', held_until = null, notice_id = null
  where clinic_id = p_row.clinic_id and id = p_row.id;
end
$$;
comment on function booking.withdraw_ask(clinic.absence_rows) is
  'Lets the place go that was held for an asked patient, and their message if it has not been sent.';
grant execute on function booking.withdraw_ask(clinic.absence_rows) to clinic_booker;

-- A visit that somebody else moved, cancelled or began needs no other place.
create function booking.asked_places(p_visit clinic.appointments) returns uuid[]
language plpgsql stable
as $$
begin
  return array(
    select slot_id from clinic.absence_rows
    where clinic_id = p_visit.clinic_id and appointment_id = p_visit.id and state = 'asked');
end
$$;
comment on function booking.asked_places(clinic.appointments) is
  'The slots that are held for the patient of a visit while an absence asks: locked with its own.';
grant execute on function booking.asked_places(clinic.appointments) to clinic_booker;

create function booking.end_asks(p_was clinic.appointments, p_now clinic.appointments) returns void
language plpgsql volatile
as $$
declare
  v_row clinic.absence_rows;
begin
  if p_was.slot_id is not distinct from p_now.slot_id and p_now.checked_in_at is null
      and p_now.status in ('scheduled', 'confirmed') then
    return;
  end if;
  for v_row in
    select * from clinic.absence_rows
    where clinic_id = p_now.clinic_id and appointment_id = p_now.id and state = 'asked'
    order by id
  loop
    perform booking.withdraw_ask(v_row);
  end loop;
end
$$;
comment on function booking.end_asks(clinic.appointments, clinic.appointments) is
  'Withdraws what absences ask about a visit that can no longer be moved from where it was.';
grant execute on function booking.end_asks(clinic.appointments, clinic.appointments) to clinic_booker;

create function booking.settle_visit(
  p_claims text[], p_row clinic.absence_rows, p_version int, p_key text)
returns text
language plpgsql volatile
as $$
declare
  v_code text;
begin
  v_code := case
    when p_row.choice <> 'cancel' and p_row.slot_id is null then 'slot_not_found'
    when p_row.choice = 'ask' then booking.ask_patient(p_claims, p_row, p_version)
    when p_row.choice = 'cancel' then booking.cancel_booking(
      p_key, p_row.appointment_id, 'Doctor not available', p_version, 'clinic') ->> 'code'
    else booking.reschedule_booking(
      p_key, p_row.appointment_id, p_row.slot_id, 'Doctor not available', p_version) ->> 'code' end;
  if v_code is not null then
    update clinic.absence_rows set code = v_code
    where clinic_id = p_row.clinic_id and id = p_row.id;
  elsif p_row.choice <> 'ask' then
    update clinic.absence_rows r
    set state = case when r.choice = 'cancel' then 'cancelled'
        when a.starts_at = r.from_starts_at then 'covered' else 'moved' end,
      version = a.version, code = '', handled_by = p_claims[6]::uuid, handled_at = now()
    from clinic.appointments a
    where r.clinic_id = p_row.clinic_id and r.id = p_row.id and a.clinic_id = r.clinic_id
      and a.id = r.appointment_id;
  end if;
  return v_code;
end
$$;
comment on function booking.settle_visit(text[], clinic.absence_rows, int, text) is
  'Does what was chosen for one visit of an absence; the code of what stands against it, which the row keeps, or null.';
grant execute on function booking.settle_visit(text[], clinic.absence_rows, int, text) to clinic_booker;

-- undo
drop function booking.settle_visit(text[], clinic.absence_rows, int, text);
drop function booking.end_asks(clinic.appointments, clinic.appointments);
drop function booking.asked_places(clinic.appointments);
drop function booking.withdraw_ask(clinic.absence_rows);
drop function booking.ask_patient(text[], clinic.absence_rows, int);
