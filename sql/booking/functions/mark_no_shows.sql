-- Those who never came, marked by a job some hours after the end of the visit, where the clinic has
-- switched that on. Never from the clock alone: each goes through booking.change_status in the version
-- that was looked at, and whoever left a trace of having come is left to people.
create function booking.never_came(p_clinic_id uuid, p_limit int)
returns table (id uuid, version int)
language plpgsql stable
as $$
declare
  v_hours numeric := booking.setting_number(
    p_clinic_id, 'appointment', 'no_show_after_hours', 0, 1, 168);
  v_since timestamptz;
begin
  if v_hours = 0 then
    return;
  end if;
  -- Not what had ended before the clinic last set this: nobody expects their past to be rewritten.
  select s.updated_at into v_since from clinic.system_settings s
  where (s.clinic_id = p_clinic_id or s.clinic_id is null)
    and s.category = 'appointment' and s.key = 'no_show_after_hours'
  order by s.clinic_id nulls last limit 1;
  return query
  select a.id, a.version from clinic.appointments a
  where a.clinic_id = p_clinic_id and a.status in ('scheduled', 'confirmed')
    and a.deleted_at is null and a.checked_in_at is null and a.consultation_start_at is null
    and a.starts_at > now() - interval '31 days' and a.starts_at < now()
    and a.ends_at <= now() - make_interval(secs => 3600 * v_hours) and a.ends_at > v_since
    and not exists (
      select from clinic.queue_entries q
      where q.clinic_id = a.clinic_id and q.appointment_id = a.id and q.status <> 'cancelled')
    and not exists (
      select from clinic.appointment_transitions t
      where t.clinic_id = a.clinic_id and t.appointment_id = a.id and t.action = 'undo'
        and t.reason in ('no_show', 'leave', 'start', 'finish'))
  order by a.starts_at limit p_limit;
end
$$;
comment on function booking.never_came(uuid, int) is
  'Visits that ended the grace period ago, since it was last set, with nobody checked in, in line or in the room, and no person''s word against it.';
grant execute on function booking.never_came(uuid, int) to clinic_booker;

create function booking.mark_no_shows(p_limit int default 200) returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_visit record;
  v_answer jsonb;
  v_marked int := 0;
begin
  if v_claims[5] is null then
    raise exception 'no clinic: this needs a tenant context' using errcode = 'RW001';
  elsif v_claims[4] <> 'worker' then
    raise exception 'only jobs mark who never came' using errcode = 'RW002';
  end if;
  for v_visit in select * from booking.never_came(v_claims[5]::uuid, p_limit) loop
    v_answer := booking.change_status('no-show:' || v_visit.id || ':' || v_visit.version, v_visit.id,
      'no_show', v_visit.version);
    if v_answer ->> 'status' = 'success' then
      v_marked := v_marked + 1;
    end if;
  end loop;
  return v_marked;
end
$$;
comment on function booking.mark_no_shows(int) is
  'Marks visits whose patient never came, p_limit at a time; how many. RW001, RW002.';
call app.make_definer('booking.mark_no_shows(int)', 'clinic_booker');
grant execute on function booking.mark_no_shows(int) to clinic_worker;

-- undo
drop function booking.mark_no_shows(int);
drop function booking.never_came(uuid, int);
