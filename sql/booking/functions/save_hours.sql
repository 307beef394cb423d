-- Saves the hours of a doctor from a date on, or shows what that would come to: the same statements
-- run, and a preview is taken back as a whole.

-- What the hours were when a form was made. As jsonb, for the client's DateStyle changes texts.
create function booking.hours_stamp(p_clinic_id uuid, p_doctor_id uuid) returns text
language sql stable
as $$
  select md5(jsonb_build_array(d.consultation_duration_minutes, d.buffer_before_minutes,
    d.buffer_time_minutes, d.break_times, d.lead_time_minutes, d.advance_booking_days,
    d.max_daily_appointments, (
      select jsonb_agg(jsonb_build_array(h.id, h.weekday, h.starts, h.ends, h.every_weeks, h.week_of,
        h.effective_from, h.effective_to) order by h.id)
      from clinic.doctor_working_hours h
      where h.clinic_id = d.clinic_id and h.doctor_id = d.id and h.deleted_at is null))::text)
  from clinic.doctors d
  where d.clinic_id = p_clinic_id and d.id = p_doctor_id
$$;
comment on function booking.hours_stamp(uuid, uuid) is
  'A stamp of a doctor''s hours, breaks, buffers and limits: it differs when any of them does.';

-- Puts a week in the place of what was planned between two dates. What was before and what comes
-- after stay as rows of their own; what is already so stays as it is.
create function booking.replace_hours(
  p_clinic_id uuid, p_doctor_id uuid, p_from date, p_until date, p_hours jsonb)
returns boolean
language plpgsql volatile
as $$
declare
  v_kept uuid[];
  v_row clinic.doctor_working_hours;
  v_changed boolean := false;
begin
  v_kept := array(
    select h.id from clinic.doctor_working_hours h
    join jsonb_to_recordset(p_hours) as p(
        weekday smallint, starts time, ends time, every_weeks smallint, week_of date)
      on clinic.worked_seconds(p.weekday, p.starts, p.ends, p.every_weeks, p.week_of)
       = clinic.worked_seconds(h.weekday, h.starts, h.ends, h.every_weeks, h.week_of)
    where h.clinic_id = p_clinic_id and h.doctor_id = p_doctor_id and h.deleted_at is null
      and h.effective_from <= p_from
      and coalesce(h.effective_to, 'infinity') >= coalesce(p_until, 'infinity'));
  for v_row in
    select * from clinic.doctor_working_hours
    where clinic_id = p_clinic_id and doctor_id = p_doctor_id and deleted_at is null
      and id <> all (v_kept) and effective_from <= coalesce(p_until, 'infinity')
      and coalesce(effective_to, 'infinity') >= p_from
  loop
    v_changed := true;
    if v_row.effective_from < p_from then
      update clinic.doctor_working_hours set effective_to = p_from - 1
      where clinic_id = p_clinic_id and id = v_row.id;
    else
      update clinic.doctor_working_hours set deleted_at = now()
      where clinic_id = p_clinic_id and id = v_row.id;
    end if;
    if p_until < coalesce(v_row.effective_to, 'infinity') then
      insert into clinic.doctor_working_hours (clinic_id, doctor_id, weekday, starts, ends,
        every_weeks, week_of, effective_from, effective_to)
      values (p_clinic_id, p_doctor_id, v_row.weekday, v_row.starts, v_row.ends,
        v_row.every_weeks, v_row.week_of, p_until + 1, v_row.effective_to);
    end if;
  end loop;
  insert into clinic.doctor_working_hours (clinic_id, doctor_id, weekday, starts, ends, every_weeks,
    week_of, effective_from, effective_to)
  select p_clinic_id, p_doctor_id, p.weekday, p.starts, p.ends, p.every_weeks,
    case when p.every_weeks > 1 then p.week_of end, p_from, p_until
  from jsonb_to_recordset(p_hours) as p(
    weekday smallint, starts time, ends time, every_weeks smallint, week_of date)
  where not exists (
    select from clinic.doctor_working_hours h
    where h.clinic_id = p_clinic_id and h.id = any (v_kept)
      and clinic.worked_seconds(p.weekday, p.starts, p.ends, p.every_weeks, p.week_of)
        = clinic.worked_seconds(h.weekday, h.starts, h.ends, h.every_weeks, h.week_of));
  return v_changed or found;
end
$$;
comment on function booking.replace_hours(uuid, uuid, date, date, jsonb) is
  'Makes the given week the one that is worked between two dates (null: for good); whether anything changed.';

create function booking.limits_differ(p_clinic_id uuid, p_doctor_id uuid, p_plan jsonb)
returns boolean
language sql stable
as $$
  select exists (
    select from clinic.doctors d, jsonb_to_record(p_plan) as p(
      minutes int, before int, after int, breaks jsonb, lead int, ahead int, daily int)
    where d.clinic_id = p_clinic_id and d.id = p_doctor_id
      and (p.minutes, p.before, p.after, p.breaks, p.lead, p.ahead, p.daily) is distinct from
        (d.consultation_duration_minutes, d.buffer_before_minutes, d.buffer_time_minutes,
         d.break_times, d.lead_time_minutes, d.advance_booking_days, d.max_daily_appointments))
$$;
comment on function booking.limits_differ(uuid, uuid, jsonb) is
  'Whether a plan gives a doctor another length, buffers, breaks or limits. They have no dates: they count at once.';

create function booking.replace_limits(p_clinic_id uuid, p_doctor_id uuid, p_plan jsonb)
returns void
language sql volatile
as $$
  update clinic.doctors d
  set consultation_duration_minutes = p.minutes, buffer_before_minutes = p.before,
    buffer_time_minutes = p.after, break_times = p.breaks, lead_time_minutes = p.lead,
    advance_booking_days = p.ahead, max_daily_appointments = p.daily
  from jsonb_to_record(p_plan) as p(
    minutes int, before int, after int, breaks jsonb, lead int, ahead int, daily int)
  where d.clinic_id = p_clinic_id and d.id = p_doctor_id
$$;
comment on function booking.replace_limits(uuid, uuid, jsonb) is
  'Gives a doctor the length, buffers, breaks and limits of a plan.';
grant execute on function booking.hours_stamp(uuid, uuid) to
  clinic_booker, clinic_doctor, clinic_admin, clinic_superadmin;
grant execute on function booking.replace_hours(uuid, uuid, date, date, jsonb),
  booking.limits_differ(uuid, uuid, jsonb), booking.replace_limits(uuid, uuid, jsonb)
  to clinic_booker;

create function booking.calendar_answer(
  p_clinic_id uuid, p_doctor_id uuid, p_from date, p_to date, p_was jsonb, p_changed boolean)
returns jsonb
language sql stable
as $$
  select jsonb_build_object('status', 'success', 'idempotent', not p_changed, 'result',
    jsonb_build_object(
      'from', p_from,
      'to', p_to,
      'was', p_was,
      'days', booking.working_days(p_clinic_id, p_doctor_id, p_from, p_to),
      'uncovered', (
        select coalesce(jsonb_agg(u.appointment_id order by u.starts_at, u.appointment_id), '[]')
        from booking.uncovered(p_clinic_id, p_doctor_id) u)))
$$;
comment on function booking.calendar_answer(uuid, uuid, date, date, jsonb, boolean) is
  'What a change of working time answers: the days as they were and as they are now, and the visits that are left outside.';
grant execute on function booking.calendar_answer(uuid, uuid, date, date, jsonb, boolean)
  to clinic_booker;

create function booking.save_hours(
  p_doctor_id uuid, p_stamp text, p_plan jsonb, p_preview boolean default false)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_clinic_id uuid := v_claims[5];
  v_code text := booking.hours_refusal(v_claims, p_doctor_id);
  v_today date;
  v_from date;
  v_until date;
  v_start date;
  v_to date;
  v_same boolean;
  v_was jsonb;
  v_limits boolean;
  v_hours boolean;
  v_answer jsonb;
begin
  if v_code is not null then
    return booking.refusal(v_code);
  end if;
  perform from clinic.doctors where clinic_id = v_clinic_id and id = p_doctor_id for no key update;
  select (now() at time zone time_zone)::date into v_today
  from clinic.clinics where id = v_clinic_id;
  begin
    v_from := p_plan ->> 'from';
    v_until := p_plan ->> 'until';
    -- What has been worked stays on record as it was.
    if v_from is null or v_from not between v_today and v_today + 366 or v_until < v_from
        or jsonb_typeof(p_plan -> 'hours') is distinct from 'array' then
      return booking.refusal('invalid_input');
    end if;
    v_same := p_stamp is not distinct from booking.hours_stamp(v_clinic_id, p_doctor_id);
    v_limits := booking.limits_differ(v_clinic_id, p_doctor_id, p_plan);
    v_to := v_from + 55;
    v_start := case when v_limits then v_today else v_from end;
    v_was := booking.working_days(v_clinic_id, p_doctor_id, v_start, v_to);
    if v_limits then
      perform booking.replace_limits(v_clinic_id, p_doctor_id, p_plan);
    end if;
    v_hours := booking.replace_hours(v_clinic_id, p_doctor_id, v_from, v_until, p_plan -> 'hours');
    if (v_limits or v_hours) and not v_same then
      v_answer := booking.refusal('stale');
      raise sqlstate 'ABORT';
    end if;
    if not p_preview then
      perform booking.make_slots(v_clinic_id, p_doctor_id, v_today,
        booking.slots_until(v_clinic_id, p_doctor_id));
    end if;
    v_answer := booking.calendar_answer(
      v_clinic_id, p_doctor_id, v_start, v_to, v_was, v_limits or v_hours);
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
comment on function booking.save_hours(uuid, text, jsonb, boolean) is
  'Saves {"from", "until", "hours": [{weekday, starts, ends, every_weeks, week_of}], "breaks", "minutes", "before", "after", "lead", "ahead", "daily"} and makes the slots anew; a preview changes nothing. Answers {"from", "to", "was", "days", "uncovered"}, eight weeks from the plan''s first day on or, if more than the hours changes, from today, or not_allowed, doctor_not_found, invalid_input, times_overlap, stale. It cancels and refuses no visit.';
call app.make_definer('booking.save_hours(uuid, text, jsonb, boolean)', 'clinic_booker');
grant execute on function booking.save_hours(uuid, text, jsonb, boolean) to
  clinic_doctor, clinic_admin, clinic_superadmin;

-- undo
drop function booking.save_hours(uuid, text, jsonb, boolean);
drop function booking.calendar_answer(uuid, uuid, date, date, jsonb, boolean);
drop function booking.replace_limits(uuid, uuid, jsonb);
drop function booking.limits_differ(uuid, uuid, jsonb);
drop function booking.replace_hours(uuid, uuid, date, date, jsonb);
drop function booking.hours_stamp(uuid, uuid);
