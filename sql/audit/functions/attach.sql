-- Puts the audit triggers on a table, always enabled: replication or a restore skips none of them.
create procedure audit.attach(
  p_table regclass, p_key text, p_secret text[] default '{}', p_by_row text[] default '{}')
language plpgsql
as $$
declare
  v_statement text := format('for each statement execute function audit.audit_trigger_function(%L, %L)',
    p_key, p_secret);
  v_row text := format('for each row execute function audit.audit_row_function(%L, %L)', p_key, p_secret);
begin
  execute format('create trigger audit_insert after insert on %s %s', p_table,
    case when 'insert' = any (p_by_row) then v_row
    else 'referencing new table as new_rows ' || v_statement end);
  execute format('create trigger audit_update after update on %s %s', p_table,
    case when 'update' = any (p_by_row) then v_row
    else 'referencing old table as old_rows new table as new_rows ' || v_statement end);
  execute format('create trigger audit_delete after delete on %s referencing old table as old_rows %s',
    p_table, v_statement);
  execute format('create trigger audit_truncate after truncate on %s %s', p_table, v_statement);
  execute format('alter table %s enable always trigger audit_insert, enable always trigger audit_update,
    enable always trigger audit_delete, enable always trigger audit_truncate', p_table);
end
$$;
comment on procedure audit.attach(regclass, text, text[], text[]) is
  'Audits a table: key column, columns never copied, which of insert and update write one row at a time. For migrations only.';

create procedure audit.detach(p_table regclass)
language plpgsql
as $$
begin
  execute format('drop trigger audit_insert on %s', p_table);
  execute format('drop trigger audit_update on %s', p_table);
  execute format('drop trigger audit_delete on %s', p_table);
  execute format('drop trigger audit_truncate on %s', p_table);
end
$$;
comment on procedure audit.detach(regclass) is 'The reverse of audit.attach. For migrations only.';

-- undo
drop procedure audit.detach(regclass);
drop procedure audit.attach(regclass, text, text[], text[]);
