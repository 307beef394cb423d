-- A new place for each visit of an absence, in one statement over the free slots: cover at the very
-- same time, and the best other time. No slot is proposed to two; the most urgent choose first, but
-- after those who have no cover; nobody is proposed two times that overlap, and no day is given more
-- visits than its doctor takes.
create function booking.propose_places(p_absence_id uuid)
returns table (appointment_id uuid, kind text, place bigint, slot_id uuid, doctor_id uuid,
  starts_at timestamptz, ends_at timestamptz)
language sql stable
as $$
  with recursive clear as materialized (select * from booking.clear_places(p_absence_id)),
  covers as materialized (
    select * from (
      select u.*, row_number() over (partition by u.doctor_id, u.day order by u.rank) as nth
      from (
        select distinct on (c.slot_id) c.* from (
          select distinct on (b.appointment_id) b.* from clear b
          where b.at_once and not b.is_saved order by b.appointment_id, b.place) c
        order by c.slot_id, c.rank) u) n
    where n.room is null or n.nth <= n.room
  ), turns as materialized (
    select v.appointment_id,
      row_number() over (order by c.slot_id is not null, v.rank) as turn
    from (select distinct b.appointment_id, b.rank from clear b) v
    left join covers c on c.appointment_id = v.appointment_id
  ), moves as materialized (
    select t.turn, b.*, case when b.room is not null then b.doctor_id || b.day::text end as whose,
      b.room - (select count(*) from covers c where c.doctor_id = b.doctor_id and c.day = b.day) as places
    from clear b join turns t on t.appointment_id = b.appointment_id
    where not b.at_once and not b.is_saved
      and not exists (select from covers c where c.slot_id = b.slot_id)
  ), picks as (
    select 0::bigint as turn, '{}'::uuid[] as taken, '{}'::uuid[] as patients,
      '{}'::tstzrange[] as times, '{}'::text[] as days, null::uuid as appointment_id, null::uuid as slot_id
    union all
    select p.turn + 1, array_remove(p.taken || m.slot_id, null), p.patients || m.patient_id,
      p.times || tstzrange(m.starts_at, m.ends_at), p.days || m.whose, m.appointment_id, m.slot_id
    from picks p
    left join lateral (
      select b.* from moves b
      where b.turn = p.turn + 1 and b.slot_id <> all (p.taken)
        and (b.whose is null or b.places > cardinality(array_positions(p.days, b.whose)))
        and not exists (
        select from unnest(p.patients, p.times) u (patient_id, during)
        where u.patient_id = b.patient_id and u.during && tstzrange(b.starts_at, b.ends_at))
      order by b.place limit 1) m on true
    where p.turn < (select count(*) from turns)
  ), others as (
    select m.*, row_number() over (partition by m.appointment_id order by m.place) as nth
    from moves m where not exists (select from picks p where p.slot_id = m.slot_id)
  )
  select c.appointment_id, 'cover', 1::bigint, c.slot_id, c.doctor_id, c.starts_at, c.ends_at
  from covers c
  union all
  select m.appointment_id, 'move', 1, m.slot_id, m.doctor_id, m.starts_at, m.ends_at
  from picks p join moves m on m.appointment_id = p.appointment_id and m.slot_id = p.slot_id
  union all
  select o.appointment_id, 'other', o.nth, o.slot_id, o.doctor_id, o.starts_at, o.ends_at
  from others o where o.nth <= 5
  union all
  select b.appointment_id, 'saved', 1, b.slot_id, b.doctor_id, b.starts_at, b.ends_at
  from clear b where b.is_saved
$$;
comment on function booking.propose_places(uuid) is
  'Free places for the visits of an absence that are to be decided: cover, move, up to five others, and the one saved.';
grant execute on function booking.propose_places(uuid) to clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.propose_places(uuid);
