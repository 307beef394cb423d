-- A clinic is its own tenant. The authenticator names it on the chooser before anyone is inside.
alter table clinic.clinics enable row level security;
alter table clinic.clinics force row level security;
comment on table clinic.clinics is 'A clinic: the tenant. Its time zone decides what a day is, its currency what an amount is.';
create policy tenant_isolation on clinic.clinics as restrictive to public
  using (id = (select app.current_clinic_id()) or current_user = 'clinic_authenticator')
  with check (id = (select app.current_clinic_id()));
comment on policy tenant_isolation on clinic.clinics is 'A clinic sees itself; the chooser''s function sees all.';
create policy owner_all on clinic.clinics to clinic_owner using (true) with check (true);
comment on policy owner_all on clinic.clinics is 'The owner sees the clinic whose context it is in.';
create policy read on clinic.clinics for select to
  clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin,
  clinic_worker, clinic_booker, clinic_authenticator using (deleted_at is null);
comment on policy read on clinic.clinics is 'Everyone inside reads their clinic.';
create policy change on clinic.clinics for update to clinic_admin, clinic_superadmin
  using (deleted_at is null) with check (deleted_at is null);
comment on policy change on clinic.clinics is 'Administrators keep their clinic''s details; the grant leaves out what is not theirs.';

grant select on clinic.clinics to
  clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin,
  clinic_worker, clinic_booker;
grant select (id, code, name, branch_name, time_zone, currency, slot_step_minutes, is_active, deleted_at)
  on clinic.clinics to clinic_authenticator;
grant update (name, branch_name, registration_number, address, postal_code, phone, email, website,
              operating_hours, services, facilities, latitude, longitude, settings,
              slot_step_minutes)
  on clinic.clinics to clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.clinics');
