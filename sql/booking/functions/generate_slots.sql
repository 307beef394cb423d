-- Slots from working time, cut as instants: a day of 23 or 25 hours has the slots that it really has.
-- Buffers are work: they lie inside the hours and outside the breaks, beside each visit.
create function booking.working_slots(p_clinic_id uuid, p_doctor_id uuid, p_from date, p_to date)
returns table (starts_at timestamptz, ends_at timestamptz, wall timestamp, minutes int)
language sql stable
as $$
  select s, s + x.visit, s at time zone c.time_zone, d.consultation_duration_minutes
  from clinic.clinics c
  join clinic.doctors d on d.clinic_id = c.id and d.id = p_doctor_id
  cross join lateral (
    select make_interval(mins => d.buffer_before_minutes),
      make_interval(mins => d.consultation_duration_minutes),
      make_interval(mins => d.buffer_time_minutes)) as x(before, visit, after)
  -- offset 0: asked once, not for every slot.
  cross join lateral (
    select booking.time_off(c.id, d.id, p_from, p_to),
      booking.instant(p_from::timestamp, c.time_zone),
      booking.instant((p_to + 1)::timestamp, c.time_zone) offset 0) as days(off, first, last)
  cross join lateral booking.shifts(c.id, d.id, p_from, p_to) w
  cross join lateral generate_series(
    w.starts_at + x.before, w.ends_at - x.visit - x.after, x.before + x.visit + x.after) s
  where c.id = p_clinic_id
    and s >= days.first and s < days.last
    and not days.off && tstzrange(s - x.before, s + x.visit + x.after)
$$;
comment on function booking.working_slots(uuid, uuid, date, date) is
  'The visits that a doctor could see between two dates, both included: working time less time off, cut with buffers.';
grant execute on function booking.working_slots(uuid, uuid, date, date) to clinic_booker;

-- Re-runnable: makes what is missing, blocks free slots that the hours no longer cover, frees those
-- again that they cover once more, and gives free ones the present length and wall clock. A booked
-- slot is never touched.
create function booking.make_slots(p_clinic_id uuid, p_doctor_id uuid, p_from date, p_to date)
returns int
language plpgsql volatile
as $$
declare
  v_zone text;
  v_gap interval;
  v_made int;
begin
  select c.time_zone, make_interval(mins => d.buffer_before_minutes + d.buffer_time_minutes)
  into v_zone, v_gap
  from clinic.doctors d join clinic.clinics c on c.id = d.clinic_id
  where d.clinic_id = p_clinic_id and d.id = p_doctor_id;
  update clinic.appointment_slots s
  set slot_date = (s.starts_at at time zone v_zone)::date,
    slot_time = (s.starts_at at time zone v_zone)::time
  where s.clinic_id = p_clinic_id and s.doctor_id = p_doctor_id
    and coalesce(s.appointment_id, s.covered_by) is null
    and s.starts_at >= booking.instant(p_from::timestamp, v_zone)
    and s.starts_at < booking.instant((p_to + 1)::timestamp, v_zone)
    and s.slot_date + s.slot_time <> s.starts_at at time zone v_zone;

  -- Times that a visit already takes, perhaps one of another length, are not offered.
  with covered as materialized (
    select * from booking.working_slots(p_clinic_id, p_doctor_id, p_from, p_to) c
    where not exists (
      select from clinic.appointment_slots s
      where s.clinic_id = p_clinic_id and s.doctor_id = p_doctor_id
        and s.starts_at < c.ends_at + v_gap and s.starts_at > c.starts_at - v_gap - interval '12 hours'
        and s.ends_at > c.starts_at - v_gap
        and coalesce(s.appointment_id, s.covered_by) is not null)
  ), withdrawn as (
    update clinic.appointment_slots s
    set is_blocked = true, block_reason = 'outside working hours'
    where s.clinic_id = p_clinic_id and s.doctor_id = p_doctor_id
      and coalesce(s.appointment_id, s.covered_by) is null
      and s.starts_at >= booking.instant(p_from::timestamp, v_zone)
      and s.starts_at < booking.instant((p_to + 1)::timestamp, v_zone)
      and not s.is_blocked and s.block_reason = ''
      and s.starts_at not in (select c.starts_at from covered c)
  ), fitted as (
    update clinic.appointment_slots s
    set ends_at = c.ends_at, duration_minutes = c.minutes, is_blocked = false, block_reason = ''
    from covered c
    where s.clinic_id = p_clinic_id and s.doctor_id = p_doctor_id
      and coalesce(s.appointment_id, s.covered_by) is null
      and s.starts_at = c.starts_at
      and s.block_reason = case when s.is_blocked then 'outside working hours' else '' end
      and (s.is_blocked or s.ends_at <> c.ends_at)
  )
  insert into clinic.appointment_slots (clinic_id, doctor_id, slot_date, slot_time,
    duration_minutes, starts_at, ends_at)
  select p_clinic_id, p_doctor_id, c.wall::date, c.wall::time, c.minutes, c.starts_at, c.ends_at
  from covered c
  where not exists (
    select from clinic.appointment_slots s
    where s.clinic_id = p_clinic_id and s.doctor_id = p_doctor_id and s.starts_at = c.starts_at)
  order by c.starts_at  -- as whoever takes many of them does
  on conflict do nothing;
  get diagnostics v_made = row_count;
  return v_made;
end
$$;
comment on function booking.make_slots(uuid, uuid, date, date) is
  'Brings a doctor''s slots of those dates in line with the working time and returns how many are new.';
grant execute on function booking.make_slots(uuid, uuid, date, date) to clinic_booker;

create function booking.generate_slots(p_doctor_id uuid, p_from date, p_to date) returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5];
begin
  if v_clinic_id is null then
    raise exception 'no clinic: this needs a tenant context' using errcode = 'RW001';
  elsif v_claims[4] not in ('admin', 'superadmin', 'worker', 'owner') then
    raise exception 'only administrators and jobs make slots' using errcode = 'RW002';
  end if;
  if p_to - p_from not between 0 and 400 then
    raise exception 'slots are made for 1 to 401 days at a time' using errcode = '22023';
  end if;
  if not exists (
      select from clinic.doctors where clinic_id = v_clinic_id and id = p_doctor_id) then
    raise exception 'no such doctor in this clinic' using errcode = 'RW003';
  end if;
  return booking.make_slots(v_clinic_id, p_doctor_id, p_from, p_to);
end
$$;
comment on function booking.generate_slots(uuid, date, date) is
  'Makes a doctor''s slots for the dates (both included) and returns how many are new. RW001, RW002, RW003.';
call app.make_definer('booking.generate_slots(uuid, date, date)', 'clinic_booker');
grant execute on function booking.generate_slots(uuid, date, date) to
  clinic_admin, clinic_superadmin, clinic_worker, clinic_owner;

-- undo
drop function booking.generate_slots(uuid, date, date);
drop function booking.make_slots(uuid, uuid, date, date);
drop function booking.working_slots(uuid, uuid, date, date);
