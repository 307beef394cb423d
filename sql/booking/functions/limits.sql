-- Limits of a doctor. How soon and how far ahead bind patients, who book online; the visits of a day
-- bind everyone, and the desk goes over them with a reason that is kept.

-- plpgsql, for its plans are kept: one in SQL is planned anew in every transaction. A day has 26 hours
-- at most; the bounds are variables, as a sum in the query could not use an index.
create function booking.day_is_full(
  p_clinic_id uuid, p_doctor_id uuid, p_day date, p_starts_at timestamptz, p_moving uuid)
returns boolean
language plpgsql stable
as $$
declare
  v_from timestamptz := p_starts_at - interval '26 hours';
  v_to timestamptz := p_starts_at + interval '26 hours';
begin
  return (
    select count(*) from clinic.appointments a
    where a.clinic_id = p_clinic_id and a.doctor_id = p_doctor_id and a.appointment_date = p_day
      and a.starts_at > v_from and a.starts_at < v_to
      and a.deleted_at is null and a.status not in ('cancelled', 'rescheduled', 'no_show')
      and a.id is distinct from p_moving) >= (
    select max_daily_appointments from clinic.doctors
    where clinic_id = p_clinic_id and id = p_doctor_id);
end
$$;
comment on function booking.day_is_full(uuid, uuid, date, timestamptz, uuid) is
  'Whether the doctor has as many visits that day as max_daily_appointments says, p_moving apart.';

create function booking.limit_refusal(
  p_slot clinic.appointment_slots, p_patient_id uuid, p_online boolean, p_moving uuid)
returns text
language plpgsql stable
as $$
begin
  if not exists (
      select from clinic.clinics c
      where c.id = p_slot.clinic_id and c.is_active and c.deleted_at is null)
    or exists (
      select from clinic.holidays h
      where h.clinic_id = p_slot.clinic_id and h.deleted_at is null
        and p_slot.slot_date between h.first_day and h.last_day) then
    return 'doctor_unavailable';
  end if;
  if p_online then
    if not exists (
        select from clinic.doctors d join clinic.clinics c on c.id = d.clinic_id
        where d.clinic_id = p_slot.clinic_id and d.id = p_slot.doctor_id
          and p_slot.starts_at >= now() + make_interval(mins => d.lead_time_minutes)
          and p_slot.slot_date <= (now() at time zone c.time_zone)::date + d.advance_booking_days)
      then
      return 'doctor_unavailable';
    end if;
  end if;
  if booking.day_is_full(p_slot.clinic_id, p_slot.doctor_id, p_slot.slot_date, p_slot.starts_at,
                         p_moving) then
    return case when p_online or not exists (
      select from clinic.limit_permits p
      where p.clinic_id = p_slot.clinic_id and p.slot_id = p_slot.id
        and p.patient_id = p_patient_id) then 'doctor_unavailable' end;
  end if;
  return null;
end
$$;
comment on function booking.limit_refusal(clinic.appointment_slots, uuid, boolean, uuid) is
  'doctor_unavailable where the clinic is closed or a limit of the doctor is reached, else null. For booking_refusal.';

-- The first look locks nothing, so two could take the last visit of a day. Whoever has the lock of the
-- clinic's numbers looks again: a booking took it with its number, what moves or comes back takes it here.
create function booking.keep_daily_limit() returns trigger
language plpgsql volatile
as $$
declare
  v_online boolean := new.source is not distinct from 'online';
begin
  if tg_op = 'UPDATE' then
    v_online := app.current_role() is not distinct from 'patient';
    perform booking.lock_numbers(new.clinic_id);
  end if;
  if not booking.day_is_full(
      new.clinic_id, new.doctor_id, new.appointment_date, new.starts_at, new.id) then
    return new;
  elsif not v_online and exists (
      select from clinic.limit_permits p
      where p.clinic_id = new.clinic_id and p.slot_id = new.slot_id
        and p.patient_id = new.patient_id) then
    return new;
  end if;
  raise exception 'the doctor''s visits of that day are full' using errcode = '23P01';
end
$$;
comment on function booking.keep_daily_limit() is
  'Lets no booking function go over max_daily_appointments without a permit: raises 23P01.';
grant execute on function booking.day_is_full(uuid, uuid, date, timestamptz, uuid),
  booking.limit_refusal(clinic.appointment_slots, uuid, boolean, uuid),
  booking.keep_daily_limit() to clinic_booker;

create trigger daily_limit_insert before insert on clinic.appointments
  for each row when (current_user = 'clinic_booker') execute function booking.keep_daily_limit();
create trigger daily_limit_move before update of doctor_id, appointment_date, status
  on clinic.appointments
  for each row when (current_user = 'clinic_booker'
    and new.status not in ('cancelled', 'rescheduled', 'no_show')
    and (old.status in ('cancelled', 'rescheduled', 'no_show')
      or (old.doctor_id, old.appointment_date)
        is distinct from (new.doctor_id, new.appointment_date)))
  execute function booking.keep_daily_limit();

create function booking.permit_over_limit(p_slot_id uuid, p_patient_id uuid, p_reason text)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5];
begin
  if v_clinic_id is null or nullif(v_claims[6], '') is null
      or v_claims[4] not in ('staff', 'admin', 'superadmin') then
    return booking.refusal('not_allowed');
  elsif coalesce(p_reason, '') !~ '\S' or length(p_reason) > 500 then
    return booking.refusal('invalid_input');
  elsif not exists (
      select from clinic.appointment_slots where clinic_id = v_clinic_id and id = p_slot_id) then
    return booking.refusal('slot_not_found');
  elsif not exists (
      select from clinic.patients
      where clinic_id = v_clinic_id and id = p_patient_id and deleted_at is null) then
    return booking.refusal('patient_not_found');
  end if;
  insert into clinic.limit_permits (clinic_id, slot_id, patient_id, reason, permitted_by)
  values (v_clinic_id, p_slot_id, p_patient_id, btrim(p_reason), v_claims[6]::uuid)
  on conflict (clinic_id, slot_id, patient_id) do update
  set reason = excluded.reason, permitted_by = excluded.permitted_by, created_at = now();
  return jsonb_build_object('status', 'success', 'idempotent', false, 'result',
    jsonb_build_object('slot_id', p_slot_id));
end
$$;
comment on function booking.permit_over_limit(uuid, uuid, text) is
  'Lets the desk book or move this patient into this slot although the doctor''s day is full, and keeps why.';
call app.make_definer('booking.permit_over_limit(uuid, uuid, text)', 'clinic_booker');
grant execute on function booking.permit_over_limit(uuid, uuid, text) to
  clinic_staff, clinic_admin, clinic_superadmin;

create function booking.slot_needs_permit(p_slot_id uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_clinic_id uuid := (app.enter())[5];
begin
  return exists (
    select from clinic.appointment_slots s
    where s.clinic_id = v_clinic_id and s.id = p_slot_id
      and booking.day_is_full(s.clinic_id, s.doctor_id, s.slot_date, s.starts_at, null));
end
$$;
comment on function booking.slot_needs_permit(uuid) is
  'Whether the doctor''s day of this slot is full, so that the desk books it with permit_over_limit alone.';
call app.make_definer('booking.slot_needs_permit(uuid)', 'clinic_booker');
grant execute on function booking.slot_needs_permit(uuid) to
  clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.slot_needs_permit(uuid);
drop function booking.permit_over_limit(uuid, uuid, text);
drop trigger daily_limit_move on clinic.appointments;
drop trigger daily_limit_insert on clinic.appointments;
drop function booking.keep_daily_limit();
drop function booking.limit_refusal(clinic.appointment_slots, uuid, boolean, uuid);
drop function booking.day_is_full(uuid, uuid, date, timestamptz, uuid);
