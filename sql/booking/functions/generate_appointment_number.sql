-- Bookings of a clinic end one after the other: the lock of its numbers lasts to the commit, so it is
-- taken last. Not the counter's own row: that is another one after midnight, and what counts the visits
-- of a day (booking.keep_daily_limit) must not write a number.
create function booking.lock_numbers(p_clinic_id uuid) returns void
language plpgsql volatile
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('numbers ' || p_clinic_id, 0));
end
$$;
comment on function booking.lock_numbers(uuid) is
  'Until the commit no other transaction books at the clinic or adds a visit to one of its days.';
grant execute on function booking.lock_numbers(uuid) to clinic_booker;

-- CODE-YYYYMMDD-NNNN by the clinic's own calendar. Called inside functions of clinic_booker.
create function booking.next_appointment_number(p_clinic_id uuid) returns varchar
language plpgsql volatile
as $$
declare
  v_code text;
  v_day date;
  v_value bigint;
begin
  perform booking.lock_numbers(p_clinic_id);
  update clinic.appointment_counters n set last_value = n.last_value + 1
  from clinic.clinics c
  where c.id = p_clinic_id and n.clinic_id = c.id and n.day = (now() at time zone c.time_zone)::date
  returning c.code, n.day, n.last_value into v_code, v_day, v_value;
  if not found then
    insert into clinic.appointment_counters as n (clinic_id, day, last_value)
    select c.id, (now() at time zone c.time_zone)::date, 1
    from clinic.clinics c where c.id = p_clinic_id
    on conflict (clinic_id, day) do update set last_value = n.last_value + 1
    returning (select code from clinic.clinics where id = p_clinic_id), day, last_value
      into v_code, v_day, v_value;
  end if;
  return v_code || to_char(v_day, '-YYYYMMDD-')
    || case when v_value < 10000 then lpad(v_value::text, 4, '0') else v_value::text end;
end
$$;
comment on function booking.next_appointment_number(uuid) is
  'The next appointment number of a clinic on its own today, for the booking functions.';
grant execute on function booking.next_appointment_number(uuid) to clinic_booker;

create function clinic.generate_appointment_number(p_clinic_code varchar) returns varchar
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_clinic_id uuid := (app.enter())[5];
begin
  if not exists (select from clinic.clinics where id = v_clinic_id and code = p_clinic_code) then
    raise exception 'no clinic with this code in the context' using errcode = 'RW003';
  end if;
  return booking.next_appointment_number(v_clinic_id);
end
$$;
comment on function clinic.generate_appointment_number(varchar) is
  'The next appointment number of the clinic of the context on its own today. RW003 for another code.';
call app.make_definer('clinic.generate_appointment_number(varchar)', 'clinic_booker');
grant execute on function clinic.generate_appointment_number(varchar) to
  clinic_staff, clinic_admin, clinic_superadmin, clinic_owner;

-- undo
drop function clinic.generate_appointment_number(varchar);
drop function booking.next_appointment_number(uuid);
drop function booking.lock_numbers(uuid);
