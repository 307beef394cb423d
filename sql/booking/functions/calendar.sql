-- A calendar, for whoever holds its address. Two steps: the door says which clinic a token belongs to;
-- inside that clinic, under the role of jobs, one function answers for this token and nothing else.
create function app.calendar_clinic(p_pass text, p_token text) returns uuid
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select f.clinic_id
  from clinic.calendar_feeds f join clinic.clinics c on c.id = f.clinic_id
  where app.at_the_door(p_pass) and f.token_hash = sha256(convert_to(p_token, 'UTF8'))
    and c.is_active and c.deleted_at is null  -- what is revoked, the door's policy does not show
    -- It ends with its owner's way into the clinic.
    and (f.user_id is null or exists (
      select from clinic.memberships m join clinic.users u on u.id = m.user_id
      where m.clinic_id = f.clinic_id and m.user_id = f.user_id and m.is_active
        and u.is_active and u.deleted_at is null))
$$;
comment on function app.calendar_clinic(text, text) is
  'The clinic of a live calendar address, or null; RW002 without a pass for the door.';
call app.make_definer('app.calendar_clinic(text, text)', 'clinic_authenticator');
grant execute on function app.calendar_clinic(text, text) to clinic_app;

create function booking.calendar_events(p_feed clinic.calendar_feeds) returns jsonb
language sql stable
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', a.id, 'number', a.appointment_number, 'version', a.version, 'status', a.status,
    'type', a.appointment_type, 'starts_at', a.starts_at, 'ends_at', a.ends_at,
    'created_at', a.created_at, 'updated_at', a.updated_at, 'doctor', d.full_name, 'room', d.room,
    'patient', case when p_feed.doctor_id is not null and (
        select s.value = 'true' from clinic.system_settings s
        where s.category = 'calendar' and s.key = 'patient_names'
        order by s.clinic_id nulls last limit 1)
      then (select p.full_name from clinic.patients p
            where p.clinic_id = a.clinic_id and p.id = a.patient_id) end)
    order by a.starts_at, a.id), '[]')
  from (
    select * from clinic.appointments
    where clinic_id = p_feed.clinic_id and deleted_at is null
      and (doctor_id = p_feed.doctor_id or patient_id = p_feed.patient_id)
      and starts_at >= now() - interval '30 days'
    order by starts_at limit 5000) a
  left join clinic.doctors d on d.clinic_id = a.clinic_id and d.id = a.doctor_id
$$;
comment on function booking.calendar_events(clinic.calendar_feeds) is
  'The visits of a feed from 30 days back on, as a JSON list; patient is null unless the clinic allows names.';
grant execute on function booking.calendar_events(clinic.calendar_feeds) to clinic_booker;

create function booking.calendar(p_token text) returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.enter();
  v_feed clinic.calendar_feeds;
  v_doctor text;
begin
  if v_claims[5] is null then
    raise exception 'no clinic: this needs a tenant context' using errcode = 'RW001';
  end if;
  update clinic.calendar_feeds set last_fetched_at = now(),
    counted_from = case when counted_from > now() - interval '1 hour' then counted_from else now() end,
    fetches = case when counted_from > now() - interval '1 hour' then fetches + 1 else 1 end
  where clinic_id = v_claims[5]::uuid and token_hash = sha256(convert_to(p_token, 'UTF8'))
    and revoked_at is null
    -- Sixty an hour are answered; what is beyond is not even counted.
    and (fetches < 60 or counted_from <= now() - interval '1 hour' or counted_from is null)
  returning * into v_feed;
  if not found then
    return (select '{"limited": true}'::jsonb from clinic.calendar_feeds
      where clinic_id = v_claims[5]::uuid and token_hash = sha256(convert_to(p_token, 'UTF8'))
        and revoked_at is null);
  end if;
  if v_feed.doctor_id is not null then
    select full_name into v_doctor from clinic.doctors
    where clinic_id = v_feed.clinic_id and id = v_feed.doctor_id and is_active and deleted_at is null;
  else
    perform from clinic.patients
    where clinic_id = v_feed.clinic_id and id = v_feed.patient_id and is_active and deleted_at is null;
  end if;
  return case when found then (
    select jsonb_build_object('limited', false, 'feed', v_feed.id, 'doctor', v_doctor,
      'clinic', c.name, 'branch', c.branch_name, 'address', c.address, 'zone', c.time_zone,
      'events', booking.calendar_events(v_feed))
    from clinic.clinics c where c.id = v_feed.clinic_id) end;
end
$$;
comment on function booking.calendar(text) is
  'What a live calendar address of this clinic shows, noting that it was fetched; {"limited": true} after 60 times in an hour, null for any other token. RW001.';
call app.make_definer('booking.calendar(text)', 'clinic_booker');
grant execute on function booking.calendar(text) to clinic_worker;

-- undo
drop function booking.calendar(text);
drop function booking.calendar_events(clinic.calendar_feeds);
drop function app.calendar_clinic(text, text);
