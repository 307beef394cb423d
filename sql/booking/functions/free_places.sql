-- Where the visits of an absence could go: what propose_places chooses from. Run with the rights of
-- the desk, as it does.
create function booking.language_name(p_code text) returns text
language sql immutable parallel safe
as $$
  select coalesce(max(t.name), p_code) from (values
    ('en', 'English'), ('zh', 'Mandarin'), ('ms', 'Malay'), ('ta', 'Tamil'), ('hi', 'Hindi'),
    ('de', 'German'), ('fr', 'French'), ('es', 'Spanish'), ('pt', 'Portuguese'), ('it', 'Italian'),
    ('pl', 'Polish'), ('ar', 'Arabic')) t (code, name)
  where t.code = p_code
$$;
comment on function booking.language_name(text) is 'The English name of a language by its code, as doctors'' languages are kept; the code itself where it is not known.';

create function booking.visits_to_place(p_absence_id uuid)
returns table (appointment_id uuid, patient_id uuid, starts_at timestamptz, duration_minutes int,
  rank bigint, languages text[], saved uuid, loyal boolean, day date)
language sql stable
as $$
  select v.appointment_id, v.patient_id, v.starts_at, v.duration_minutes, v.rank,
    array[p.preferred_language, booking.language_name(p.preferred_language)], r.slot_id,
    a.appointment_type = 'follow-up' or p.preferred_doctor_id is not distinct from a.doctor_id,
    a.appointment_date
  from booking.affected_visits(p_absence_id) v
  join clinic.appointments a on a.clinic_id = (select app.current_clinic_id())
    and a.id = v.appointment_id
  join clinic.patients p on p.clinic_id = a.clinic_id and p.id = v.patient_id
  left join clinic.absence_rows r on r.clinic_id = a.clinic_id and r.absence_id = p_absence_id
    and r.appointment_id = v.appointment_id
  where not v.arrived and (r.state is null or r.state = 'open' or r.held_until <= now())
$$;
comment on function booking.visits_to_place(uuid) is
  'The visits of an absence that still are to be decided: loyal where its doctor matters, languages the patient''s, saved the slot that was marked before.';

create function booking.doctors_instead(p_absence_id uuid)
returns table (id uuid, clinic_id uuid, same boolean, apart int, languages jsonb,
  license_expiry date, leave tstzmultirange, most int)
language sql stable
as $$
  select d.id, d.clinic_id, d.id = b.doctor_id,
    case when d.id = b.doctor_id or away.specializations = '[]' or exists (
        select from jsonb_array_elements_text(away.specializations) s
        where d.specializations ? s) then 0 else 24 end,
    d.languages_spoken, d.license_expiry,
    coalesce((
      select range_agg(tstzrange(l.starts_at, l.ends_at)) from clinic.doctor_leave l
      where l.clinic_id = d.clinic_id and l.doctor_id = d.id and l.deleted_at is null), '{}'),
    d.max_daily_appointments
  from clinic.absences b
  join clinic.doctors away on away.clinic_id = b.clinic_id and away.id = b.doctor_id
  join clinic.doctors d on d.clinic_id = b.clinic_id and d.is_active and d.deleted_at is null
  where b.clinic_id = (select app.current_clinic_id()) and b.id = p_absence_id
    and b.undone_at is null
$$;
comment on function booking.doctors_instead(uuid) is
  'Who may take the visits of an absence, with their leave and how many visits they have a day at most; apart is 24 for a doctor of another subject.';

-- What a place costs, in hours: how far it is from the old time (half as much again where it is
-- earlier), a day more with a doctor of another subject, half a day where the patient's language
-- is known not to be spoken, three days with another doctor for a follow-up or a patient of the
-- absent one.
create function booking.near_places(p_absence_id uuid)
returns table (appointment_id uuid, patient_id uuid, rank bigint, at_once boolean,
  is_saved boolean, slot_id uuid, doctor_id uuid, starts_at timestamptz, ends_at timestamptz,
  place bigint, day date, room bigint)
language sql stable
as $$
  with visits as materialized (select * from booking.visits_to_place(p_absence_id)),
  team as materialized (select * from booking.doctors_instead(p_absence_id)),
  span as materialized (
    select now() as today, now() + interval '1 hour' as soonest,
      greatest(max(v.starts_at), now()) + interval '60 days' as latest,
      -- Others take one slot fewer than there are visits: with more to choose from, each gets one.
      -- All of them may have to wait for the doctor who is away now: of that one, as many as visits.
      greatest(20, least(60, 2 * count(*) / greatest(1, (select count(*) from team)))) as depth,
      greatest(20, count(*)) as own_depth
    from visits v),
  days as materialized (
    select a.doctor_id, a.appointment_date as day, count(*) as visits
    from span, clinic.appointments a
    where a.clinic_id = (select app.current_clinic_id())
      and a.starts_at > span.today - interval '26 hours'
      and a.starts_at < span.latest + interval '26 hours'
      and a.deleted_at is null and a.status not in ('cancelled', 'rescheduled', 'no_show')
    group by a.doctor_id, a.appointment_date),
  doctors as materialized (
    select t.*, array(select n.day from days n where n.doctor_id = t.id and n.visits >= t.most) as full
    from team t)
  select v.appointment_id, v.patient_id, v.rank, s.starts_at = v.starts_at, v.saved is not distinct from s.id,
    s.id, s.doctor_id, s.starts_at, s.ends_at,
    row_number() over (
      partition by v.appointment_id, s.starts_at = v.starts_at
      order by abs(extract(epoch from s.starts_at - v.starts_at)::float8) / 3600
          * case when s.starts_at < v.starts_at then 1.5 else 1 end
        + d.apart + case when v.loyal and not d.same then 72 else 0 end
        + case when d.languages = '[]'
            or d.languages ?| v.languages then 0 else 12
          end, s.id),
    -- Within a day a move adds nothing to it.
    s.slot_date, case when not d.same or s.slot_date <> v.day
      then d.most - coalesce((select n.visits from days n
        where n.doctor_id = d.id and n.day = s.slot_date), 0) end
  from visits v
  cross join span
  cross join doctors d
  cross join lateral (
    -- Of each doctor the nearest after and before.
    (select t.* from clinic.appointment_slots t
     where t.clinic_id = d.clinic_id and t.doctor_id = d.id
       and t.starts_at >= v.starts_at and t.starts_at > span.today and t.starts_at < span.latest
       and t.is_available and not t.is_blocked and coalesce(t.held_until, span.today) <= span.today
       and t.duration_minutes >= v.duration_minutes
       and (t.slot_date <> all (d.full) or d.same and t.slot_date = v.day)
       and t.slot_date <= d.license_expiry and not d.leave && tstzrange(t.starts_at, t.ends_at)
     order by t.starts_at limit case when d.same then span.own_depth else span.depth end)
    union all
    (select t.* from clinic.appointment_slots t
     where t.clinic_id = d.clinic_id and t.doctor_id = d.id
       and t.starts_at < v.starts_at and t.starts_at > span.soonest
       and t.is_available and not t.is_blocked and coalesce(t.held_until, span.today) <= span.today
       and t.duration_minutes >= v.duration_minutes
       and (t.slot_date <> all (d.full) or d.same and t.slot_date = v.day)
       and t.slot_date <= d.license_expiry and not d.leave && tstzrange(t.starts_at, t.ends_at)
     order by t.starts_at desc limit span.depth)) s
  -- Nobody is there in an hour from now, but for those who are coming at that time anyway.
  where (s.starts_at > span.soonest or s.starts_at = v.starts_at)
    and (v.saved is not distinct from s.id or not exists (select from visits w where w.saved = s.id))
$$;
comment on function booking.near_places(uuid) is
  'Free slots near each visit of an absence, the cheapest as place 1; at_once are those at the very time of the visit. One that is saved for a visit is shown to no other, none on a day that is full; room is how many more visits its day takes, null where it adds none.';

create function booking.clear_places(p_absence_id uuid)
returns table (appointment_id uuid, patient_id uuid, rank bigint, at_once boolean,
  is_saved boolean, slot_id uuid, doctor_id uuid, starts_at timestamptz, ends_at timestamptz,
  place bigint, day date, room bigint)
language sql stable
as $$
  -- What is busy as one multirange for each visit and doctor: many slots are held against it.
  with near as materialized (
    -- Of eighty, forty visits can take one for a cover and one for a move each: each still has one.
    select * from booking.near_places(p_absence_id) n where n.place <= 80 or n.is_saved
  ), span as materialized (
    select min(n.starts_at) - interval '12 hours' as first, max(n.ends_at) as last from near n
  ), visits as materialized (
    select v.appointment_id, range_agg(tstzrange(a.starts_at, a.ends_at)) as busy
    from span, (select distinct n.appointment_id, n.patient_id from near n) v
    join clinic.appointments a on a.clinic_id = (select app.current_clinic_id())
      and a.patient_id = v.patient_id and a.id <> v.appointment_id
    where a.starts_at > span.first and a.starts_at < span.last
      and a.deleted_at is null and a.status not in ('cancelled', 'rescheduled', 'no_show')
    group by v.appointment_id
  ), doctors as materialized (
    select a.doctor_id, range_agg(tstzrange(a.starts_at, a.ends_at)) as busy
    from span, clinic.appointments a
    where a.clinic_id = (select app.current_clinic_id())
      and a.starts_at > span.first and a.starts_at < span.last
      and a.deleted_at is null and a.status not in ('cancelled', 'rescheduled', 'no_show')
    group by a.doctor_id
  )
  select n.appointment_id, n.patient_id, n.rank, n.at_once, n.is_saved, n.slot_id, n.doctor_id,
    n.starts_at, n.ends_at, n.place, n.day, n.room
  from near n
  left join visits v on v.appointment_id = n.appointment_id
  left join doctors d on d.doctor_id = n.doctor_id
  where (v.busy && tstzrange(n.starts_at, n.ends_at)) is not true
    and (d.busy && tstzrange(n.starts_at, n.ends_at)) is not true
$$;
comment on function booking.clear_places(uuid) is
  'The near places at which neither the patient nor the doctor has another visit.';

grant execute on function booking.language_name(text), booking.visits_to_place(uuid),
  booking.doctors_instead(uuid), booking.near_places(uuid), booking.clear_places(uuid)
  to clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.clear_places(uuid);
drop function booking.near_places(uuid);
drop function booking.doctors_instead(uuid);
drop function booking.visits_to_place(uuid);
drop function booking.language_name(text);
