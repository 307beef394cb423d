-- What a visit of a service takes beside its own slot: the slots that it runs into, and rooms and
-- equipment. Called inside definer functions of clinic_booker, whose rights these have, and only for
-- visits that have a service. An overbooked one takes no slot, its own included: it has rooms and
-- equipment only. Locks in the house's order: slots by id, resources by id, then the
-- appointment; whoever holds those locks may believe what it reads.
create function booking.chosen_resources(p_visit clinic.appointments)
returns table (resource_id uuid, missing text)
language sql stable
as $$
  with needs as (
    select n.resource_id, n.pool_id, row_number() over (partition by n.pool_id order by n.id) as turn
    from clinic.service_needs n
    where n.clinic_id = p_visit.clinic_id and n.service_id = p_visit.service_id and n.is_active
  ), free as (
    select r.id, r.pool_id, exists (select from needs where needs.resource_id = r.id) as named,
      row_number() over (
        partition by r.pool_id, exists (select from needs where needs.resource_id = r.id)
        order by r.name, r.id) as turn
    from clinic.resources r
    where r.clinic_id = p_visit.clinic_id and r.is_active
      and (r.id in (select n.resource_id from needs n) or r.pool_id in (select n.pool_id from needs n))
      and not exists (
        select from clinic.appointment_resources b
        where b.clinic_id = r.clinic_id and b.resource_id = r.id
          and b.busy_from < p_visit.busy_to and b.busy_to > p_visit.busy_from
          and b.appointment_id is distinct from p_visit.id)
  )
  select f.id, case
    when f.id is not null then null
    when n.resource_id is not null then
      (select r.name from clinic.resources r where r.clinic_id = p_visit.clinic_id
        and r.id = n.resource_id) || ' is not free then.'
    else (
      select 'No ' || case when o.name ~ '^[[:upper:]][[:lower:]]'
        then lower(left(o.name, 1)) || substr(o.name, 2) else o.name end || ' is free then.'
      from clinic.resource_pools o
      where o.clinic_id = p_visit.clinic_id and o.id = n.pool_id) end
  from needs n
  left join free f on f.id = n.resource_id
    or (n.resource_id is null and f.pool_id = n.pool_id and not f.named and f.turn = n.turn)
$$;
comment on function booking.chosen_resources(clinic.appointments) is
  'For each need of a visit''s service the free resource that it gets, or a sentence on what is missing.';

-- The doctor's other slots that a visit runs into, buffers included.
create function booking.covered_slots(p_visit clinic.appointments)
returns setof clinic.appointment_slots
language plpgsql stable
as $$
declare
  -- No visit is longer. As a variable: an interval sum in the query could not use an index.
  v_since timestamptz := p_visit.busy_from - interval '12 hours';
begin
  return query
    select s.* from clinic.appointment_slots s
    where s.clinic_id = p_visit.clinic_id and s.doctor_id = p_visit.doctor_id
      and s.starts_at < p_visit.busy_to and s.starts_at > v_since and s.ends_at > p_visit.busy_from
      and s.id <> p_visit.slot_id;
end
$$;
comment on function booking.covered_slots(clinic.appointments) is
  'The slots of the doctor beside the visit''s own that its busy time touches.';

create function booking.places_refusal(p_visit clinic.appointments, p_new boolean default true)
returns text
language plpgsql stable
as $$
declare
  v_over boolean := coalesce(p_visit.overbooked_reason, '') <> '';
  v_taken boolean;
  v_blocked boolean;
  v_worked tstzmultirange;
  v_missing text;
begin
  select bool_or(
      (not s.is_available and coalesce(s.covered_by, s.appointment_id) is distinct from p_visit.id)
      or (s.held_until > now() and s.held_by is distinct from p_visit.booked_by
        and s.held_for is distinct from p_visit.patient_id)),
    bool_or(s.is_blocked and s.starts_at < p_visit.ends_at and s.ends_at > p_visit.starts_at),
    range_agg(tstzrange(s.starts_at, s.ends_at + d.buffer_time_minutes * interval '1 minute'))
  into v_taken, v_blocked, v_worked
  from (select * from booking.covered_slots(p_visit)
        union all
        select * from clinic.appointment_slots
        where clinic_id = p_visit.clinic_id and id = p_visit.slot_id) s
  join clinic.doctors d on d.clinic_id = s.clinic_id and d.id = s.doctor_id;
  select c.missing into v_missing from booking.chosen_resources(p_visit) c
  where c.missing is not null order by 1 limit 1;
  return case
    when v_taken and not v_over then 'slot_unavailable'
    when p_new and v_blocked then 'slot_blocked'
    -- Past the end of the hours, or through a break.
    when p_new and not v_over and not v_worked @> tstzrange(p_visit.starts_at, p_visit.ends_at)
      then 'doctor_unavailable'
    when v_missing is not null then 'resource_unavailable ' || v_missing end;
end
$$;
comment on function booking.places_refusal(clinic.appointments, boolean) is
  'Why a visit cannot have its slots, rooms and equipment, or null. p_new: hours and blocks count too.';

create function booking.lock_slots(p_visit clinic.appointments, p_was clinic.appointments default null)
returns void
language plpgsql volatile
as $$
declare
  v_ids uuid[] := array(
    select id from booking.covered_slots(p_visit)
    union all
    select id from clinic.appointment_slots
    where clinic_id = p_visit.clinic_id and covered_by = p_visit.id)
    || booking.asked_places(p_visit) || p_visit.slot_id || p_was.slot_id;
begin
  perform from clinic.appointment_slots
  where clinic_id = p_visit.clinic_id and id = any (v_ids)
  order by id for no key update;
end
$$;
comment on function booking.lock_slots(clinic.appointments, clinic.appointments) is
  'Locks, in order of their ids, the slots that a visit would take and those that it has, p_was its row before.';

create function booking.secure_places(
  p_visit clinic.appointments, p_was clinic.appointments default null, p_new boolean default true)
returns text
language plpgsql volatile
as $$
begin
  if p_visit.slot_id is null then
    return 'service_unavailable';
  end if;
  perform booking.lock_slots(p_visit, p_was);
  -- Who changes what a visit has holds its slot. With that lock, what was read is true or stale.
  if p_was.id is not null and not exists (
      select from clinic.appointments
      where clinic_id = p_was.clinic_id and id = p_was.id and version = p_was.version) then
    return 'stale';
  end if;
  perform from clinic.resources r
  where r.clinic_id = p_visit.clinic_id and exists (
    select from clinic.service_needs n
    where n.clinic_id = r.clinic_id and n.service_id = p_visit.service_id and n.is_active
      and (n.resource_id = r.id or n.pool_id = r.pool_id))
  order by r.id for no key update;
  return booking.places_refusal(p_visit, p_new);
end
$$;
comment on function booking.secure_places(clinic.appointments, clinic.appointments, boolean) is
  'Locks slots, rooms and equipment that a visit may choose from, p_was its row before, and says what stands against it; null where booking.take_places may follow.';

create function booking.take_places(p_visit clinic.appointments) returns void
language plpgsql volatile
as $$
begin
  update clinic.appointment_slots
  set is_available = false, covered_by = p_visit.id,
    held_until = null, held_by = null, held_for = null
  where clinic_id = p_visit.clinic_id and is_available
    and id = any (array(select id from booking.covered_slots(p_visit)))
    and coalesce(p_visit.overbooked_reason, '') = '';
  insert into clinic.appointment_resources (clinic_id, appointment_id, resource_id, busy_from, busy_to)
  select p_visit.clinic_id, p_visit.id, c.resource_id, p_visit.busy_from, p_visit.busy_to
  from booking.chosen_resources(p_visit) c;
end
$$;
comment on function booking.take_places(clinic.appointments) is
  'After booking.secure_places: covers the slots and keeps rooms and equipment for a visit that is written.';

create function booking.release_places(p_visit clinic.appointments) returns void
language plpgsql volatile
as $$
begin
  update clinic.appointment_slots set is_available = true, covered_by = null
  where clinic_id = p_visit.clinic_id and covered_by = p_visit.id;
  delete from clinic.appointment_resources
  where clinic_id = p_visit.clinic_id and appointment_id = p_visit.id;
end
$$;
comment on function booking.release_places(clinic.appointments) is
  'Lets go of everything that a visit has beside its own slot.';

create function booking.let_go(p_visit clinic.appointments) returns void
language plpgsql volatile
as $$
begin
  perform booking.free_slot(p_visit.clinic_id, p_visit.slot_id, p_visit.id);
  if p_visit.service_id is not null then
    perform booking.release_places(p_visit);
  end if;
end
$$;
comment on function booking.let_go(clinic.appointments) is
  'Lets go of everything that a visit has, its own slot included.';

grant execute on function booking.chosen_resources(clinic.appointments),
  booking.covered_slots(clinic.appointments),
  booking.places_refusal(clinic.appointments, boolean),
  booking.lock_slots(clinic.appointments, clinic.appointments),
  booking.secure_places(clinic.appointments, clinic.appointments, boolean), booking.take_places(clinic.appointments),
  booking.release_places(clinic.appointments), booking.let_go(clinic.appointments) to clinic_booker;

-- undo
drop function booking.let_go(clinic.appointments);
drop function booking.release_places(clinic.appointments);
drop function booking.take_places(clinic.appointments);
drop function booking.secure_places(clinic.appointments, clinic.appointments, boolean);
drop function booking.lock_slots(clinic.appointments, clinic.appointments);
drop function booking.places_refusal(clinic.appointments, boolean);
drop function booking.covered_slots(clinic.appointments);
drop function booking.chosen_resources(clinic.appointments);
