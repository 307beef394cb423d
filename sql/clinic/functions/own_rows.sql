-- Which doctor or patient rows are the user's own, for policies. Called after the tenant equality,
-- once per statement: = any (array(select app.own_doctor_ids())).
create function app.own_doctor_ids() returns setof uuid
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select id from clinic.doctors
  where clinic_id = app.current_clinic_id() and user_id = app.current_user_id()
    and is_active and deleted_at is null
$$;
comment on function app.own_doctor_ids() is 'The doctors row of the user of the context, if active.';
call app.make_definer('app.own_doctor_ids()');

create function app.own_patient_ids() returns setof uuid
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select id from clinic.patients
  where clinic_id = app.current_clinic_id() and user_id = app.current_user_id()
    and deleted_at is null
$$;
comment on function app.own_patient_ids() is 'The patients row of the user of the context.';
call app.make_definer('app.own_patient_ids()');

grant execute on function app.own_doctor_ids(), app.own_patient_ids() to
  clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin,
  clinic_worker, clinic_booker;

create function app.member_names() returns table (user_id uuid, full_name text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select m.user_id, coalesce(d.full_name, s.full_name, u.full_name, m.entered_as)
  from (
    select w.user_id, max(w.entered_as) as entered_as
    from (
      select user_id, null as entered_as from clinic.memberships
      where clinic_id = app.current_clinic_id()
      union all
      select user_id, user_name from clinic.clinic_entries
      where clinic_id = app.current_clinic_id()) w
    group by w.user_id) m
  left join clinic.doctors d on d.clinic_id = app.current_clinic_id() and d.user_id = m.user_id
  left join clinic.staff s on s.clinic_id = app.current_clinic_id() and s.user_id = m.user_id
  left join clinic.users u on u.id = m.user_id
$$;
comment on function app.member_names() is 'Names of those who work or worked in the clinic of the context, or entered it, for "who did it".';
call app.make_definer('app.member_names()');
grant execute on function app.member_names() to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;

create function app.set_password(p_user_id uuid, p_password_hash text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_user_id is distinct from app.current_user_id()
      and app.current_role() not in ('admin', 'superadmin') then
    raise exception 'only an administrator sets the password of somebody else' using errcode = 'RW002';
  end if;
  update clinic.users set password_hash = p_password_hash, password_changed_at = now()
  where id = p_user_id and clinic_id = app.require_clinic_id()
    and (role <> 'superadmin' or id = app.current_user_id());
  if not found then
    raise exception 'no such user in this clinic' using errcode = 'RW003';
  end if;
end
$$;
comment on function app.set_password(uuid, text) is
  'Stores a password hash: one''s own, or as an administrator that of a login of the clinic. RW002, RW003.';
call app.make_definer('app.set_password(uuid, text)');
grant execute on function app.set_password(uuid, text) to
  clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;

-- undo
drop function app.set_password(uuid, text);
drop function app.member_names();
drop function app.own_patient_ids();
drop function app.own_doctor_ids();
