-- Where a service fits, for find_slots: a visit that is longer than a slot, with its buffers and its
-- room. Cheap first: what runs into a taken time is left out, and the rest put into its order.
create function booking.service_minutes(p_clinic_id uuid, p_doctor_id uuid, p_service_id uuid)
returns int
language sql stable
as $$
  select coalesce(g.duration_minutes, o.duration_minutes)
  from clinic.services o
  join clinic.service_doctors g on g.clinic_id = o.clinic_id and g.service_id = o.id
  where o.clinic_id = p_clinic_id and o.id = p_service_id and g.doctor_id = p_doctor_id
    and g.is_active
$$;
comment on function booking.service_minutes(uuid, uuid, uuid) is
  'How long a service takes with a doctor; null for none, and where the doctor does not give it.';
grant execute on function booking.service_minutes(uuid, uuid, uuid) to clinic_booker;

create function booking.fit_candidates(
  p_clinic_id uuid, p_zone text, p_doctor_ids uuid[], p_from timestamptz, p_until timestamptz,
  p_part_from time, p_part_until time, p_weekdays int[], p_service_id uuid, p_user_id uuid,
  p_patient_id uuid, p_moving uuid, p_online boolean, p_compact boolean)
returns setof clinic.appointment_slots
language sql stable
as $$
  with free as materialized (
    select t as slot, t.id, t.doctor_id, t.slot_date, t.starts_at
    from booking.free_times(p_clinic_id, p_doctor_ids, p_from, p_until, p_part_from, p_part_until,
      p_weekdays, 1, p_user_id, p_patient_id, p_moving, p_online) t
    join clinic.service_doctors g on g.clinic_id = p_clinic_id and g.doctor_id = t.doctor_id
      and g.service_id = p_service_id and g.is_active
    join clinic.services o on o.clinic_id = p_clinic_id and o.id = p_service_id
    cross join lateral (select t.starts_at + coalesce(g.duration_minutes, o.duration_minutes)
      * interval '1 minute' as at offset 0) as ends
    where not exists (
      select from clinic.appointment_slots n
      where n.clinic_id = p_clinic_id and n.doctor_id = t.doctor_id
        and n.starts_at > t.starts_at and n.starts_at < ends.at and not n.is_available
        and (p_moving is null or coalesce(n.covered_by, n.appointment_id) is distinct from p_moving))
  ), scored as materialized (
    select c.slot_id, c.score
    from (select distinct f.doctor_id, f.slot_date::timestamp at time zone p_zone as opens,
            (f.slot_date + 1)::timestamp at time zone p_zone as closes
          from free f where p_compact) d
    cross join lateral booking.compactness(p_clinic_id, d.doctor_id, d.opens, d.closes) c
  )
  select (f.slot).* from free f
  join clinic.doctors d on d.clinic_id = p_clinic_id and d.id = f.doctor_id
  left join scored s on s.slot_id = f.id
  order by case when p_compact then f.slot_date end, s.score desc, f.starts_at, d.full_name, f.id
$$;
comment on function booking.fit_candidates(uuid, text, uuid[], timestamptz, timestamptz, time, time, int[], uuid, uuid, uuid, uuid, boolean, boolean) is
  'Free slots from which nothing taken stands in the way of a service, in the order of find_slots.';
grant execute on function booking.fit_candidates(uuid, text, uuid[], timestamptz, timestamptz, time, time, int[], uuid, uuid, uuid, uuid, boolean, boolean) to clinic_booker;

create function booking.service_fits(
  p_slot clinic.appointment_slots, p_service_id uuid, p_user_id uuid, p_patient_id uuid,
  p_moving uuid, p_online boolean)
returns boolean
language plpgsql stable
as $$
declare
  v_visit clinic.appointments := booking.planned_visit(p_slot.clinic_id, p_slot.id, p_service_id,
    coalesce(p_moving, app.nil_uuid()), p_patient_id, p_user_id,
    case when p_moving is null then p_online end);
  v_from timestamptz := p_slot.starts_at - interval '12 hours';
begin
  return v_visit.slot_id is not null and booking.places_refusal(v_visit) is null
    and not exists (
      select from clinic.doctor_leave l
      where l.clinic_id = p_slot.clinic_id and l.doctor_id = p_slot.doctor_id
        and l.deleted_at is null and l.starts_at < v_visit.ends_at and l.ends_at > p_slot.starts_at)
    and not exists (
      select from clinic.appointments a
      where a.clinic_id = p_slot.clinic_id and a.doctor_id = p_slot.doctor_id
        and a.starts_at < v_visit.ends_at and a.starts_at > v_from
        and a.ends_at > p_slot.starts_at and a.deleted_at is null
        and a.status not in ('cancelled', 'rescheduled', 'no_show')
        and a.id is distinct from p_moving and a.overbooked_reason = '')
    and not exists (
      select from clinic.appointments a
      where a.clinic_id = p_slot.clinic_id and a.patient_id = p_patient_id
        and a.starts_at < v_visit.ends_at and a.starts_at > v_from
        and a.ends_at > p_slot.starts_at and a.deleted_at is null
        and a.status not in ('cancelled', 'rescheduled', 'no_show')
        and a.id is distinct from p_moving and a.overlap_reason = '')
    and not booking.day_is_full(
      p_slot.clinic_id, p_slot.doctor_id, p_slot.slot_date, p_slot.starts_at, p_moving);
end
$$;
comment on function booking.service_fits(clinic.appointment_slots, uuid, uuid, uuid, uuid, boolean) is
  'Whether a visit of the service may begin at this slot of free_times: its length, its buffers, its room.';
grant execute on function booking.service_fits(clinic.appointment_slots, uuid, uuid, uuid, uuid, boolean) to clinic_booker;

-- The dear question is asked of one slot after another, until enough of them said yes, or a thousand
-- no: where every room is taken for weeks a search should end.
create function booking.can_be_met(p_clinic_id uuid, p_service_id uuid) returns boolean
language plpgsql stable
as $$
begin
  return not exists (
    select from clinic.service_needs n
    where n.clinic_id = p_clinic_id and n.service_id = p_service_id and n.is_active
      and not exists (
        select from clinic.resources r
        where r.clinic_id = p_clinic_id and r.is_active
          and (r.id = n.resource_id or r.pool_id = n.pool_id)));
end
$$;
comment on function booking.can_be_met(uuid, uuid) is
  'Whether there is an active room or piece of equipment for each need of a service, busy or not.';
grant execute on function booking.can_be_met(uuid, uuid) to clinic_booker;

create function booking.first_fits(
  p_clinic_id uuid, p_zone text, p_limit int, p_doctor_ids uuid[], p_from timestamptz,
  p_until timestamptz, p_part_from time, p_part_until time, p_weekdays int[], p_service_id uuid,
  p_user_id uuid, p_patient_id uuid, p_moving uuid, p_online boolean, p_compact boolean)
returns uuid[]
language plpgsql stable
-- A plan for any clinic puts two bitmaps together for each free time, 30 times as dear as one index.
set enable_bitmapscan = off
as $$
declare
  v_found uuid[] := '{}';
  v_asked int := 0;
  v_day timestamp := date_trunc('day', p_from at time zone p_zone);
  v_days int := 1;
  v_from timestamptz := p_from;
  v_until timestamptz;
  v_slot clinic.appointment_slots;
begin
  loop
    v_day := v_day + make_interval(days => v_days);
    v_until := least(v_day at time zone p_zone, p_until);
    for v_slot in
      select * from booking.fit_candidates(p_clinic_id, p_zone, p_doctor_ids, v_from, v_until,
        p_part_from, p_part_until, p_weekdays, p_service_id, p_user_id, p_patient_id, p_moving,
        p_online, p_compact)
    loop
      if booking.service_fits(
          v_slot, p_service_id, p_user_id, p_patient_id, p_moving, p_online) then
        v_found := v_found || v_slot.id;
      end if;
      v_asked := v_asked + 1;
      exit when cardinality(v_found) >= p_limit or v_asked >= 1000;
    end loop;
    exit when cardinality(v_found) >= p_limit or v_until >= p_until or v_asked >= 1000;
    v_from := v_until;
    -- Longer stretches would weigh more free times than they need once the book is no longer full.
    v_days := case when p_compact then 1 else 3 end;
  end loop;
  return v_found;
end
$$;
comment on function booking.first_fits(uuid, text, int, uuid[], timestamptz, timestamptz, time, time, int[], uuid, uuid, uuid, uuid, boolean, boolean) is
  'Ids of the first slots at which a service fits, p_limit of them or as many as there are among the first thousand that are asked.';
grant execute on function booking.first_fits(uuid, text, int, uuid[], timestamptz, timestamptz, time, time, int[], uuid, uuid, uuid, uuid, boolean, boolean) to clinic_booker;

-- undo
drop function booking.can_be_met(uuid, uuid);
drop function booking.first_fits(uuid, text, int, uuid[], timestamptz, timestamptz, time, time, int[], uuid, uuid, uuid, uuid, boolean, boolean);
drop function booking.service_fits(clinic.appointment_slots, uuid, uuid, uuid, uuid, boolean);
drop function booking.fit_candidates(uuid, text, uuid[], timestamptz, timestamptz, time, time, int[], uuid, uuid, uuid, uuid, boolean, boolean);
drop function booking.service_minutes(uuid, uuid, uuid);
