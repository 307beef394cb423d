-- Called inside functions of clinic_booker. Slots are made some weeks ahead, a series goes further:
-- where none is made yet, the working hours say what it will be.
create function booking.series_times(p_clinic_id uuid, p_doctor_id uuid, p_from date, p_to date)
returns table (slot_id uuid, starts_at timestamptz, ends_at timestamptz, wall timestamp)
language sql stable
as $$
  with made as materialized (
    select s.id, s.starts_at, s.ends_at, s.slot_date + s.slot_time as wall
    from clinic.appointment_slots s
    where s.clinic_id = p_clinic_id and s.doctor_id = p_doctor_id
      and s.starts_at >= (select p_from::timestamp at time zone c.time_zone
                          from clinic.clinics c where c.id = p_clinic_id)
      and s.starts_at < (select (p_to + 1)::timestamp at time zone c.time_zone
                         from clinic.clinics c where c.id = p_clinic_id))
  select * from made
  union all
  select null, w.starts_at, w.ends_at, w.wall
  from booking.working_slots(p_clinic_id, p_doctor_id, p_from, p_to) w
  where w.starts_at <> all (array(select m.starts_at from made m))
$$;
comment on function booking.series_times(uuid, uuid, date, date) is
  'The times of a doctor from one day to another, both included: slots, and what working hours will make (without an id).';
grant execute on function booking.series_times(uuid, uuid, date, date) to clinic_booker;

-- One advisory lock per clinic: two series that cross would wait for each other's visits in turn.
-- Then slots: what is not made yet is made in order of time, and all are locked in order of id.
create function booking.series_slots(
  p_clinic_id uuid, p_doctors uuid[], p_starts timestamptz[], p_also uuid[] default '{}')
returns uuid[]
language plpgsql volatile
as $$
declare
  v_slots uuid[];
begin
  perform pg_advisory_xact_lock(hashtextextended('series ' || p_clinic_id, 0));
  insert into clinic.appointment_slots (clinic_id, doctor_id, slot_date, slot_time,
    duration_minutes, starts_at, ends_at)
  select p_clinic_id, w.doctor_id, t.wall::date, t.wall::time,
    extract(epoch from t.ends_at - t.starts_at) / 60, t.starts_at, t.ends_at
  from unnest(p_doctors, p_starts) as w(doctor_id, starts_at)
  join clinic.clinics c on c.id = p_clinic_id
  cross join lateral booking.series_times(p_clinic_id, w.doctor_id,
    (w.starts_at at time zone c.time_zone)::date, (w.starts_at at time zone c.time_zone)::date) t
  where t.slot_id is null and t.starts_at = w.starts_at
  order by t.starts_at, w.doctor_id
  on conflict do nothing;
  v_slots := array(
    select s.id from unnest(p_doctors, p_starts) with ordinality as w(doctor_id, starts_at, n)
    left join clinic.appointment_slots s on s.clinic_id = p_clinic_id
      and s.doctor_id = w.doctor_id and s.starts_at = w.starts_at
    order by w.n);
  perform from clinic.appointment_slots
  where clinic_id = p_clinic_id and id = any (v_slots || p_also) order by id for no key update;
  -- Before the first visit is written: who books holds it while waiting for that patient's.
  perform booking.lock_numbers(p_clinic_id);
  return v_slots;
end
$$;
comment on function booking.series_slots(uuid, uuid[], timestamptz[], uuid[]) is
  'The ids of the slots that begin so with these doctors, in that order, null where none can be; they and p_also stay locked.';
grant execute on function booking.series_slots(uuid, uuid[], timestamptz[], uuid[]) to clinic_booker;

create function booking.slots_of_visits(p_clinic_id uuid, p_appointments uuid[]) returns uuid[]
language plpgsql stable
as $$
begin
  return array(
    select slot_id from clinic.appointments
    where clinic_id = p_clinic_id and id = any (p_appointments) and slot_id is not null
    union all
    select slot_id from clinic.absence_rows
    where clinic_id = p_clinic_id and appointment_id = any (p_appointments) and state = 'asked');
end
$$;
comment on function booking.slots_of_visits(uuid, uuid[]) is
  'The slots that visits have, and those that are held for their patients while an absence asks: what a change of many locks first.';
grant execute on function booking.slots_of_visits(uuid, uuid[]) to clinic_booker;

-- undo
drop function booking.slots_of_visits(uuid, uuid[]);
drop function booking.series_slots(uuid, uuid[], timestamptz[], uuid[]);
drop function booking.series_times(uuid, uuid, date, date);
