-- CODE-YYYYMMDD-NNNN by the clinic's own calendar. Its row lock lasts to the commit, so whoever
-- calls it does so last.
create function clinic.generate_appointment_number(p_clinic_code varchar) returns varchar
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_clinic_id uuid;
  v_day date;
  v_value bigint;
begin
  select id, (now() at time zone time_zone)::date into v_clinic_id, v_day
  from clinic.clinics where id = app.require_clinic_id() and code = p_clinic_code;
  if not found then
    raise exception 'no clinic with this code in the context' using errcode = 'RW003';
  end if;
  insert into clinic.appointment_counters as c (clinic_id, day, last_value)
  values (v_clinic_id, v_day, 1)
  on conflict (clinic_id, day) do update set last_value = c.last_value + 1
  returning last_value into v_value;
  return p_clinic_code || to_char(v_day, '-YYYYMMDD-')
    || case when v_value < 10000 then lpad(v_value::text, 4, '0') else v_value::text end;
end
$$;
comment on function clinic.generate_appointment_number(varchar) is
  'The next appointment number of the clinic of the context on its own today. RW001, RW003.';
call app.make_definer('clinic.generate_appointment_number(varchar)');
grant execute on function clinic.generate_appointment_number(varchar) to
  clinic_staff, clinic_admin, clinic_superadmin, clinic_owner;

-- undo
drop function clinic.generate_appointment_number(varchar);
