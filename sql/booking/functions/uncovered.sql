-- What a change of working time comes to: the days as they would be, and the visits outside of them.
-- Nothing here refuses or cancels; whoever changes the hours sees the list and decides.
create function booking.uncovered(p_clinic_id uuid, p_doctor_id uuid)
returns table (appointment_id uuid, doctor_id uuid, starts_at timestamptz)
language sql stable
as $$
  select a.id, a.doctor_id, a.starts_at
  from (
    select v.doctor_id, min(v.starts_at)::date - 2, max(v.ends_at)::date + 2
    from clinic.appointments v
    where v.clinic_id = p_clinic_id and v.doctor_id = coalesce(p_doctor_id, v.doctor_id)
      and v.starts_at > now() and v.deleted_at is null and v.status in ('scheduled', 'confirmed')
    group by v.doctor_id) as d(id, first, last)
  cross join lateral (
    select coalesce(
      (select range_agg(tstzrange(w.starts_at, w.ends_at))
       from booking.shifts(p_clinic_id, d.id, d.first, d.last) w)
      - booking.time_off(p_clinic_id, d.id, d.first, d.last), '{}') offset 0) as t(worked)
  join clinic.appointments a on a.clinic_id = p_clinic_id and a.doctor_id = d.id
    and a.starts_at > now() and a.deleted_at is null and a.status in ('scheduled', 'confirmed')
  where not t.worked @> tstzrange(a.starts_at, a.ends_at)
  order by a.starts_at, a.id
$$;
comment on function booking.uncovered(uuid, uuid) is
  'Visits to come that lie outside the working time of their doctor: of one doctor, or of all with null.';

create function booking.uncovered_visits(p_doctor_id uuid default null)
returns table (appointment_id uuid, doctor_id uuid, starts_at timestamptz)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
begin
  if v_claims[5] is null then
    raise exception 'no clinic: this needs a tenant context' using errcode = 'RW001';
  elsif v_claims[4] not in ('staff', 'doctor', 'admin', 'superadmin') then
    raise exception 'only the desk, doctors and administrators see this' using errcode = 'RW002';
  end if;
  return query
  select u.* from booking.uncovered(v_claims[5]::uuid, p_doctor_id) u
  where v_claims[4] <> 'doctor' or u.doctor_id = any (array(select app.own_doctor_ids()));
end
$$;
comment on function booking.uncovered_visits(uuid) is
  'Visits to come outside the working time of their doctor, earliest first; doctors see their own. RW001, RW002.';
call app.make_definer('booking.uncovered_visits(uuid)', 'clinic_booker');
grant execute on function booking.uncovered_visits(uuid) to
  clinic_staff, clinic_doctor, clinic_admin, clinic_superadmin;

create function booking.working_days(p_clinic_id uuid, p_doctor_id uuid, p_from date, p_to date)
returns jsonb
language sql stable
as $$
  with slots as materialized (
    select s.wall::date as day, s.starts_at, s.ends_at,
      make_interval(mins => d.buffer_before_minutes + d.buffer_time_minutes) as gap
    from booking.working_slots(p_clinic_id, p_doctor_id, p_from, p_to) s
    join clinic.doctors d on d.clinic_id = p_clinic_id and d.id = p_doctor_id
  ), days as (
    select s.day, s.gap, count(*) as slots, range_agg(tstzrange(s.starts_at, s.ends_at + s.gap)) as spans
    from slots s group by s.day, s.gap
  )
  select coalesce(jsonb_agg(jsonb_build_object('day', d.day, 'slots', d.slots, 'spans', (
    select jsonb_agg(jsonb_build_array(lower(r), upper(r) - d.gap) order by r)
    from unnest(d.spans) r)) order by d.day), '[]')
  from days d
$$;
comment on function booking.working_days(uuid, uuid, date, date) is
  'The days with slots, as generate_slots would cut them: [{"day", "slots": how many, "spans": [[instant, instant]]}].';

-- As far as slots exist or would by tonight: what is beyond will be made when its time comes.
create function booking.slots_until(p_clinic_id uuid, p_doctor_id uuid) returns date
language sql stable
as $$
  select least(t.day + 400, greatest(t.day + greatest(30, d.advance_booking_days), (
    select max(s.slot_date) from clinic.appointment_slots s
    where s.clinic_id = c.id and s.doctor_id = d.id)))
  from clinic.clinics c
  join clinic.doctors d on d.clinic_id = c.id and d.id = p_doctor_id
  cross join lateral (select (now() at time zone c.time_zone)::date) as t(day)
  where c.id = p_clinic_id
$$;
comment on function booking.slots_until(uuid, uuid) is
  'The last date for which a doctor has or should have slots: advance_booking_days, at least 30, at most 400.';

-- Whoever may keep the hours of a doctor: administrators, and a doctor the own ones.
create function booking.hours_refusal(p_claims text[], p_doctor_id uuid) returns text
language sql stable
as $$
  select case
    when p_claims is null or p_claims[4] not in ('doctor', 'admin', 'superadmin')
      or nullif(p_claims[6], '') is null then 'not_allowed'
    when not exists (
      select from clinic.doctors
      where clinic_id = p_claims[5]::uuid and id = p_doctor_id and deleted_at is null)
      then 'doctor_not_found'
    when p_claims[4] = 'doctor' and p_doctor_id <> all (array(select app.own_doctor_ids()))
      then 'not_allowed' end
$$;
comment on function booking.hours_refusal(text[], uuid) is
  'Why the caller may not change when a doctor works, or null. Takes the answer of app.enter().';
grant execute on function booking.uncovered(uuid, uuid),
  booking.working_days(uuid, uuid, date, date), booking.slots_until(uuid, uuid),
  booking.hours_refusal(text[], uuid) to clinic_booker;

-- undo
drop function booking.hours_refusal(text[], uuid);
drop function booking.slots_until(uuid, uuid);
drop function booking.working_days(uuid, uuid, date, date);
drop function booking.uncovered_visits(uuid);
drop function booking.uncovered(uuid, uuid);
