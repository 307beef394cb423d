-- Staff: colleagues know each other; administrators keep the list.
call app.make_tenant_table('clinic.staff');
comment on table clinic.staff is 'Everyone else who works in the clinic.';
create policy read on clinic.staff for select to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin
  using (deleted_at is null);
comment on policy read on clinic.staff is 'Everyone who works in the clinic.';
create policy add on clinic.staff for insert to clinic_admin, clinic_superadmin
  with check (deleted_at is null
    and (user_id is null or exists (select from clinic.users u where u.id = user_id)));
comment on policy add on clinic.staff is 'Administrators; a linked login is one of this clinic.';
create policy change on clinic.staff for update to clinic_admin, clinic_superadmin
  using (deleted_at is null)
  with check (deleted_at is null
    and (user_id is null or exists (select from clinic.users u where u.id = user_id)));
comment on policy change on clinic.staff is 'Administrators; a linked login is one of this clinic.';
create policy definer on clinic.staff for select to clinic_definer using (true);
comment on policy definer on clinic.staff is 'Names of colleagues.';

grant select on clinic.staff to clinic_definer, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin,
  clinic_superadmin;
grant insert on clinic.staff to clinic_admin, clinic_superadmin;
grant update (user_id, full_name, employee_id, department, position, reporting_to, permissions,
              accessible_modules, employment_type, start_date, end_date)
  on clinic.staff to clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.staff');
