-- What the clinic offers: everyone reads, administrators keep.
comment on table clinic.health_screening_packages is 'Screening packages that the clinic offers.';
call app.make_tenant_table('clinic.health_screening_packages');
create policy read on clinic.health_screening_packages for select to clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin
  using (true);
comment on policy read on clinic.health_screening_packages is 'Everyone inside the clinic.';
create policy add on clinic.health_screening_packages for insert to clinic_admin, clinic_superadmin
  with check (true);
comment on policy add on clinic.health_screening_packages is 'Administrators.';
create policy change on clinic.health_screening_packages for update to clinic_admin, clinic_superadmin
  using (true)
  with check (true);
comment on policy change on clinic.health_screening_packages is 'Administrators.';

grant select on clinic.health_screening_packages to clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;
grant insert on clinic.health_screening_packages to clinic_admin, clinic_superadmin;
grant update (name, description, price, tests_included, is_active) on clinic.health_screening_packages to clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.health_screening_packages');
