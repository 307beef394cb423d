-- Hands a SECURITY DEFINER function to the narrow role that it runs as.
-- Changing an owner needs CREATE on the schema for the new owner, so it is lent for one statement.
create procedure app.make_definer(p_function regprocedure, p_role name default 'clinic_definer')
language plpgsql
as $$
declare
  v_schema text;
begin
  select n.nspname into strict v_schema
  from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where p.oid = p_function;
  execute format('revoke all on function %s from public', p_function);
  execute format('grant create on schema %I to %I', v_schema, p_role);
  execute format('alter function %s owner to %I', p_function, p_role);
  execute format('revoke create on schema %I from %I', v_schema, p_role);
end
$$;
comment on procedure app.make_definer(regprocedure, name) is
  'Revokes a definer function from PUBLIC and gives it to a narrow owner. For migrations only.';

-- undo
drop procedure app.make_definer(regprocedure, name);
