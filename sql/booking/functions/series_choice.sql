-- Called inside functions of clinic_booker. What stands against one time of a series, made or not
-- yet; the visits of the series that move with it are not in its way.
create function booking.series_refusal(
  p_clinic_id uuid, p_slot_id uuid, p_doctor_id uuid, p_patient_id uuid,
  p_starts_at timestamptz, p_ends_at timestamptz, p_user_id uuid, p_moving uuid[])
returns text
language plpgsql stable
as $$
declare
  v_code text := case when p_starts_at <= now() then 'slot_past' when p_slot_id is not null then
    booking.booking_refusal(p_clinic_id, p_slot_id, p_patient_id, null, p_user_id, p_moving[1]) end;
  v_from timestamptz := p_starts_at - interval '12 hours';
  v_others boolean;
begin
  if v_code not in ('slot_unavailable', 'patient_overlap')
      or (v_code is null and p_slot_id is not null) then
    return v_code;
  end if;
  select doctor_id = p_doctor_id into v_others from clinic.appointments
  where clinic_id = p_clinic_id and (doctor_id = p_doctor_id and overbooked_reason = ''
      or patient_id = p_patient_id and overlap_reason = '')
    and starts_at < p_ends_at and starts_at > v_from and ends_at > p_starts_at
    and deleted_at is null and status not in ('cancelled', 'rescheduled', 'no_show')
    and id <> all (p_moving)
  order by 1 desc nulls last limit 1;
  if found then
    return case when v_others then 'slot_unavailable' else 'patient_overlap' end;
  elsif p_slot_id is not null then
    -- Nobody is in the way: the slot is one that moves along, or is kept by other means.
    return case when not exists (
      select from clinic.appointment_slots where clinic_id = p_clinic_id and id = p_slot_id
        and (is_available or appointment_id = any (p_moving))) then 'slot_unavailable' end;
  end if;
  return case when not exists (
    select from clinic.doctors d join clinic.clinics c on c.id = d.clinic_id
    where d.clinic_id = p_clinic_id and d.id = p_doctor_id and d.is_active and d.deleted_at is null
      and d.license_expiry >= (p_starts_at at time zone c.time_zone)::date)
    then 'doctor_unavailable' end;
end
$$;
comment on function booking.series_refusal(uuid, uuid, uuid, uuid, timestamptz, timestamptz, uuid, uuid[]) is
  'The code of the first reason against a time for a patient, or null; p_moving are visits that leave their times.';
grant execute on function booking.series_refusal(uuid, uuid, uuid, uuid, timestamptz, timestamptz, uuid, uuid[]) to clinic_booker;

-- Called inside functions of clinic_booker. Why there is no time where the rule wants one.
create function booking.series_closed(p_clinic_id uuid, p_doctor_id uuid, p_wall timestamp)
returns text
language sql stable
as $$
  select case
    when (p_wall at time zone c.time_zone) at time zone c.time_zone <> p_wall then 'clock_skips'
    when exists (
      select from clinic.doctor_leave l
      where l.clinic_id = c.id and l.doctor_id = d.id and l.deleted_at is null
        and l.starts_at <= p_wall at time zone c.time_zone
        and l.ends_at > p_wall at time zone c.time_zone) then 'leave'
    when d.blocked_dates ? to_char(p_wall, 'YYYY-MM-DD') or exists (
      select from clinic.holidays h
      where h.clinic_id = c.id and h.deleted_at is null
        and p_wall::date between h.first_day and h.last_day) then 'holiday'
    when not exists (
      select from clinic.doctor_working_hours h
      where h.clinic_id = c.id and h.doctor_id = d.id and h.weekday = extract(isodow from p_wall)
        and p_wall::date >= h.effective_from
        and p_wall::date <= coalesce(h.effective_to, 'infinity')) then 'no_hours'
    when not d.is_active or d.deleted_at is not null or d.license_expiry < p_wall::date
      then 'doctor_unavailable'
    else 'outside_hours' end
  from clinic.clinics c join clinic.doctors d on d.clinic_id = c.id and d.id = p_doctor_id
  where c.id = p_clinic_id
$$;
comment on function booking.series_closed(uuid, uuid, timestamp) is
  'clock_skips, leave, holiday, no_hours, doctor_unavailable or outside_hours, for a wall-clock time of a doctor without a slot.';
grant execute on function booking.series_closed(uuid, uuid, timestamp) to clinic_booker;

-- Called inside functions of clinic_booker. One date of a preview: the time that the rule wants, on
-- the wall clock whatever the zone does that day, and the nearest free one within two days of it.
create function booking.series_choice(
  p_clinic_id uuid, p_doctor_id uuid, p_patient_id uuid, p_wall timestamp, p_user_id uuid,
  p_moving uuid[], p_apart date[], out starts_at timestamptz, out state text, out why text, out best_at timestamptz)
language plpgsql stable
as $$
declare
  v_day date := p_wall::date;
  v_slot_id uuid;
  v_ends_at timestamptz;
begin
  -- Of a time that the clock shows twice the first, as RFC 5545 has it.
  select t.slot_id, t.starts_at, t.ends_at into v_slot_id, starts_at, v_ends_at
  from booking.series_times(p_clinic_id, p_doctor_id, v_day, v_day) t
  where t.wall = p_wall order by t.starts_at limit 1;
  if found then
    why := booking.series_refusal(p_clinic_id, v_slot_id, p_doctor_id, p_patient_id, starts_at,
      v_ends_at, p_user_id, p_moving);
  else
    why := 'slot_not_found';
    starts_at := p_wall at time zone (select time_zone from clinic.clinics where id = p_clinic_id);
  end if;
  state := case when why is null then 'free' when starts_at <= now() then 'past'
    when why in ('slot_unavailable', 'patient_overlap') then 'taken' else 'outside' end;
  if state = 'outside' then
    why := coalesce(nullif(booking.series_closed(p_clinic_id, p_doctor_id, p_wall),
      case why when 'slot_blocked' then 'outside_hours' end), why);
  end if;
  if state in ('taken', 'outside') then
    select t.starts_at into best_at from (
      select * from booking.series_times(p_clinic_id, p_doctor_id, v_day - 2, v_day + 2) x
      where x.wall::date <> all (p_apart) and x.starts_at > now()
      order by greatest(x.starts_at - series_choice.starts_at, series_choice.starts_at - x.starts_at),
        x.starts_at
      offset 0) t  -- sorted first: the dear look is at the nearest until one is free
    where booking.series_refusal(p_clinic_id, t.slot_id, p_doctor_id, p_patient_id, t.starts_at,
      t.ends_at, p_user_id, p_moving) is null
    limit 1;
  end if;
end
$$;
comment on function booking.series_choice(uuid, uuid, uuid, timestamp, uuid, uuid[], date[]) is
  'A wanted wall-clock time: its instant; free, taken, outside or past; why not; and the nearest free time, on no day of p_apart.';
grant execute on function booking.series_choice(uuid, uuid, uuid, timestamp, uuid, uuid[], date[]) to clinic_booker;

-- undo
drop function booking.series_choice(uuid, uuid, uuid, timestamp, uuid, uuid[], date[]);
drop function booking.series_closed(uuid, uuid, timestamp);
drop function booking.series_refusal(uuid, uuid, uuid, uuid, timestamptz, timestamptz, uuid, uuid[]);
