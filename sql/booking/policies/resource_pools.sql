-- Pools of resources: kept by administrators, read by whoever works here.
call app.make_tenant_table('clinic.resource_pools');
comment on table clinic.resource_pools is 'Resources of which any will do, by the name of one of them.';
create policy read on clinic.resource_pools for select to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin, clinic_worker
  using (true);
comment on policy read on clinic.resource_pools is 'Everyone who works in the clinic.';
create policy add on clinic.resource_pools for insert to clinic_admin, clinic_superadmin
  with check (true);
comment on policy add on clinic.resource_pools is 'Administrators.';
create policy change on clinic.resource_pools for update to clinic_admin, clinic_superadmin
  using (true) with check (true);
comment on policy change on clinic.resource_pools is 'Administrators.';
create policy book on clinic.resource_pools for select to clinic_booker using (true);
comment on policy book on clinic.resource_pools is 'The booking functions.';

grant select on clinic.resource_pools to clinic_staff, clinic_nurse, clinic_doctor, clinic_admin,
  clinic_superadmin, clinic_worker, clinic_booker;
grant insert on clinic.resource_pools to clinic_admin, clinic_superadmin;
grant update (name) on clinic.resource_pools to clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.resource_pools');
