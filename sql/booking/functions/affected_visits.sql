-- Whom an absence concerns, the most urgent first: who sits in the waiting room, then who was put
-- off by an absence before, then whoever may be unwell before vaccinations and screenings, then by
-- time. Read anew each time: a booking may commit while the leave does.
create function booking.affected_visits(p_absence_id uuid)
returns table (appointment_id uuid, patient_id uuid, starts_at timestamptz, ends_at timestamptz,
  duration_minutes int, version int, arrived boolean, rank bigint)
language sql stable
as $$
  -- No visit is longer than twelve hours. As a column: an interval sum could not use an index.
  with away as materialized (
    select b.clinic_id, b.id, b.doctor_id, b.starts_at, b.ends_at,
      greatest(b.starts_at, now()) as since, b.starts_at - interval '12 hours' as earliest
    from clinic.absences b
    where b.clinic_id = (select app.current_clinic_id()) and b.id = p_absence_id
      and b.undone_at is null)
  select a.id, a.patient_id, a.starts_at, a.ends_at, a.duration_minutes, a.version,
    a.checked_in_at is not null,
    row_number() over (order by
      a.checked_in_at is null,
      not exists (
        select from clinic.absence_rows r
        where r.clinic_id = a.clinic_id and r.appointment_id = a.id and r.absence_id <> away.id
          and r.state in ('moved', 'covered')),
      a.appointment_type in ('vaccination', 'screening'),
      a.starts_at, a.id)
  from away
  join clinic.appointments a on a.clinic_id = away.clinic_id and a.doctor_id = away.doctor_id
    and a.starts_at > away.earliest and a.starts_at < away.ends_at and a.ends_at > away.since
  where a.deleted_at is null and a.status in ('scheduled', 'confirmed')
$$;
comment on function booking.affected_visits(uuid) is
  'The open visits that an absence leaves without a doctor, ranked from 1, the most urgent; none for one that was taken back.';
grant execute on function booking.affected_visits(uuid) to
  clinic_booker, clinic_staff, clinic_doctor, clinic_admin, clinic_superadmin;

-- undo
drop function booking.affected_visits(uuid);
