-- The trigger of every audited table but those that audit_row_function watches. It sees all rows of
-- the statement at once (a bulk update costs one insert), knows the actor from the verified context,
-- and belongs to the only role that may write the trail.
-- hstore compares whole rows as text in C; jsonb keeps the values with their types.
-- Arguments: the key column; then the columns whose values are never copied.
create function audit.audit_trigger_function() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
-- Two instants must never print alike, whatever the statement's own settings are.
set datestyle = 'ISO'
set timezone = 'UTC'
as $$
declare
  v_key text := tg_argv[0];
  v_secret text[] := tg_argv[1]::text[];
  v_clinic text := case when tg_table_name = 'clinics' then 'id' else 'clinic_id' end;
  v_claims text[] := app.context_claims();
  v_ip inet := nullif(current_setting('app.current_ip', true), '');
  v_agent text := nullif(current_setting('app.current_user_agent', true), '');
  v_request text := nullif(current_setting('app.current_request_id', true), '');
  v_reason text := nullif(current_setting('app.current_reason', true), '');
begin
  if tg_op = 'INSERT' then
    insert into audit.audit_logs (table_schema, table_name, record_id, action, new_values, user_id,
      actor_role, clinic_id, ip_address, user_agent, request_id, reason)
    select tg_table_schema, tg_table_name, r.j ->> v_key, tg_op,
      r.j - v_secret, nullif(v_claims[6], '')::uuid,
      coalesce(v_claims[4], session_user), (r.j ->> v_clinic)::uuid,
      v_ip, v_agent, v_request, v_reason
    from (select to_jsonb(n) as j from new_rows n) r;
  elsif tg_op = 'UPDATE' then
    insert into audit.audit_logs (table_schema, table_name, record_id, action, old_values,
      new_values, changed_fields, user_id, actor_role, clinic_id, ip_address, user_agent,
      request_id, reason)
    select tg_table_schema, tg_table_name, public.fetchval(d.row_text, v_key), tg_op,
      to_jsonb(d.old_row) - d.same - v_secret, to_jsonb(d.new_row) - d.same - v_secret,
      to_jsonb(d.changed), nullif(v_claims[6], '')::uuid, coalesce(v_claims[4], session_user),
      public.fetchval(d.row_text, v_clinic)::uuid, v_ip, v_agent, v_request, v_reason
    from (
      select o.old_row, n.new_row, coalesce(n.new_text, o.old_text) as row_text,
        public.akeys(c.changed) as changed,
        coalesce(public.akeys(public.delete(n.new_text, c.changed)), '{}') as same
      from (select t as old_row, public.hstore(t) as old_text from old_rows t) o
      -- FULL: the plan is kept, and one made for a single row would pair a bulk update's rows by
      -- nested loops, which a full join cannot be. A row whose key changed stands twice, whole.
      full join (select t as new_row, public.hstore(t) as new_text from new_rows t) n
        on public.fetchval(o.old_text, v_key) = public.fetchval(n.new_text, v_key)
      cross join lateral (select public.delete(
        public.delete(n.new_text, o.old_text), 'updated_at') as changed offset 0) c
      offset 0) d
    where d.changed is distinct from '{}';
  elsif tg_op = 'DELETE' then
    insert into audit.audit_logs (table_schema, table_name, record_id, action, old_values, user_id,
      actor_role, clinic_id, ip_address, user_agent, request_id, reason)
    select tg_table_schema, tg_table_name, r.j ->> v_key, tg_op,
      r.j - v_secret, nullif(v_claims[6], '')::uuid,
      coalesce(v_claims[4], session_user), (r.j ->> v_clinic)::uuid,
      v_ip, v_agent, v_request, v_reason
    from (select to_jsonb(o) as j from old_rows o) r;
  else
    insert into audit.audit_logs (table_schema, table_name, action, user_id, actor_role, clinic_id,
      ip_address, user_agent, request_id, reason)
    values (tg_table_schema, tg_table_name, tg_op, nullif(v_claims[6], '')::uuid,
      coalesce(v_claims[4], session_user), v_claims[5]::uuid, v_ip, v_agent, v_request, v_reason);
  end if;
  return null;
end
$$;
comment on function audit.audit_trigger_function() is
  'Statement trigger: one audit entry per changed row, changed keys only on update, secrets left out.';
call app.make_definer('audit.audit_trigger_function()', 'clinic_auditor');

-- undo
drop function audit.audit_trigger_function();
