-- What a service needs: kept by administrators. A need that is over is inactive, not gone.
call app.make_tenant_table('clinic.service_needs');
comment on table clinic.service_needs is 'One thing that a service needs: one resource, or any of a pool.';
create policy read on clinic.service_needs for select to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin, clinic_worker
  using (true);
comment on policy read on clinic.service_needs is 'Everyone who works in the clinic.';
create policy add on clinic.service_needs for insert to clinic_admin, clinic_superadmin
  with check (true);
comment on policy add on clinic.service_needs is 'Administrators.';
create policy change on clinic.service_needs for update to clinic_admin, clinic_superadmin
  using (true) with check (true);
comment on policy change on clinic.service_needs is 'Administrators.';
create policy book on clinic.service_needs for select to clinic_booker using (true);
comment on policy book on clinic.service_needs is 'The booking functions.';

grant select on clinic.service_needs to clinic_staff, clinic_nurse, clinic_doctor, clinic_admin,
  clinic_superadmin, clinic_worker, clinic_booker;
grant insert on clinic.service_needs to clinic_admin, clinic_superadmin;
grant update (resource_id, pool_id, is_active) on clinic.service_needs to clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.service_needs');
