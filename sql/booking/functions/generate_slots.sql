-- Slots from working hours. Hours are wall clock; each day they are turned into instants through
-- the clinic's zone and cut there, so a day of 23 or 25 hours has the slots that it really has.
create function booking.working_slots(p_clinic_id uuid, p_doctor_id uuid, p_from date, p_to date)
returns table (starts_at timestamptz, ends_at timestamptz, wall timestamp, minutes int)
language sql stable
as $$
  select t.starts_at, t.ends_at, t.starts_at at time zone c.time_zone,
         d.consultation_duration_minutes
  from clinic.clinics c
  join clinic.doctors d on d.clinic_id = c.id and d.id = p_doctor_id and d.is_active
    and d.deleted_at is null
  -- As timestamps: dates would be counted in the client's time zone.
  cross join lateral generate_series(p_from::timestamp, p_to::timestamp, interval '1 day') as day(stamp)
  join clinic.doctor_working_hours h on h.clinic_id = c.id and h.doctor_id = d.id
    and h.weekday = extract(isodow from day.stamp)
    and day.stamp::date >= h.effective_from
    and day.stamp::date <= coalesce(h.effective_to, 'infinity')
  cross join lateral (
    select s, s + make_interval(mins => d.consultation_duration_minutes)
    from generate_series(
      (day.stamp::date + h.starts) at time zone c.time_zone,
      (day.stamp::date + h.ends) at time zone c.time_zone
        - make_interval(mins => d.consultation_duration_minutes),
      make_interval(mins => d.consultation_duration_minutes + d.buffer_time_minutes)) s
  ) as t(starts_at, ends_at)
  where c.id = p_clinic_id
    and not d.blocked_dates ? to_char(day.stamp, 'YYYY-MM-DD')
    and not exists (
      select from jsonb_to_recordset(d.break_times) as b(starts time, ends time, weekday int)
      where coalesce(b.weekday, h.weekday) = h.weekday
        and (day.stamp::date + b.starts) at time zone c.time_zone < t.ends_at
        and (day.stamp::date + b.ends) at time zone c.time_zone > t.starts_at)
    and not exists (
      select from clinic.doctor_leave l
      where l.clinic_id = c.id and l.doctor_id = d.id and l.deleted_at is null
        and l.starts_at < t.ends_at and l.ends_at > t.starts_at)
$$;
comment on function booking.working_slots(uuid, uuid, date, date) is
  'The times a doctor works between two dates, less breaks, blocked dates and leave, cut into visits.';
grant execute on function booking.working_slots(uuid, uuid, date, date) to clinic_booker;

-- Re-runnable: makes what is missing, blocks free slots that the hours no longer cover, frees those
-- again that they cover once more, and gives them the present length. A booked slot is never touched.
create function booking.generate_slots(p_doctor_id uuid, p_from date, p_to date) returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5];
  v_zone text;
  v_made int;
begin
  if v_clinic_id is null then
    raise exception 'no clinic: this needs a tenant context' using errcode = 'RW001';
  elsif v_claims[4] not in ('admin', 'superadmin', 'worker', 'owner') then
    raise exception 'only administrators and jobs make slots' using errcode = 'RW002';
  end if;
  if p_to - p_from not between 0 and 400 then
    raise exception 'slots are made for 1 to 401 days at a time' using errcode = '22023';
  end if;
  select c.time_zone into v_zone from clinic.doctors d join clinic.clinics c on c.id = d.clinic_id
  where d.clinic_id = v_clinic_id and d.id = p_doctor_id;
  if not found then
    raise exception 'no such doctor in this clinic' using errcode = 'RW003';
  end if;

  -- Times that a visit already takes, perhaps one of another length, are not offered.
  with covered as materialized (
    select * from booking.working_slots(v_clinic_id, p_doctor_id, p_from, p_to) c
    where not exists (
      select from clinic.appointment_slots s
      where s.clinic_id = v_clinic_id and s.doctor_id = p_doctor_id
        and s.starts_at < c.ends_at and s.starts_at > c.starts_at - interval '12 hours'
        and s.ends_at > c.starts_at and coalesce(s.appointment_id, s.covered_by) is not null)
  ), changed as (
    update clinic.appointment_slots s
    set is_blocked = not s.is_blocked,
      block_reason = case when s.is_blocked then '' else 'outside working hours' end
    where s.clinic_id = v_clinic_id and s.doctor_id = p_doctor_id and s.appointment_id is null
      and s.covered_by is null
      and s.starts_at >= p_from::timestamp at time zone v_zone
      and s.starts_at < (p_to + 1)::timestamp at time zone v_zone
      and s.is_blocked = (s.starts_at, s.ends_at) in (select c.starts_at, c.ends_at from covered c)
      and s.block_reason = case when s.is_blocked then 'outside working hours' else '' end
      and not exists (select from covered c
                      where c.starts_at = s.starts_at and c.ends_at <> s.ends_at)
  ), resized as (
    update clinic.appointment_slots s
    set ends_at = c.ends_at, duration_minutes = c.minutes, is_blocked = false, block_reason = ''
    from covered c
    where s.clinic_id = v_clinic_id and s.doctor_id = p_doctor_id and s.appointment_id is null
      and s.covered_by is null
      and s.starts_at = c.starts_at and s.ends_at <> c.ends_at
      and s.block_reason = case when s.is_blocked then 'outside working hours' else '' end
  )
  insert into clinic.appointment_slots (clinic_id, doctor_id, slot_date, slot_time,
    duration_minutes, starts_at, ends_at)
  select v_clinic_id, p_doctor_id, c.wall::date, c.wall::time, c.minutes, c.starts_at, c.ends_at
  from covered c
  where not exists (
    select from clinic.appointment_slots s
    where s.clinic_id = v_clinic_id and s.doctor_id = p_doctor_id and s.starts_at = c.starts_at)
  on conflict do nothing;
  get diagnostics v_made = row_count;
  return v_made;
end
$$;
comment on function booking.generate_slots(uuid, date, date) is
  'Makes a doctor''s slots for the dates (both included) and returns how many are new. RW001, RW002, RW003.';
call app.make_definer('booking.generate_slots(uuid, date, date)', 'clinic_booker');
grant execute on function booking.generate_slots(uuid, date, date) to
  clinic_admin, clinic_superadmin, clinic_worker, clinic_owner;

-- undo
drop function booking.generate_slots(uuid, date, date);
drop function booking.working_slots(uuid, uuid, date, date);
