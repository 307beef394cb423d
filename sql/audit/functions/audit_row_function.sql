-- audit_trigger_function for inserts and updates of one row at a time: without transition tables an
-- entry costs half, in bulk it would cost twice. The entries are the same.
-- Arguments: the key column; then the columns whose values are never copied.
create function audit.audit_row_function() returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
-- Two instants must never print alike, whatever the statement's own settings are.
set datestyle = 'ISO'
set timezone = 'UTC'
as $$
declare
  v_key text := tg_argv[0];
  v_left_out text[] := tg_argv[1]::text[];
  v_claims text[] := app.context_claims();
  v_text public.hstore;
  v_difference public.hstore;
  v_changed text[];
  v_old jsonb;
  v_new jsonb;
begin
  if tg_op = 'INSERT' then
    v_new := to_jsonb(new);
  else
    v_text := public.hstore(new);
    v_difference := public.delete(public.delete(v_text, public.hstore(old)), 'updated_at');
    v_changed := public.akeys(v_difference);
    if v_changed = '{}' then
      return null;
    end if;
    v_left_out := v_left_out || public.akeys(public.delete(v_text, v_difference));
    v_old := to_jsonb(old);
    v_new := to_jsonb(new);
  end if;
  insert into audit.audit_logs (table_schema, table_name, record_id, action, old_values,
    new_values, changed_fields, user_id, actor_role, clinic_id, ip_address, user_agent,
    request_id, reason)
  values (tg_table_schema, tg_table_name, v_new ->> v_key, tg_op,
    v_old - v_left_out, v_new - v_left_out, to_jsonb(v_changed), nullif(v_claims[6], '')::uuid,
    coalesce(v_claims[4], session_user), (v_new ->> 'clinic_id')::uuid,
    nullif(current_setting('app.current_ip', true), '')::inet,
    nullif(current_setting('app.current_user_agent', true), ''),
    nullif(current_setting('app.current_request_id', true), ''),
    nullif(current_setting('app.current_reason', true), ''));
  return null;
end
$$;
comment on function audit.audit_row_function() is
  'Row trigger: the entry of audit_trigger_function, for inserts and updates of one row at a time.';
call app.make_definer('audit.audit_row_function()', 'clinic_auditor');

-- undo
drop function audit.audit_row_function();
