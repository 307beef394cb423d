-- Two deliberate exceptions, each with a reason on the row: a second visit at a time of the doctor
-- that is taken (overbooked), and a visit while the patient is elsewhere (overlapping).
create function booking.may_overbook(p_claims text[]) returns boolean
language plpgsql stable
as $$
begin
  return p_claims[4] in ('admin', 'superadmin') or (p_claims[4] = 'staff' and exists (
    select from clinic.staff s
    where s.clinic_id = p_claims[5]::uuid and s.user_id = nullif(p_claims[6], '')::uuid
      and s.deleted_at is null and coalesce(s.end_date >= current_date, true)
      and s.permissions @> '{"overbook": true}'));
end
$$;
comment on function booking.may_overbook(text[]) is
  'Whether the user of the context may overbook: administrators, and reception with the permission "overbook".';
grant execute on function booking.may_overbook(text[]) to clinic_booker;

create function booking.overbook_reason(p_code text, p_details text) returns text
language sql immutable parallel safe
as $$
  select case
    when p_code not in ('urgent', 'doctor_asked', 'brief', 'other')
      or length(p_details) > 500 or (p_code = 'other' and coalesce(p_details, '') !~ '\S') then null
    when coalesce(p_details, '') ~ '\S' then p_code || ': ' || btrim(p_details, e' \t\r\n')
    else p_code end
$$;
comment on function booking.overbook_reason(text, text) is
  'The reason as it is kept, "code" or "code: details"; null for an unknown code, or for other without details.';
grant execute on function booking.overbook_reason(text, text) to clinic_booker;

-- Booked in the doctor's day and still standing. Counted under the lock of the clinic's numbers, taken
-- after the slot's, so that two at once cannot pass the cap.
create function booking.overbookings_left(p_clinic_id uuid, p_doctor_id uuid, p_day date, p_moving uuid)
returns int
language plpgsql stable
as $$
begin
  return (
    select d.max_daily_overbookings - count(a.id)
    from clinic.doctors d left join clinic.appointments a
      on a.clinic_id = d.clinic_id and a.doctor_id = d.id and a.appointment_date = p_day
      and a.starts_at > p_day::timestamp - interval '2 days'
      and a.starts_at < p_day::timestamp + interval '3 days'
      and a.overbooked_reason <> '' and a.deleted_at is null
      and a.status not in ('cancelled', 'rescheduled') and a.id is distinct from p_moving
    where d.clinic_id = p_clinic_id and d.id = p_doctor_id
    group by d.max_daily_overbookings);
end
$$;
comment on function booking.overbookings_left(uuid, uuid, date, uuid) is
  'How many more visits of the doctor may be overbooked on that day, p_moving aside.';
grant execute on function booking.overbookings_left(uuid, uuid, date, uuid) to clinic_booker;

create function booking.despite_refusal(
  p_clinic_id uuid, p_slot_id uuid, p_patient_id uuid, p_user_id uuid, p_overbook boolean,
  p_overlap boolean, p_moving uuid default null, p_visit clinic.appointments default null)
returns text
language plpgsql stable
as $$
declare
  v_code text := booking.booking_refusal(p_clinic_id, p_slot_id, p_patient_id, null, p_user_id,
    p_moving, case when not p_overbook then p_visit.service_id end);
  v_slot clinic.appointment_slots;
  v_from timestamptz;
  v_to timestamptz;
begin
  if not p_overbook then
    if v_code is distinct from 'patient_overlap' or not p_overlap then
      return v_code;
    end if;
  elsif v_code is null or v_code = 'patient_overlap' then
    return 'slot_free';
  elsif v_code <> 'slot_unavailable' then
    return v_code;
  elsif p_visit.service_id is not null and p_visit.slot_id is null then
    return 'service_unavailable';
  end if;
  select * into v_slot from clinic.appointment_slots
  where clinic_id = p_clinic_id and id = p_slot_id;
  if not p_overbook then
    return booking.limit_refusal(v_slot, p_patient_id, false, p_moving);
  end if;
  v_to := coalesce(p_visit.ends_at, v_slot.ends_at);
  v_from := v_slot.starts_at - interval '12 hours';
  return (select case
    when not exists (
      select from clinic.appointments
      where clinic_id = p_clinic_id and doctor_id = v_slot.doctor_id
        and starts_at < v_slot.ends_at and starts_at > v_from and ends_at > v_slot.starts_at
        and deleted_at is null and status not in ('cancelled', 'rescheduled', 'no_show')
        and id is distinct from p_moving) then 'slot_unavailable'  -- held, or kept free
    when not exists (
      select from clinic.patients
      where clinic_id = p_clinic_id and id = p_patient_id and is_active and deleted_at is null)
      then 'patient_not_found'
    when not exists (
      select from clinic.doctors
      where clinic_id = p_clinic_id and id = v_slot.doctor_id and is_active
        and deleted_at is null and license_expiry >= v_slot.slot_date)
      or exists (
      select from clinic.doctor_leave
      where clinic_id = p_clinic_id and doctor_id = v_slot.doctor_id and deleted_at is null
        and starts_at < v_to and ends_at > v_slot.starts_at) then 'doctor_unavailable'
    when not p_overlap and exists (
      select from clinic.appointments
      where clinic_id = p_clinic_id and patient_id = p_patient_id
        and starts_at < v_to and starts_at > v_from and ends_at > v_slot.starts_at
        and deleted_at is null and status not in ('cancelled', 'rescheduled', 'no_show')
        and id is distinct from p_moving and overlap_reason = '') then 'patient_overlap'
    when booking.overbookings_left(p_clinic_id, v_slot.doctor_id, v_slot.slot_date, p_moving) <= 0
      then 'overbooking_limit'
    else coalesce(booking.limit_refusal(v_slot, p_patient_id, false, p_moving),
      case when p_visit.service_id is not null then booking.places_refusal(p_visit) end)
    end);
end
$$;
comment on function booking.despite_refusal(uuid, uuid, uuid, uuid, boolean, boolean, uuid, clinic.appointments) is
  'What stands against a booking in spite of another of the doctor (p_overbook), of the patient (p_overlap), or null; slot_free where there is nothing to overbook. p_visit: as planned, with a service.';
grant execute on function booking.despite_refusal(uuid, uuid, uuid, uuid, boolean, boolean, uuid, clinic.appointments)
  to clinic_booker;

create function booking.despite_visit(
  p_clinic_id uuid, p_slot_id uuid, p_service_id uuid, p_id uuid, p_patient_id uuid,
  p_user_id uuid, p_overbooked text, p_new boolean)
returns clinic.appointments
language plpgsql stable
as $$
declare
  v_visit clinic.appointments;
begin
  if p_service_id is null then
    v_visit.clinic_id := p_clinic_id;
    v_visit.slot_id := p_slot_id;
  else
    v_visit := booking.planned_visit(p_clinic_id, p_slot_id, p_service_id, p_id, p_patient_id,
      p_user_id, case when p_new then false end);
    v_visit.service_id := p_service_id;
  end if;
  v_visit.overbooked_reason := p_overbooked;
  return v_visit;
end
$$;
comment on function booking.despite_visit(uuid, uuid, uuid, uuid, uuid, uuid, text, boolean) is
  'booking.planned_visit with its reason; without a service the clinic and the slot alone. No slot: the doctor does not give the service.';
grant execute on function booking.despite_visit(uuid, uuid, uuid, uuid, uuid, uuid, text, boolean)
  to clinic_booker;

create function booking.lock_despite(
  p_visit clinic.appointments, p_was clinic.appointments default null, p_new boolean default true)
returns text
language plpgsql volatile
as $$
declare
  v_code text;
begin
  if p_visit.service_id is not null then
    v_code := booking.secure_places(p_visit, p_was, p_new);
  else
    perform from clinic.appointment_slots
    where clinic_id = p_visit.clinic_id and id in (p_visit.slot_id, p_was.slot_id)
    order by id for no key update;
  end if;
  if p_visit.overbooked_reason <> '' then
    perform booking.lock_numbers(p_visit.clinic_id);
  end if;
  return v_code;
end
$$;
comment on function booking.lock_despite(clinic.appointments, clinic.appointments, boolean) is
  'Locks the slots of a visit and of its row before, rooms and equipment of its service, then, if overbooked, what would add to the overbookings of a day; what booking.secure_places says.';
grant execute on function booking.lock_despite(clinic.appointments, clinic.appointments, boolean) to clinic_booker;

-- An overbooked visit has its time from a slot that stays with the visit which has it.
create function booking.slot_despite(
  p_visit clinic.appointments, p_id uuid, p_user_id uuid, p_patient_id uuid)
returns clinic.appointment_slots
language plpgsql volatile
as $$
begin
  if p_visit.overbooked_reason <> '' then
    return (
      select s from clinic.appointment_slots s
      where s.clinic_id = p_visit.clinic_id and s.id = p_visit.slot_id);
  end if;
  return booking.take_slot(p_visit.clinic_id, p_visit.slot_id, p_id, p_user_id, p_patient_id);
end
$$;
comment on function booking.slot_despite(clinic.appointments, uuid, uuid, uuid) is
  'The slot of a visit, as booking.despite_visit says it, taken for appointment p_id unless it is overbooked; a row of nulls where it is not free.';
grant execute on function booking.slot_despite(clinic.appointments, uuid, uuid, uuid) to clinic_booker;

create function booking.book_despite(
  p_claims text[], p_operation text, p_key text, p_slot_id uuid, p_patient_id uuid,
  p_overbooked text, p_overlap text, p_visit_reason text, p_appointment_type text,
  p_service_id uuid)
returns jsonb
language plpgsql volatile
as $$
declare
  v_clinic_id uuid := p_claims[5]::uuid;
  v_user_id uuid := p_claims[6]::uuid;
  v_over boolean := p_overbooked <> '';
  v_hash bytea := sha256(convert_to(jsonb_build_array(p_slot_id, p_patient_id, p_overbooked,
    p_overlap, p_visit_reason, p_appointment_type, p_service_id)::text, 'UTF8'));
  v_id uuid := gen_random_uuid();
  v_visit clinic.appointments := booking.despite_visit(v_clinic_id, p_slot_id, p_service_id, v_id,
    p_patient_id, v_user_id, p_overbooked, true);
  v_code text := booking.despite_refusal(
    v_clinic_id, p_slot_id, p_patient_id, v_user_id, v_over, p_overlap <> '', null, v_visit);
  v_slot clinic.appointment_slots;
  v_number text;
begin
  if v_code is not null then
    return coalesce(booking.replay(v_clinic_id, v_user_id, p_operation, p_key, v_hash),
      booking.refusal(v_code));
  end if;
  begin
    if not booking.note_request(v_clinic_id, v_user_id, p_operation, p_key, v_hash, p_slot_id,
        p_patient_id, v_id) then
      return booking.replay(v_clinic_id, v_user_id, p_operation, p_key, v_hash);
    end if;
    v_code := booking.lock_despite(v_visit);
    -- A statement of its own: it must see what came while the locks were waited for.
    v_code := coalesce(v_code, booking.despite_refusal(
      v_clinic_id, p_slot_id, p_patient_id, v_user_id, v_over, p_overlap <> '', null, v_visit));
    if v_code is null and not v_over and booking.booking_refusal(
        v_clinic_id, p_slot_id, p_patient_id, null, v_user_id, null, p_service_id) is null then
      p_overlap := '';  -- the other visit is gone: an ordinary one, which the constraint guards
    end if;
    if v_code is null then
      v_slot := booking.slot_despite(v_visit, v_id, v_user_id, p_patient_id);
    end if;
    if v_slot.id is null then
      raise sqlstate 'ABORT';
    end if;
    insert into clinic.appointments (id, clinic_id, patient_id, doctor_id, slot_id, service_id,
      appointment_number, appointment_date, appointment_time, duration_minutes, starts_at, ends_at,
      busy_from, busy_to, appointment_type, visit_reason, source, booked_by, overbooked_reason,
      overlap_reason)
    values (v_id, v_clinic_id, p_patient_id, v_slot.doctor_id, p_slot_id, p_service_id,
      booking.next_appointment_number(v_clinic_id), v_slot.slot_date, v_slot.slot_time,
      coalesce(v_visit.duration_minutes, v_slot.duration_minutes), v_slot.starts_at,
      coalesce(v_visit.ends_at, v_slot.ends_at), v_visit.busy_from, v_visit.busy_to,
      coalesce(v_visit.appointment_type, p_appointment_type::public.appointment_type),
      coalesce(p_visit_reason, ''), 'phone', v_user_id, p_overbooked, p_overlap)
    on conflict do nothing
    returning appointment_number into v_number;
    if not found then
      raise sqlstate 'ABORT';
    elsif p_service_id is not null then
      perform booking.take_places(v_visit);
    end if;
    return booking.success(v_id, v_number, p_slot_id, false);
  exception
    when sqlstate 'ABORT' or exclusion_violation then
      null;  -- what this block did is undone
  end;
  return booking.refusal(coalesce(v_code, booking.despite_refusal(v_clinic_id, p_slot_id,
    p_patient_id, v_user_id, v_over, p_overlap <> '', null, v_visit), 'slot_unavailable'));
end
$$;
comment on function booking.book_despite(text[], text, text, uuid, uuid, text, text, text, text, uuid) is
  'Books with the reasons why it may be; answers as create_booking does.';
grant execute on function booking.book_despite(text[], text, text, uuid, uuid, text, text, text, text, uuid)
  to clinic_booker;

create function booking.despite_input_refusal(
  p_claims text[], p_key text, p_slot_id uuid, p_patient_id uuid, p_visit_reason text,
  p_appointment_type text, p_overlap text)
returns text
language plpgsql stable
as $$
begin
  return case
    when p_claims[4] is null or p_claims[4] not in ('staff', 'admin', 'superadmin')
      or nullif(p_claims[6], '') is null then 'not_allowed'
    when p_slot_id is null or p_patient_id is null
      or coalesce(length(p_key), 0) not between 1 and 255
      or coalesce(length(p_visit_reason), 0) > 2000 or coalesce(length(p_overlap), 0) > 500
      or p_appointment_type is null
      or p_appointment_type <> all (enum_range(null::public.appointment_type)::text[])
      then 'invalid_input' end;
end
$$;
comment on function booking.despite_input_refusal(text[], text, uuid, uuid, text, text, text) is
  'not_allowed, invalid_input or null, before a deliberate overlap is looked at.';
grant execute on function booking.despite_input_refusal(text[], text, uuid, uuid, text, text, text)
  to clinic_booker;

create function booking.overbook_slot(
  p_idempotency_key text, p_slot_id uuid, p_patient_id uuid, p_reason_code text,
  p_reason text default null, p_visit_reason text default null,
  p_appointment_type text default 'consultation', p_overlap_reason text default null,
  p_service_id uuid default null)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_reason text := booking.overbook_reason(p_reason_code, p_reason);
  v_code text := booking.despite_input_refusal(v_claims, p_idempotency_key, p_slot_id,
    p_patient_id, p_visit_reason, p_appointment_type, p_overlap_reason);
begin
  if v_code is null and not booking.may_overbook(v_claims) then
    v_code := 'not_allowed';
  elsif v_code is null and v_reason is null then
    v_code := 'invalid_input';
  end if;
  if v_code is not null then
    return booking.refusal(v_code);
  end if;
  return booking.book_despite(v_claims, 'overbook', p_idempotency_key, p_slot_id, p_patient_id,
    v_reason, btrim(coalesce(p_overlap_reason, ''), e' \t\r\n'), p_visit_reason, p_appointment_type,
    p_service_id);
end
$$;
comment on function booking.overbook_slot(text, uuid, uuid, text, text, text, text, text, uuid) is
  'Books a second visit at a taken time, for whom may, with a reason of a code (urgent, doctor_asked, brief, other) and words; not above the doctor''s daily cap. With a service it lasts as long as that and keeps its room, but no slot. Answers as create_booking does, codes add slot_free and overbooking_limit.';
call app.make_definer('booking.overbook_slot(text, uuid, uuid, text, text, text, text, text, uuid)', 'clinic_booker');
grant execute on function booking.overbook_slot(text, uuid, uuid, text, text, text, text, text, uuid) to
  clinic_staff, clinic_admin, clinic_superadmin;

create function booking.book_overlapping(
  p_idempotency_key text, p_slot_id uuid, p_patient_id uuid, p_overlap_reason text,
  p_visit_reason text default null, p_appointment_type text default 'consultation',
  p_service_id uuid default null)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_code text := booking.despite_input_refusal(v_claims, p_idempotency_key, p_slot_id,
    p_patient_id, p_visit_reason, p_appointment_type, p_overlap_reason);
begin
  if v_code is not null then
    return booking.refusal(v_code);
  elsif coalesce(p_overlap_reason, '') !~ '\S' then
    return booking.refusal('invalid_input');
  end if;
  return booking.book_despite(v_claims, 'book_overlapping', p_idempotency_key, p_slot_id,
    p_patient_id, '', btrim(p_overlap_reason, e' \t\r\n'), p_visit_reason, p_appointment_type,
    p_service_id);
end
$$;
comment on function booking.book_overlapping(text, uuid, uuid, text, text, text, uuid) is
  'Books a free slot although the patient has another visit then, with a reason. Answers as create_booking does.';
call app.make_definer('booking.book_overlapping(text, uuid, uuid, text, text, text, uuid)', 'clinic_booker');
grant execute on function booking.book_overlapping(text, uuid, uuid, text, text, text, uuid) to
  clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.book_overlapping(text, uuid, uuid, text, text, text, uuid);
drop function booking.overbook_slot(text, uuid, uuid, text, text, text, text, text, uuid);
drop function booking.despite_input_refusal(text[], text, uuid, uuid, text, text, text);
drop function booking.slot_despite(clinic.appointments, uuid, uuid, uuid);
drop function booking.book_despite(text[], text, text, uuid, uuid, text, text, text, text, uuid);
drop function booking.lock_despite(clinic.appointments, clinic.appointments, boolean);
drop function booking.despite_visit(uuid, uuid, uuid, uuid, uuid, uuid, text, boolean);
drop function booking.despite_refusal(uuid, uuid, uuid, uuid, boolean, boolean, uuid, clinic.appointments);
drop function booking.overbookings_left(uuid, uuid, date, uuid);
drop function booking.overbook_reason(text, text);
drop function booking.may_overbook(text[]);
