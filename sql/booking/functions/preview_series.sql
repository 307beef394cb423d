-- What a series would come to, date by date, before anything is booked. Plain reads.
create function booking.preview_series(
  p_patient_id uuid, p_doctor_id uuid, p_every int, p_weekdays smallint[], p_from date, p_at time,
  p_occurrences int, p_until date)
returns table (series_position int, day date, starts_at timestamptz, state text, why text,
  best_at timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_zone text := (select time_zone from clinic.clinics where id = v_clinic_id);
  v_days date[] := array(select d.day from booking.series_dates(
    p_every, p_weekdays, p_from, p_occurrences, p_until) d);
  v_given date[] := '{}';
begin
  if v_claims[4] is null or v_claims[4] not in ('staff', 'admin', 'superadmin')
      or not exists (select from clinic.doctors where clinic_id = v_clinic_id and id = p_doctor_id)
      or not exists (select from clinic.patients where clinic_id = v_clinic_id and id = p_patient_id)
  then
    return;
  end if;
  for v_n in 1 .. cardinality(v_days) loop
    series_position := v_n;
    day := v_days[v_n];
    select c.starts_at, c.state, c.why, c.best_at into starts_at, state, why, best_at
    from booking.series_choice(v_clinic_id, p_doctor_id, p_patient_id, day + p_at,
      nullif(v_claims[6], '')::uuid, '{}', array_remove(v_days, day) || v_given) c;
    v_given := array_remove(v_given || (best_at at time zone v_zone)::date, null);
    return next;
  end loop;
end
$$;
comment on function booking.preview_series(uuid, uuid, int, smallint[], date, time, int, date) is
  'A row per date of the rule: the instant, free, taken, outside or past, why, and the nearest free time; no rows for ids of another clinic.';
call app.make_definer('booking.preview_series(uuid, uuid, int, smallint[], date, time, int, date)', 'clinic_booker');
grant execute on function booking.preview_series(uuid, uuid, int, smallint[], date, time, int, date) to
  clinic_staff, clinic_admin, clinic_superadmin;

-- Called inside functions of clinic_booker. Which visits "this and following" or "all" are, and of
-- those only what is to come and not yet begun.
create function booking.series_scope(p_clinic_id uuid, p_appointment_id uuid, p_scope text)
returns setof clinic.appointments
language sql stable
as $$
  select a.* from clinic.appointments v
  join clinic.appointments a on a.clinic_id = v.clinic_id and a.series_id = v.series_id
    and a.deleted_at is null and a.series_position >= case p_scope
      when 'all' then 1 when 'following' then v.series_position end
  where v.clinic_id = p_clinic_id and v.id = p_appointment_id and v.deleted_at is null
    and a.starts_at > now() and a.checked_in_at is null and a.status in ('scheduled', 'confirmed')
  order by a.starts_at
$$;
comment on function booking.series_scope(uuid, uuid, text) is
  'The visits of all or following (from this one on) that may still change, soonest first.';
grant execute on function booking.series_scope(uuid, uuid, text) to clinic_booker;

-- To another weekday: of a series of one weekday each visit to that day of its week; of several all
-- by as many days as the chosen visit.
create function booking.series_target(p_visit clinic.appointments, p_anchor_id uuid, p_weekday int)
returns date
language sql stable
as $$
  select case when p_weekday is null then p_visit.appointment_date
    when cardinality(s.weekdays) > 1
      then p_visit.appointment_date + (p_weekday - extract(isodow from v.appointment_date)::int)
    else date_trunc('week', p_visit.appointment_date::timestamp)::date + p_weekday - 1 end
  from clinic.appointments v
  join clinic.appointment_series s on s.clinic_id = v.clinic_id and s.id = v.series_id
  where v.clinic_id = p_visit.clinic_id and v.id = p_anchor_id
$$;
comment on function booking.series_target(clinic.appointments, uuid, int) is
  'The day that a visit goes to when the visit p_anchor_id goes to a weekday (1 is Monday, null keeps it).';
grant execute on function booking.series_target(clinic.appointments, uuid, int) to clinic_booker;

create function booking.preview_series_move(
  p_appointment_id uuid, p_scope text, p_doctor_id uuid, p_weekday int, p_at time)
returns table (appointment_id uuid, version int, series_position int, was_at timestamptz,
  doctor_id uuid, starts_at timestamptz, state text, why text, best_at timestamptz)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5]::uuid;
  v_zone text := (select time_zone from clinic.clinics where id = v_clinic_id);
  v_visits clinic.appointments[];
  v_visit clinic.appointments;
  v_ids uuid[];
  v_days date[];
  v_apart date[];
  v_day date;
begin
  if v_claims[4] is null or v_claims[4] not in ('staff', 'admin', 'superadmin')
      or (p_doctor_id is not null and not exists (
        select from clinic.doctors where clinic_id = v_clinic_id and id = p_doctor_id)) then
    return;
  end if;
  v_visits := array(select v from booking.series_scope(v_clinic_id, p_appointment_id, p_scope) v);
  v_ids := array(select v.id from unnest(v_visits) v);
  v_days := array(
    select booking.series_target(v, p_appointment_id, p_weekday) from unnest(v_visits) v);
  -- Of one series no two on a day, those that stay included.
  v_apart := array(
    select a.appointment_date from clinic.appointments a
    where a.clinic_id = v_clinic_id and a.series_id = v_visits[1].series_id
      and a.deleted_at is null and a.status <> 'cancelled' and a.id <> all (v_ids));
  for v_n in 1 .. cardinality(v_visits) loop
    v_visit := v_visits[v_n];
    v_day := v_days[v_n];
    appointment_id := v_visit.id;
    version := v_visit.version;
    series_position := v_visit.series_position;
    was_at := v_visit.starts_at;
    doctor_id := coalesce(p_doctor_id, v_visit.doctor_id);
    select c.starts_at, c.state, c.why, c.best_at into starts_at, state, why, best_at
    from booking.series_choice(v_clinic_id, doctor_id, v_visit.patient_id,
      v_day + coalesce(p_at, v_visit.appointment_time), nullif(v_claims[6], '')::uuid,
      v_visit.id || array_remove(v_ids, v_visit.id), array_remove(v_days, v_day) || v_apart) c;
    if starts_at = was_at and doctor_id is not distinct from v_visit.doctor_id then
      state := 'same';
    end if;
    v_apart := array_remove(v_apart || (best_at at time zone v_zone)::date, null);
    return next;
  end loop;
end
$$;
comment on function booking.preview_series_move(uuid, text, uuid, int, time) is
  'As preview_series, a row per visit of all or following that may move: to a doctor, a weekday and a time, null keeps each one''s own; same is where it is.';
call app.make_definer('booking.preview_series_move(uuid, text, uuid, int, time)', 'clinic_booker');
grant execute on function booking.preview_series_move(uuid, text, uuid, int, time) to
  clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop function booking.preview_series_move(uuid, text, uuid, int, time);
drop function booking.series_target(clinic.appointments, uuid, int);
drop function booking.series_scope(uuid, uuid, text);
drop function booking.preview_series(uuid, uuid, int, smallint[], date, time, int, date);
