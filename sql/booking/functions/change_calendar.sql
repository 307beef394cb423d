-- Single days: leave, extra sessions and holidays, added and withdrawn. As with hours a preview runs
-- the same statements and is taken back, and no visit is ever cancelled or in the way.

-- The id comes with the request and is its key: the same one again does nothing more.
create function booking.add_to_calendar(p_clinic_id uuid, p_kind text, p_id uuid, p_values jsonb)
returns text
language plpgsql volatile
as $$
declare
  v_zone text;
  v_same boolean;
begin
  select time_zone into v_zone from clinic.clinics where id = p_clinic_id;
  if p_kind = 'holiday' then
    insert into clinic.holidays (id, clinic_id, first_day, last_day, name)
    select p_id, p_clinic_id, v.first_day, v.last_day, btrim(v.name)
    from jsonb_to_record(p_values) as v(first_day date, last_day date, name text)
    on conflict (id) do nothing;
  elsif p_kind = 'session' then
    insert into clinic.extra_sessions (id, clinic_id, doctor_id, day, starts, ends, reason)
    select p_id, p_clinic_id, v.doctor_id, v.day, v.starts, v.ends, coalesce(v.reason, '')
    from jsonb_to_record(p_values) as v(doctor_id uuid, day date, starts time, ends time, reason text)
    on conflict (id) do nothing;
  else
    insert into clinic.doctor_leave (id, clinic_id, doctor_id, starts_at, ends_at, reason)
    select p_id, p_clinic_id, v.doctor_id, booking.instant(v.starts, v_zone),
      booking.instant(v.ends, v_zone), coalesce(v.reason, '')
    from jsonb_to_record(p_values) as v(doctor_id uuid, starts timestamp, ends timestamp, reason text)
    on conflict (id) do nothing;
  end if;
  if found then
    return 'added';
  end if;
  v_same := case p_kind
    when 'holiday' then exists (
      select from clinic.holidays h, jsonb_to_record(p_values) as v(first_day date, last_day date)
      where h.clinic_id = p_clinic_id and h.id = p_id
        and (h.first_day, h.last_day) = (v.first_day, v.last_day))
    when 'session' then exists (
      select from clinic.extra_sessions e,
        jsonb_to_record(p_values) as v(doctor_id uuid, day date, starts time, ends time)
      where e.clinic_id = p_clinic_id and e.id = p_id
        and (e.doctor_id, e.day, e.starts, e.ends) = (v.doctor_id, v.day, v.starts, v.ends))
    else exists (
      select from clinic.doctor_leave l,
        jsonb_to_record(p_values) as v(doctor_id uuid, starts timestamp, ends timestamp)
      where l.clinic_id = p_clinic_id and l.id = p_id and l.doctor_id = v.doctor_id
        and (l.starts_at, l.ends_at)
          = (booking.instant(v.starts, v_zone), booking.instant(v.ends, v_zone))) end;
  return case when v_same then 'there' else 'another' end;
end
$$;
comment on function booking.add_to_calendar(uuid, text, uuid, jsonb) is
  'Adds a holiday, session or leave under an id: added, there (an earlier call did) or another (the id is of something else).';

create function booking.withdraw_from_calendar(p_clinic_id uuid, p_kind text, p_id uuid) returns text
language plpgsql volatile
as $$
declare
  v_rows int;
begin
  execute format(
    'update clinic.%I set deleted_at = now() where clinic_id = $1 and id = $2 and deleted_at is null',
    case p_kind when 'holiday' then 'holidays' when 'session' then 'extra_sessions'
      else 'doctor_leave' end)
  using p_clinic_id, p_id;
  get diagnostics v_rows = row_count;  -- execute sets no found
  return case when v_rows > 0 then 'withdrawn' else 'there' end;
end
$$;
comment on function booking.withdraw_from_calendar(uuid, text, uuid) is
  'Takes a holiday, session or leave back: withdrawn, or there where it had been.';

-- Which days of whom a row is about; null where there is none.
create function booking.calendar_entry(p_clinic_id uuid, p_kind text, p_id uuid)
returns table (doctor_id uuid, first_day date, last_day date)
language sql stable
as $$
  select null::uuid, h.first_day, h.last_day
  from clinic.holidays h where p_kind = 'holiday' and h.clinic_id = p_clinic_id and h.id = p_id
  union all
  select e.doctor_id, e.day, e.day + 1
  from clinic.extra_sessions e where p_kind = 'session' and e.clinic_id = p_clinic_id and e.id = p_id
  union all
  select l.doctor_id, (l.starts_at at time zone c.time_zone)::date,
    (l.ends_at at time zone c.time_zone)::date
  from clinic.doctor_leave l join clinic.clinics c on c.id = l.clinic_id
  where p_kind = 'leave' and l.clinic_id = p_clinic_id and l.id = p_id
$$;
comment on function booking.calendar_entry(uuid, text, uuid) is
  'The doctor (null for all) and the days that a holiday, session or leave is about.';

create function booking.remake_slots(p_clinic_id uuid, p_doctor_id uuid, p_from date, p_to date)
returns void
language sql volatile
as $$
  select booking.make_slots(p_clinic_id, d.id, greatest(p_from, t.day), least(p_to, u.day))
  from clinic.clinics c
  join clinic.doctors d on d.clinic_id = c.id and d.id = coalesce(p_doctor_id, d.id) and d.is_active
  cross join lateral (select (now() at time zone c.time_zone)::date) as t(day)
  cross join lateral (select booking.slots_until(c.id, d.id)) as u(day)
  where c.id = p_clinic_id and greatest(p_from, t.day) <= least(p_to, u.day)
  order by d.id
$$;
comment on function booking.remake_slots(uuid, uuid, date, date) is
  'make_slots for a doctor, or for all with null, between two dates as far as slots go.';
grant execute on function booking.add_to_calendar(uuid, text, uuid, jsonb),
  booking.withdraw_from_calendar(uuid, text, uuid), booking.calendar_entry(uuid, text, uuid),
  booking.remake_slots(uuid, uuid, date, date) to clinic_booker;

create function booking.calendar_refusal(
  p_claims text[], p_kind text, p_id uuid, p_doctor_id uuid, p_found boolean, p_adding boolean)
returns text
language sql stable
as $$
  select case
    when p_kind is null or p_kind not in ('holiday', 'session', 'leave') or p_id is null
      then 'invalid_input'
    when p_claims is null or p_claims[4] not in ('doctor', 'admin', 'superadmin')
      or p_kind = 'holiday' and p_claims[4] = 'doctor' then 'not_allowed'
    when not p_found and not p_adding then 'day_not_found'
    when p_kind <> 'holiday' then booking.hours_refusal(p_claims, p_doctor_id) end
$$;
comment on function booking.calendar_refusal(text[], text, uuid, uuid, boolean, boolean) is
  'Why the caller may not add or withdraw a single day, or null: holidays are the administrators'', the rest as hours.';
grant execute on function booking.calendar_refusal(text[], text, uuid, uuid, boolean, boolean)
  to clinic_booker;

create function booking.change_calendar(
  p_kind text, p_id uuid, p_values jsonb, p_preview boolean default false)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5];
  v_entry record;
  v_today date;
  v_from date;
  v_was jsonb;
  v_done text;
  v_answer jsonb;
begin
  select * into v_entry from booking.calendar_entry(v_clinic_id, p_kind, p_id);
  begin
    v_done := booking.calendar_refusal(v_claims, p_kind, p_id,
      coalesce(v_entry.doctor_id, (p_values ->> 'doctor_id')::uuid),
      v_entry.first_day is not null, p_values is not null);
    if v_done is not null then
      return booking.refusal(v_done);
    end if;
    select (now() at time zone time_zone)::date into v_today
    from clinic.clinics where id = v_clinic_id;
    v_from := greatest(v_today, coalesce(v_entry.first_day, (p_values ->> 'day')::date,
      (p_values ->> 'starts')::timestamp::date));
    v_was := booking.working_days(
      v_clinic_id, coalesce(v_entry.doctor_id, (p_values ->> 'doctor_id')::uuid), v_from, v_from + 55);
    if p_values is null then
      v_done := booking.withdraw_from_calendar(v_clinic_id, p_kind, p_id);
    else
      v_done := booking.add_to_calendar(v_clinic_id, p_kind, p_id, p_values);
    end if;
    select * into v_entry from booking.calendar_entry(v_clinic_id, p_kind, p_id);
    if v_done = 'another' then
      return booking.refusal('idempotency_mismatch');
    elsif v_done = 'added' and v_entry.last_day < v_today then
      v_answer := booking.refusal('invalid_input');
      raise sqlstate 'ABORT';
    elsif not p_preview and v_done <> 'there' then
      perform booking.remake_slots(
        v_clinic_id, v_entry.doctor_id, v_entry.first_day, v_entry.last_day);
    end if;
    v_answer := booking.calendar_answer(
      v_clinic_id, v_entry.doctor_id, v_from, v_from + 55, v_was, v_done <> 'there');
    if p_preview then
      raise sqlstate 'ABORT';
    end if;
  exception
    when sqlstate 'ABORT' then
      null;  -- what this block did is undone
    when exclusion_violation then
      return booking.refusal('times_overlap');
    when check_violation or not_null_violation or data_exception then
      return booking.refusal('invalid_input');
  end;
  return v_answer;
end
$$;
comment on function booking.change_calendar(text, uuid, jsonb, boolean) is
  'Adds a holiday {first_day, last_day, name}, session {doctor_id, day, starts, ends, reason} or leave {doctor_id, starts, ends, reason} (wall clock) under an id, or withdraws it with null; a preview changes nothing. Answers as save_hours does, or day_not_found, idempotency_mismatch.';
call app.make_definer('booking.change_calendar(text, uuid, jsonb, boolean)', 'clinic_booker');
grant execute on function booking.change_calendar(text, uuid, jsonb, boolean) to
  clinic_doctor, clinic_admin, clinic_superadmin;

-- undo
drop function booking.change_calendar(text, uuid, jsonb, boolean);
drop function booking.calendar_refusal(text[], text, uuid, uuid, boolean, boolean);
drop function booking.remake_slots(uuid, uuid, date, date);
drop function booking.calendar_entry(uuid, text, uuid);
drop function booking.withdraw_from_calendar(uuid, text, uuid);
drop function booking.add_to_calendar(uuid, text, uuid, jsonb);
