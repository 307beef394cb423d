-- The sealer appends to every chain and moves its head; the archivist takes pruned beginnings away.
-- A clinic's administrator may read the clinic's own.
do $$
declare
  v_table text;
begin
  foreach v_table in array array['seals', 'chains', 'segments'] loop
    execute format('alter table audit.%I enable row level security', v_table);
    execute format('alter table audit.%I force row level security', v_table);
    execute format('create policy tenant_isolation on audit.%I as restrictive to public
      using (clinic_id = (select app.current_clinic_id()) or current_user = ''clinic_sealer''
             or current_user = ''clinic_archivist'')
      with check (current_user = ''clinic_sealer'' or current_user = ''clinic_archivist''
                  or clinic_id = (select app.current_clinic_id()))', v_table);
    execute format('comment on policy tenant_isolation on audit.%I is %L', v_table,
      'A chain is its clinic''s alone; sealing and pruning go through all.');
    execute format('create policy owner_all on audit.%I to clinic_owner using (true) with check (true)',
      v_table);
    execute format('comment on policy owner_all on audit.%I is %L', v_table,
      'The owner sees the clinic whose context it is in.');
    execute format('create policy read on audit.%I for select to clinic_admin, clinic_superadmin
      using (true)', v_table);
    execute format('comment on policy read on audit.%I is %L', v_table,
      'Administrators see how far their clinic is sealed.');
    execute format('grant select on audit.%I to clinic_admin, clinic_superadmin, clinic_sealer',
      v_table);
  end loop;
end
$$;
create policy append on audit.seals for insert to clinic_sealer with check (true);
comment on policy append on audit.seals is 'audit.seal.';
create policy verify on audit.seals for select to clinic_sealer, clinic_archivist using (true);
comment on policy verify on audit.seals is 'Sealing, verifying, pruning.';
create policy prune on audit.seals for delete to clinic_archivist using (true);
comment on policy prune on audit.seals is 'audit.prune: beginnings that a segment stands for.';
grant insert on audit.seals to clinic_sealer;
grant select, delete on audit.seals to clinic_archivist;

create policy move on audit.chains to clinic_sealer using (true) with check (true);
comment on policy move on audit.chains is 'audit.seal.';
grant insert, update on audit.chains to clinic_sealer;

create policy verify on audit.segments for select to clinic_sealer, clinic_archivist using (true);
comment on policy verify on audit.segments is 'Where a pruned chain begins.';
create policy append on audit.segments for insert to clinic_archivist with check (true);
comment on policy append on audit.segments is 'audit.prune.';
grant select, insert on audit.segments to clinic_archivist;
call audit.attach('audit.segments', 'id');

-- undo
call audit.detach('audit.segments');
call app.unmake_tenant_table('audit.segments');
call app.unmake_tenant_table('audit.chains');
call app.unmake_tenant_table('audit.seals');
