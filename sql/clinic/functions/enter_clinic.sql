-- How a superadmin gets into a clinic: through these alone, with a pass for the door (login.sql).
create function app.clinics_to_enter(p_pass text, p_user_id uuid)
returns table (code text, name text, branch_name text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select c.code, c.name, c.branch_name
  from clinic.clinics c
  where app.at_the_door(p_pass) and c.is_active and c.deleted_at is null and exists (
    select from clinic.users u
    where u.id = p_user_id and u.role = 'superadmin' and u.is_active and u.deleted_at is null)
  order by c.name, c.code
$$;
comment on function app.clinics_to_enter(text, uuid) is
  'Every active clinic for a superadmin, none for anybody else.';
call app.make_definer('app.clinics_to_enter(text, uuid)', 'clinic_authenticator');

create function app.enter_clinic(p_pass text, p_user_id uuid, p_code text, p_reason text)
returns timestamptz
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_clinic_id uuid;
  v_name text;
  v_expires_at timestamptz;
begin
  perform app.at_the_door(p_pass);
  select u.full_name into v_name from clinic.users u
  where u.id = p_user_id and u.role = 'superadmin' and u.is_active and u.deleted_at is null;
  if v_name is null then
    raise exception 'only a superadmin enters a clinic' using errcode = 'RW002';
  end if;
  select c.id into v_clinic_id from clinic.clinics c
  where c.code = p_code and c.is_active and c.deleted_at is null;
  if v_clinic_id is null then
    raise exception 'no such clinic' using errcode = 'RW003';
  end if;
  insert into clinic.clinic_entries (clinic_id, user_id, user_name, reason)
  values (v_clinic_id, p_user_id, v_name, btrim(p_reason))
  returning expires_at into v_expires_at;
  return v_expires_at;
end
$$;
comment on function app.enter_clinic(text, uuid, text, text) is
  'Opens a clinic to a superadmin for an hour, with a reason of ten letters or more; returns until when. RW002, RW003.';
call app.make_definer('app.enter_clinic(text, uuid, text, text)', 'clinic_authenticator');
grant execute on function app.clinics_to_enter(text, uuid), app.enter_clinic(text, uuid, text, text) to clinic_app;

-- undo
drop function app.enter_clinic(text, uuid, text, text);
drop function app.clinics_to_enter(text, uuid);
