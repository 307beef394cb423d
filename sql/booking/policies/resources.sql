-- Rooms and equipment: kept by administrators, read by whoever works here.
call app.make_tenant_table('clinic.resources');
comment on table clinic.resources is 'A room or a piece of equipment that one visit has at a time.';
create policy read on clinic.resources for select to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin, clinic_worker
  using (true);
comment on policy read on clinic.resources is 'Everyone who works in the clinic.';
create policy add on clinic.resources for insert to clinic_admin, clinic_superadmin
  with check (true);
comment on policy add on clinic.resources is 'Administrators.';
create policy change on clinic.resources for update to clinic_admin, clinic_superadmin
  using (true) with check (true);
comment on policy change on clinic.resources is 'Administrators.';
-- To lock a row asks for a right to write it, and writing it for a policy.
create policy book on clinic.resources for select to clinic_booker using (true);
comment on policy book on clinic.resources is 'The booking functions.';
create policy book_lock on clinic.resources for update to clinic_booker
  using (true) with check (false);
comment on policy book_lock on clinic.resources is 'The booking functions lock what they choose from, and change nothing.';

grant select on clinic.resources to clinic_staff, clinic_nurse, clinic_doctor, clinic_admin,
  clinic_superadmin, clinic_worker, clinic_booker;
grant update (is_active) on clinic.resources to clinic_booker;
grant insert on clinic.resources to clinic_admin, clinic_superadmin;
grant update (name, kind, pool_id, is_active) on clinic.resources to clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.resources');
