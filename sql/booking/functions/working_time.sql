-- When a doctor works, as instants. Hours, breaks and holidays are wall clock and become instants in
-- booking.instant alone; what takes time away wins over what adds it.

-- A clock that is put forward shows no time in between: that is the moment of the change. One put
-- back shows some times twice: that is the second. So times keep their order, whatever the zone does.
create function booking.instant(p_wall timestamp, p_zone text) returns timestamptz
language plpgsql stable parallel safe
as $$
declare
  v_first timestamptz := p_wall at time zone p_zone;
  v_shown timestamp := v_first at time zone p_zone;
begin
  if v_shown = p_wall then
    return v_first;
  end if;
  return (
    select min(x) from generate_series(
      v_first - (v_shown - p_wall), v_first, interval '1 minute') x
    where x at time zone p_zone > p_wall);
end
$$;
comment on function booking.instant(timestamp, text) is
  'The instant at which clocks of the zone show this time or, where they skip it, jump over it.';

create function booking.shifts(p_clinic_id uuid, p_doctor_id uuid, p_from date, p_to date)
returns table (starts_at timestamptz, ends_at timestamptz)
language sql stable
as $$
  with weekly as materialized (
    select booking.instant(lower(t.wall), c.time_zone) as starts_at,
      booking.instant(upper(t.wall), c.time_zone) as ends_at
    from clinic.clinics c
    join clinic.doctors d on d.clinic_id = c.id and d.id = p_doctor_id and d.is_active
      and d.deleted_at is null
    -- As timestamps: dates would be counted in the client's time zone.
    cross join lateral generate_series(
      (p_from - 2)::timestamp, (p_to + 1)::timestamp, interval '1 day') as day(stamp)
    join clinic.doctor_working_hours h on h.clinic_id = c.id and h.doctor_id = d.id
      and h.deleted_at is null and h.weekday = extract(isodow from day.stamp)
      and day.stamp::date >= h.effective_from
      and day.stamp::date <= coalesce(h.effective_to, 'infinity')
      and (h.every_weeks = 1 or ((day.stamp::date - date '1900-01-01') / 7) % h.every_weeks
                              = ((h.week_of - date '1900-01-01') / 7) % h.every_weeks)
    cross join lateral (
      select clinic.session_times(day.stamp::date, h.starts, h.ends)) as t(wall)
    where c.id = p_clinic_id
  )
  select w.starts_at, w.ends_at from weekly w where w.starts_at < w.ends_at
  union all
  select lower(r), upper(r)
  from clinic.extra_sessions e
  join clinic.clinics c on c.id = e.clinic_id
  join clinic.doctors d on d.clinic_id = c.id and d.id = e.doctor_id and d.is_active
    and d.deleted_at is null
  cross join lateral (select clinic.session_times(e.day, e.starts, e.ends)) as t(wall)
  -- Only where the weekly hours are not already.
  cross join lateral unnest(
    tstzmultirange(tstzrange(
      booking.instant(lower(t.wall), c.time_zone), booking.instant(upper(t.wall), c.time_zone)))
    - coalesce((select range_agg(tstzrange(w.starts_at, w.ends_at)) from weekly w), '{}')) as r
  where e.clinic_id = p_clinic_id and e.doctor_id = p_doctor_id and e.deleted_at is null
    and e.day between p_from - 1 and p_to + 1
$$;
comment on function booking.shifts(uuid, uuid, date, date) is
  'From when to when a doctor works by weekly hours and extra sessions, from the night before the first date on.';

create function booking.time_off(p_clinic_id uuid, p_doctor_id uuid, p_from date, p_to date)
returns tstzmultirange
language sql stable
as $$
  select coalesce(range_agg(off.times), '{}')
  from clinic.clinics c
  join clinic.doctors d on d.clinic_id = c.id and d.id = p_doctor_id
  cross join lateral (
    select tstzrange(booking.instant(day.stamp::date + b.starts, c.time_zone),
                     booking.instant(day.stamp::date + b.ends, c.time_zone))
    from generate_series(
      (p_from - 1)::timestamp, (p_to + 1)::timestamp, interval '1 day') as day(stamp),
      jsonb_to_recordset(d.break_times) as b(starts time, ends time, weekday int)
    where coalesce(b.weekday, extract(isodow from day.stamp)) = extract(isodow from day.stamp)
    union all
    select tstzrange(booking.instant(day.stamp, c.time_zone),
                     booking.instant(day.stamp + interval '1 day', c.time_zone))
    from generate_series(
      (p_from - 1)::timestamp, (p_to + 1)::timestamp, interval '1 day') as day(stamp)
    where d.blocked_dates ? to_char(day.stamp, 'YYYY-MM-DD')
    union all
    select tstzrange(booking.instant(h.first_day::timestamp, c.time_zone),
                     booking.instant((h.last_day + 1)::timestamp, c.time_zone))
    from clinic.holidays h
    where h.clinic_id = c.id and h.deleted_at is null
      and h.first_day <= p_to + 1 and h.last_day >= p_from - 1
    union all
    select tstzrange(l.starts_at, l.ends_at)
    from clinic.doctor_leave l
    where l.clinic_id = c.id and l.doctor_id = d.id and l.deleted_at is null
      and l.starts_at < (p_to + 2)::timestamp at time zone c.time_zone
      and l.ends_at > (p_from - 1)::timestamp at time zone c.time_zone
  ) as off(times)
  where c.id = p_clinic_id
$$;
comment on function booking.time_off(uuid, uuid, date, date) is
  'What takes time away from a doctor about those dates: breaks, blocked dates, holidays and leave.';
grant execute on function booking.instant(timestamp, text), booking.shifts(uuid, uuid, date, date),
  booking.time_off(uuid, uuid, date, date) to clinic_booker;

-- undo
drop function booking.time_off(uuid, uuid, date, date);
drop function booking.shifts(uuid, uuid, date, date);
drop function booking.instant(timestamp, text);
