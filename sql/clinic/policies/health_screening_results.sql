-- Screening results: clinical, so not for reception.
comment on table clinic.health_screening_results is 'The results of a screening of one patient.';
call app.make_tenant_table('clinic.health_screening_results');
create policy read_treated on clinic.health_screening_results for select to clinic_doctor
  using (deleted_at is null and (patient_id = any (array(select app.treated_patient_ids()))
    or patient_id = any (array(select app.opened_patient_ids()))));
comment on policy read_treated on clinic.health_screening_results is 'Doctors, of patients they treat, and after breaking the glass.';
create policy read on clinic.health_screening_results for select to clinic_nurse, clinic_admin, clinic_superadmin
  using (deleted_at is null);
comment on policy read on clinic.health_screening_results is 'Nurses and administrators.';
create policy read_own on clinic.health_screening_results for select to clinic_patient
  using (deleted_at is null and patient_id = any (array(select app.own_patient_ids())));
comment on policy read_own on clinic.health_screening_results is 'A patient sees their own.';
create policy add on clinic.health_screening_results for insert to clinic_doctor
  with check (deleted_at is null and patient_id = any (array(select app.treated_patient_ids())));
comment on policy add on clinic.health_screening_results is 'Doctors, for patients they treat.';
create policy change on clinic.health_screening_results for update to clinic_doctor
  using (deleted_at is null and patient_id = any (array(select app.treated_patient_ids())))
  with check (deleted_at is null and patient_id = any (array(select app.treated_patient_ids())));
comment on policy change on clinic.health_screening_results is 'Doctors, for patients they treat.';

grant select on clinic.health_screening_results to clinic_patient, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;
grant insert on clinic.health_screening_results to clinic_doctor;
grant update (report_date, doctor_notes, results, package_id) on clinic.health_screening_results to clinic_doctor;

-- undo
call app.unmake_tenant_table('clinic.health_screening_results');
