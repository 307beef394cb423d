-- Vaccinations: given by doctors and nurses, in their own name.
comment on table clinic.vaccination_records is 'A vaccination that was given.';
call app.make_tenant_table('clinic.vaccination_records');
create policy read_treated on clinic.vaccination_records for select to clinic_doctor
  using (deleted_at is null and (administered_by = (select app.current_user_id())
    or (patient_id = any (array(select app.treated_patient_ids())))
    or patient_id = any (array(select app.opened_patient_ids()))));
comment on policy read_treated on clinic.vaccination_records is 'Doctors: what they wrote, of patients they treat, and after breaking the glass.';
create policy read_nurse on clinic.vaccination_records for select to clinic_nurse
  using (deleted_at is null);
comment on policy read_nurse on clinic.vaccination_records is 'Nurses of the clinic.';
create policy read_admin on clinic.vaccination_records for select to clinic_admin, clinic_superadmin
  using (deleted_at is null);
comment on policy read_admin on clinic.vaccination_records is 'Administrators; each read is on record.';
create policy read_own on clinic.vaccination_records for select to clinic_patient
  using (deleted_at is null and patient_id = any (array(select app.own_patient_ids())));
comment on policy read_own on clinic.vaccination_records is 'A patient sees their own.';
create policy add on clinic.vaccination_records for insert to clinic_doctor
  with check (deleted_at is null and administered_by = (select app.current_user_id())
    and patient_id = any (array(select app.treated_patient_ids())));
comment on policy add on clinic.vaccination_records is 'A doctor writes in their own name, for patients they treat.';
create policy change on clinic.vaccination_records for update to clinic_doctor
  using (deleted_at is null and administered_by = (select app.current_user_id()))
  with check (deleted_at is null and administered_by = (select app.current_user_id()));
comment on policy change on clinic.vaccination_records is 'A doctor corrects what they wrote.';
create policy add_nurse on clinic.vaccination_records for insert to clinic_nurse
  with check (deleted_at is null and administered_by = (select app.current_user_id()));
comment on policy add_nurse on clinic.vaccination_records is 'Nurses add vitals and vaccinations.';

grant select on clinic.vaccination_records to clinic_patient, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;
grant insert on clinic.vaccination_records to clinic_doctor;
grant update (vaccine_name, vaccine_brand, vaccine_type, lot_number, expiry_date, dose_number, dose_amount,
  route_of_administration, injection_site, administered_date, next_dose_due_date,
  series_complete, side_effects_reported, side_effects_details, certificate_number,
  certificate_url) on clinic.vaccination_records to clinic_doctor;
grant insert on clinic.vaccination_records to clinic_nurse;

-- undo
call app.unmake_tenant_table('clinic.vaccination_records');
