-- No doctor works twice at once: in any week of those that hours name, or in two extra sessions. The
-- functions say in ranges what a constraint can compare. Keys name the clinic too.

-- One turn of twelve weeks: every 1, 2, 3 or 4 weeks come out even in it. 1 January 1900 is a Monday.
create function clinic.worked_seconds(
  p_weekday smallint, p_starts time, p_ends time, p_every_weeks smallint, p_week_of date)
returns int4multirange
language plpgsql immutable parallel safe  -- in SQL it is planned for each row of each statement
as $$
declare
  v_length int := extract(epoch from p_ends - p_starts)::int
    + case when p_ends <= p_starts then 86400 else 0 end;
  v_first int := (p_weekday - 1) * 86400 + extract(epoch from p_starts)::int
    + case when p_every_weeks = 1 then 0
      else ((p_week_of - date '1900-01-01') / 7) % p_every_weeks end * 604800;
  v_last int;
  v_worked int4multirange;
begin
  while v_first < 7257600 and v_length > 0 and p_every_weeks > 0 loop
    v_last := v_first + v_length;
    v_worked := coalesce(v_worked, '{}') + int4multirange(
      int4range(v_first, least(v_last, 7257600)), int4range(0, greatest(v_last - 7257600, 0)));
    v_first := v_first + p_every_weeks * 604800;
  end loop;
  return v_worked;
end
$$;
comment on function clinic.worked_seconds(smallint, time, time, smallint, date) is
  'The seconds of a turn of twelve weeks in which such weekly hours are worked; a last night goes on at its beginning.';

create function clinic.session_times(p_day date, p_starts time, p_ends time) returns tsrange
language sql immutable parallel safe
as $$
  select tsrange(p_day + p_starts,
    p_day + p_ends + case when p_ends <= p_starts then interval '1 day' else interval '0' end)
$$;
comment on function clinic.session_times(date, time, time) is
  'From when to when on the wall clock; what ends at or before its start ends on the next day.';

create function clinic.are_breaks(p_breaks jsonb) returns boolean
language sql immutable parallel safe
as $$
  select case when jsonb_typeof(p_breaks) = 'array' then not exists (
    select from jsonb_array_elements(p_breaks) b
    where not coalesce(
      b ->> 'starts' ~ '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$'
      and b ->> 'ends' ~ '^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$'
      and (b ->> 'starts') collate "C" < (b ->> 'ends')
      and coalesce(b ->> 'weekday' ~ '^[1-7]$', true), false))
    else false end
$$;
comment on function clinic.are_breaks(jsonb) is
  'Whether it is a list of {"starts": "12:30", "ends": "13:00"}, each with a "weekday" of 1 to 7 or without.';
grant execute on function clinic.worked_seconds(smallint, time, time, smallint, date),
  clinic.session_times(date, time, time), clinic.are_breaks(jsonb)
  to clinic_admin, clinic_superadmin, clinic_booker;

alter table clinic.doctors add constraint doctors_breaks check (clinic.are_breaks(break_times));
-- The clinic first: exclusion is checked before foreign keys, and would tell of another's hours.
alter table clinic.doctor_working_hours
  add constraint doctor_working_hours_overlap exclude using gist (
    clinic_id with =, doctor_id with =,
    daterange(effective_from, effective_to, '[]') with &&,
    clinic.worked_seconds(weekday, starts, ends, every_weeks, week_of) with &&)
    where (deleted_at is null);
alter table clinic.extra_sessions
  add constraint extra_sessions_doctor_fk foreign key (clinic_id, doctor_id)
    references clinic.doctors (clinic_id, id),
  add constraint extra_sessions_overlap exclude using gist (
    clinic_id with =, doctor_id with =, clinic.session_times(day, starts, ends) with &&)
    where (deleted_at is null);

-- undo
alter table clinic.extra_sessions
  drop constraint extra_sessions_overlap, drop constraint extra_sessions_doctor_fk;
alter table clinic.doctor_working_hours drop constraint doctor_working_hours_overlap;
alter table clinic.doctors drop constraint doctors_breaks;
drop function clinic.are_breaks(jsonb);
drop function clinic.session_times(date, time, time);
drop function clinic.worked_seconds(smallint, time, time, smallint, date);
