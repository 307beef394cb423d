-- The first line of every tenant table's policies file: the switch, the guard, the owner's policy.
-- The guard is RESTRICTIVE and TO PUBLIC: a permissive policy cannot widen it, no role can leave it.
create procedure app.make_tenant_table(p_table regclass)
language plpgsql
as $$
begin
  execute format('alter table %s enable row level security', p_table);
  execute format('alter table %s force row level security', p_table);
  execute format('create policy tenant_isolation on %s as restrictive to public
    using (clinic_id = (select app.current_clinic_id()))
    with check (clinic_id = (select app.current_clinic_id()))', p_table);
  execute format('comment on policy tenant_isolation on %s is %L', p_table,
    'A row is its clinic''s alone, for every role and every command.');
  execute format('create policy owner_all on %s to clinic_owner using (true) with check (true)', p_table);
  execute format('comment on policy owner_all on %s is %L', p_table,
    'The owner sees all of the clinic whose context it is in; without one, nothing.');
end
$$;
comment on procedure app.make_tenant_table(regclass) is 'Row-level security of a tenant table. For migrations only.';

create procedure app.unmake_tenant_table(p_table regclass)
language plpgsql
as $$
declare
  v_policy name;
  v_role name;
begin
  for v_policy in select polname from pg_catalog.pg_policy where polrelid = p_table loop
    execute format('drop policy %I on %s', v_policy, p_table);
  end loop;
  for v_role in select rolname from pg_catalog.pg_roles where rolname like 'clinic\_%'
      and rolname not in ('clinic_owner', 'clinic_migrator') loop
    execute format('revoke all on %s from %I', p_table, v_role);
  end loop;
  execute format('alter table %s no force row level security', p_table);
  execute format('alter table %s disable row level security', p_table);
end
$$;
comment on procedure app.unmake_tenant_table(regclass) is 'The reverse: no policy, no grant, no row-level security. For migrations only.';

-- undo
drop procedure app.unmake_tenant_table(regclass);
drop procedure app.make_tenant_table(regclass);
