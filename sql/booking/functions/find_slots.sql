-- The next free times, across doctors. Everyone inside gets the same ones: leave and other people's
-- visits decide, so a definer reads them, and only the times leave it.
-- What create_booking would accept, by the same reads as booking.booking_refusal. Inside a CASE they
-- stay questions about one row, asked after everything that the row itself can answer.
create function booking.free_times(
  p_clinic_id uuid, p_doctor_ids uuid[], p_from timestamptz, p_until timestamptz,
  p_part_from time, p_part_until time, p_weekdays int[], p_minutes int,
  p_user_id uuid, p_patient_id uuid, p_moving uuid, p_online boolean)
returns setof clinic.appointment_slots
language sql stable
as $$
  select s.* from clinic.appointment_slots s
  -- No visit is longer. As a column: an interval sum in the condition could not use an index.
  cross join lateral (select s.starts_at - interval '12 hours' as at offset 0) as earliest
  where s.clinic_id = p_clinic_id and s.starts_at >= p_from and s.starts_at < p_until
    and s.is_available and not s.is_blocked
    and (s.held_until is null or s.held_until <= now() or s.held_by = p_user_id
      or s.held_for = p_patient_id)
    and s.doctor_id = any (p_doctor_ids)
    and s.slot_time >= p_part_from and s.slot_time < p_part_until
    and extract(isodow from s.slot_date) = any (p_weekdays)
    and s.duration_minutes >= p_minutes
    and case
      when not exists (
        select from clinic.doctors d
        where d.clinic_id = p_clinic_id and d.id = s.doctor_id and d.license_expiry >= s.slot_date
          and (not p_online or (s.starts_at >= now() + make_interval(mins => d.lead_time_minutes)
            and s.slot_date <= d.advance_booking_days + (
              select (now() at time zone c.time_zone)::date from clinic.clinics c
              where c.id = p_clinic_id))))
      or exists (
        select from clinic.holidays h
        where h.clinic_id = p_clinic_id and h.deleted_at is null
          and s.slot_date between h.first_day and h.last_day)
      or exists (
        select from clinic.doctor_leave l
        where l.clinic_id = p_clinic_id and l.doctor_id = s.doctor_id and l.deleted_at is null
          and l.starts_at < s.ends_at and l.ends_at > s.starts_at)
      or exists (
        select from clinic.appointments a
        where a.clinic_id = p_clinic_id and a.doctor_id = s.doctor_id
          and a.starts_at < s.ends_at and a.starts_at > earliest.at and a.ends_at > s.starts_at
          and a.deleted_at is null and a.status not in ('cancelled', 'rescheduled', 'no_show')
          and a.id is distinct from p_moving and a.overbooked_reason = '') then false
      when p_patient_id is not null then not exists (
        select from clinic.appointments a
        where a.clinic_id = p_clinic_id and a.patient_id = p_patient_id
          and a.starts_at < s.ends_at and a.starts_at > earliest.at and a.ends_at > s.starts_at
          and a.deleted_at is null and a.status not in ('cancelled', 'rescheduled', 'no_show')
          and a.id is distinct from p_moving and a.overlap_reason = '')
      else true end
$$;
comment on function booking.free_times(uuid, uuid[], timestamptz, timestamptz, time, time, int[], int, uuid, uuid, uuid, boolean) is
  'The slots of these doctors that could be booked for this patient (null for anyone), in no order.';
grant execute on function booking.free_times(uuid, uuid[], timestamptz, timestamptz, time, time, int[], int, uuid, uuid, uuid, boolean) to clinic_booker;

-- How well each free slot packs its doctor's day. A side counts 2 where the time next to it is
-- taken, 1 where there is none (the edge of a session), 0 where it is free as well. Next to it is
-- what leaves a gap too short for the same visit.
create function booking.compactness(
  p_clinic_id uuid, p_doctor_id uuid, p_from timestamptz, p_until timestamptz)
returns table (slot_id uuid, score int)
language sql stable
as $$
  select id,
    case when starts_at - lag(ends_at) over w < ends_at - starts_at
         then 2 * (lag(taken) over w)::int else 1 end
    + case when lead(starts_at) over w - ends_at < ends_at - starts_at
           then 2 * (lead(taken) over w)::int else 1 end
  from clinic.appointment_slots
  cross join lateral (select not is_available or coalesce(held_until > now(), false)) as t(taken)
  where clinic_id = p_clinic_id and doctor_id = p_doctor_id and not is_blocked
    and starts_at >= p_from and starts_at < p_until
  window w as (order by starts_at)
$$;
comment on function booking.compactness(uuid, uuid, timestamptz, timestamptz) is
  'For each slot of a doctor''s day 0 to 4: 2 a side that a visit adjoins, 1 a side at the edge of a session.';
grant execute on function booking.compactness(uuid, uuid, timestamptz, timestamptz) to clinic_booker;

-- The free ones of the next day, then of three more, then of nine at a time, until there are enough.
-- So a nearly full book and an empty one cost about the same, whatever the planner believes. A stretch
-- ends at midnight: of the last day that counts, all are there.
create function booking.first_times(
  p_clinic_id uuid, p_zone text, p_limit int, p_doctor_ids uuid[], p_from timestamptz,
  p_until timestamptz, p_part_from time, p_part_until time, p_weekdays int[], p_minutes int,
  p_user_id uuid, p_patient_id uuid, p_moving uuid, p_online boolean)
returns uuid[]
language plpgsql stable
as $$
declare
  v_found uuid[] := '{}';
  v_day timestamp := date_trunc('day', p_from at time zone p_zone);
  v_days int := 1;
  v_from timestamptz := p_from;
  v_until timestamptz;
begin
  loop
    v_day := v_day + make_interval(days => v_days);
    v_until := least(v_day at time zone p_zone, p_until);
    v_found := v_found || array(
      with free as materialized (
        select t.id, t.doctor_id, t.slot_date, t.starts_at
        from booking.free_times(p_clinic_id, p_doctor_ids, v_from, v_until, p_part_from,
          p_part_until, p_weekdays, p_minutes, p_user_id, p_patient_id, p_moving, p_online) t
      ), days as materialized (
        select distinct on (doctor_id, slot_date) doctor_id, slot_date, starts_at from free
      ), unfilled as materialized (  -- asked of each day, not of each free time of it
        select d.doctor_id, d.slot_date from days d
        where not booking.day_is_full(
          p_clinic_id, d.doctor_id, d.slot_date, d.starts_at, p_moving))
      select f.id from free f join unfilled u using (doctor_id, slot_date));
    exit when cardinality(v_found) >= p_limit or v_until >= p_until;
    v_from := v_until;
    v_days := least(v_days * 3, 9);
  end loop;
  return v_found;
end
$$;
comment on function booking.first_times(uuid, text, int, uuid[], timestamptz, timestamptz, time, time, int[], int, uuid, uuid, uuid, boolean) is
  'Ids of the first free slots, whole days of them: p_limit or more, or as many as there are.';
grant execute on function booking.first_times(uuid, text, int, uuid[], timestamptz, timestamptz, time, time, int[], int, uuid, uuid, uuid, boolean) to clinic_booker;

create function booking.packing_first(p_clinic_id uuid, p_zone text, p_slot_ids uuid[], p_limit int)
returns table (slot_id uuid, doctor_id uuid, doctor text, room text, starts_at timestamptz,
               ends_at timestamptz, slot_date date, duration_minutes int, score int)
language sql stable
as $$
  with free as materialized (
    select s.*, nth_value(s.slot_date, p_limit) over (
      order by s.starts_at, s.doctor_id range between unbounded preceding and unbounded following
    ) as last_day
    from clinic.appointment_slots s
    where s.clinic_id = p_clinic_id and s.id = any (p_slot_ids)
  ), scored as materialized (
    select c.slot_id, c.score
    -- No later day than that of the last one by time can have a place among the first.
    from (select distinct f.doctor_id, f.slot_date::timestamp at time zone p_zone as opens,
            (f.slot_date + 1)::timestamp at time zone p_zone as closes
          from free f where f.slot_date <= coalesce(f.last_day, f.slot_date)) d
    cross join lateral booking.compactness(p_clinic_id, d.doctor_id, d.opens, d.closes) c
  )
  select f.id, f.doctor_id, d.full_name::text, d.room::text, f.starts_at, f.ends_at,
    f.slot_date, f.duration_minutes, s.score
  from free f
  join scored s on s.slot_id = f.id
  join clinic.doctors d on d.clinic_id = p_clinic_id and d.id = f.doctor_id
  order by f.slot_date, s.score desc, f.starts_at, d.full_name, f.id
  limit p_limit
$$;
comment on function booking.packing_first(uuid, text, uuid[], int) is
  'The first of these slots by day and then by score, as find_slots returns them.';
grant execute on function booking.packing_first(uuid, text, uuid[], int) to clinic_booker;

create function booking.found_slots(
  p_clinic_id uuid, p_zone text, p_slot_ids uuid[], p_limit int, p_compact boolean)
returns table (slot_id uuid, doctor_id uuid, doctor text, room text, starts_at timestamptz,
               ends_at timestamptz, slot_date date, duration_minutes int, score int)
language plpgsql stable
as $$
begin
  -- Apart, for a plan is made for each in every transaction of a pooled connection.
  if p_compact then
    return query select * from booking.packing_first(p_clinic_id, p_zone, p_slot_ids, p_limit);
  else
    return query
      select s.id, s.doctor_id, d.full_name::text, d.room::text, s.starts_at, s.ends_at,
        s.slot_date, s.duration_minutes, null::int
      from clinic.appointment_slots s
      join clinic.doctors d on d.clinic_id = p_clinic_id and d.id = s.doctor_id
      where s.clinic_id = p_clinic_id and s.id = any (p_slot_ids)
      order by s.starts_at, d.full_name, s.id
      limit p_limit;
  end if;
end
$$;
comment on function booking.found_slots(uuid, text, uuid[], int, boolean) is
  'These slots as find_slots returns them, by time or by day and score.';
grant execute on function booking.found_slots(uuid, text, uuid[], int, boolean) to clinic_booker;

create function booking.wished_doctors(
  p_clinic_id uuid, p_doctor_ids uuid[], p_subject text, p_service_id uuid, p_moving boolean,
  p_online boolean)
returns uuid[]
language plpgsql stable
as $$
begin
  if p_service_id is not null and (not booking.can_be_met(p_clinic_id, p_service_id)
      or not p_moving and not exists (
        select from clinic.services o
        where o.clinic_id = p_clinic_id and o.id = p_service_id and o.is_active
          and (o.online_bookable or not p_online))) then
    return '{}';
  end if;
  return array(
    select d.id from clinic.doctors d
    where d.clinic_id = p_clinic_id and d.is_active and d.deleted_at is null
      and (p_doctor_ids is null or d.id = any (p_doctor_ids))
      and (p_subject is null or d.specializations ? p_subject)
      and (p_service_id is null
        or booking.service_minutes(p_clinic_id, d.id, p_service_id) is not null));
end
$$;
comment on function booking.wished_doctors(uuid, uuid[], text, uuid, boolean, boolean) is
  'Whose times are looked at: doctors who are asked for and give the service, none where it cannot be booked.';
grant execute on function booking.wished_doctors(uuid, uuid[], text, uuid, boolean, boolean) to clinic_booker;

create function booking.find_slots(
  p_from timestamptz default null, p_until timestamptz default null, p_limit int default 12,
  p_doctor_ids uuid[] default null, p_subject text default null, p_minutes int default 1,
  p_weekdays int[] default '{1,2,3,4,5,6,7}', p_part_from time default '00:00',
  p_part_until time default '24:00', p_compact boolean default false,
  p_patient_id uuid default null, p_moving uuid default null, p_service_id uuid default null)
returns table (slot_id uuid, doctor_id uuid, doctor text, room text, starts_at timestamptz,
               ends_at timestamptz, slot_date date, duration_minutes int, score int)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_from timestamptz := greatest(p_from, now());
  v_until timestamptz := coalesce(p_until, greatest(p_from, now()) + interval '90 days');
  v_user_id uuid := nullif(v_claims[6], '')::uuid;
  v_online boolean := v_claims[4] = 'patient';
  v_patient_id uuid;
  v_moving uuid;
  v_service uuid := p_service_id;
  v_doctors uuid[];
  v_zone text;
  v_found uuid[];
begin
  if v_clinic_id is null then
    raise exception 'no clinic: this needs a tenant context' using errcode = 'RW001';
  elsif p_limit is null or p_limit not between 1 and 200
      or v_until > v_from + interval '400 days' then
    raise exception 'find 1 to 200 times within 400 days' using errcode = '22023';
  end if;
  select c.time_zone into v_zone from clinic.clinics c where c.id = v_clinic_id;
  -- When somebody is busy is their own business, and the desk's.
  if v_claims[4] in ('patient', 'staff', 'admin', 'superadmin') then
    v_patient_id := case when v_online then (select own from app.own_patient_ids() own)
      else p_patient_id end;
    v_moving := (select a.id from clinic.appointments a
      where a.clinic_id = v_clinic_id and a.id = p_moving
        and (not v_online or a.patient_id = v_patient_id));
  end if;
  if v_moving is not null then
    -- What is moved stays what it is.
    v_service := (select a.service_id from clinic.appointments a
      where a.clinic_id = v_clinic_id and a.id = v_moving);
  end if;
  v_doctors := booking.wished_doctors(
    v_clinic_id, p_doctor_ids, p_subject, v_service, v_moving is not null, v_online);
  v_found := case when v_service is null then booking.first_times(
      v_clinic_id, v_zone, p_limit, v_doctors, v_from, v_until, p_part_from, p_part_until,
      p_weekdays, p_minutes, v_user_id, v_patient_id, v_moving, v_online)
    else booking.first_fits(
      v_clinic_id, v_zone, p_limit, v_doctors, v_from, v_until, p_part_from, p_part_until,
      p_weekdays, v_service, v_user_id, v_patient_id, v_moving, v_online, p_compact) end;
  return query
    select f.slot_id, f.doctor_id, f.doctor, f.room, f.starts_at,
      coalesce(f.starts_at + t.minutes * interval '1 minute', f.ends_at), f.slot_date,
      coalesce(t.minutes, f.duration_minutes), f.score
    from booking.found_slots(v_clinic_id, v_zone, v_found, p_limit, p_compact) f
    cross join lateral (select case when v_service is not null
      then booking.service_minutes(v_clinic_id, f.doctor_id, v_service) end) as t(minutes)
    order by case when p_compact then f.slot_date end, f.score desc nulls last, f.starts_at,
      f.doctor, f.slot_id;
end
$$;
comment on function booking.find_slots(timestamptz, timestamptz, int, uuid[], text, int, int[], time, time, boolean, uuid, uuid, uuid) is
  'The next free times: by time, or by day and then how well they pack it (score, else null). p_from and p_until are instants (now, and 90 days on), p_weekdays ISO, the part of the day is the clinic''s wall clock, p_minutes the least length; p_patient_id must be free then but for p_moving; with p_service_id (or that of p_moving) all of its length, with its buffers and its room, and ends_at is the visit''s. RW001, RW002, 22023.';
call app.make_definer('booking.find_slots(timestamptz, timestamptz, int, uuid[], text, int, int[], time, time, boolean, uuid, uuid, uuid)', 'clinic_booker');
grant execute on function booking.find_slots(timestamptz, timestamptz, int, uuid[], text, int, int[], time, time, boolean, uuid, uuid, uuid) to
  clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin,
  clinic_worker;

-- undo
drop function booking.find_slots(timestamptz, timestamptz, int, uuid[], text, int, int[], time, time, boolean, uuid, uuid, uuid);
drop function booking.wished_doctors(uuid, uuid[], text, uuid, boolean, boolean);
drop function booking.found_slots(uuid, text, uuid[], int, boolean);
drop function booking.packing_first(uuid, text, uuid[], int);
drop function booking.first_times(uuid, text, int, uuid[], timestamptz, timestamptz, time, time, int[], int, uuid, uuid, uuid, boolean);
drop function booking.compactness(uuid, uuid, timestamptz, timestamptz);
drop function booking.free_times(uuid, uuid[], timestamptz, timestamptz, time, time, int[], int, uuid, uuid, uuid, boolean);
