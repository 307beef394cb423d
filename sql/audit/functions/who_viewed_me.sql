-- A patient may know who looked: when, what, by name and role. Nothing of addresses or of the rest.
create function audit.who_viewed_me(p_from timestamptz default null, p_to timestamptz default null)
returns table (viewed_at timestamptz, action text, what text, by_name text, by_role text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select a.created_at, a.action::text, a.table_name::text, m.full_name, a.actor_role
  from audit.access_logs a left join app.member_names() m on m.user_id = a.user_id
  where a.clinic_id = app.current_clinic_id()
    and a.patient_id in (select app.own_patient_ids())
    and (p_from is null or a.created_at >= p_from) and (p_to is null or a.created_at < p_to)
  order by a.created_at desc, a.id desc
$$;
comment on function audit.who_viewed_me(timestamptz, timestamptz) is
  'Who opened, printed or exported what of the patient of the context, newest first, from p_from up to before p_to.';
call app.make_definer('audit.who_viewed_me(timestamptz, timestamptz)');
grant execute on function audit.who_viewed_me(timestamptz, timestamptz) to clinic_patient;
grant select (id, clinic_id, created_at, action, table_name, patient_id, user_id, actor_role)
  on audit.access_logs to clinic_definer;
create policy viewed on audit.access_logs for select to clinic_definer using (true);
comment on policy viewed on audit.access_logs is 'audit.who_viewed_me.';

-- undo
drop policy viewed on audit.access_logs;
revoke select (id, clinic_id, created_at, action, table_name, patient_id, user_id, actor_role)
  on audit.access_logs from clinic_definer;
drop function audit.who_viewed_me(timestamptz, timestamptz);
