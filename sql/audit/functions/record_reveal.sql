-- Seeing an encrypted value in full is on record, in the transaction that sees it.
create function audit.record_reveal(p_place text, p_row_id uuid) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claims text[] := app.context_claims();
begin
  perform pg_current_xact_id();  -- before the entry has its number: audit.seal counts on it
  insert into audit.audit_logs (table_schema, table_name, record_id, action, changed_fields, user_id,
    actor_role, clinic_id, ip_address, user_agent, request_id, reason)
  values (split_part(p_place, '.', 1), split_part(p_place, '.', 2), p_row_id, 'REVEAL',
    jsonb_build_array(split_part(p_place, '.', 3)), nullif(v_claims[6], '')::uuid, v_claims[4],
    v_claims[5]::uuid, nullif(current_setting('app.current_ip', true), '')::inet,
    nullif(current_setting('app.current_user_agent', true), ''),
    nullif(current_setting('app.current_request_id', true), ''),
    nullif(current_setting('app.current_reason', true), ''));
end
$$;
comment on function audit.record_reveal(text, uuid) is
  'An entry REVEAL for a column of a row, by the user of the context. For clinic_keeper''s functions.';
call app.make_definer('audit.record_reveal(text, uuid)', 'clinic_auditor');
grant execute on function audit.record_reveal(text, uuid) to clinic_keeper;

-- undo
drop function audit.record_reveal(text, uuid);
