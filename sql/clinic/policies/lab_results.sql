-- Laboratory results: ordered and reviewed by doctors.
comment on table clinic.lab_results is 'A laboratorys order and its results.';
call app.make_tenant_table('clinic.lab_results');
create policy read_treated on clinic.lab_results for select to clinic_doctor
  using (deleted_at is null and (doctor_id = any (array(select app.own_doctor_ids()))
    or (patient_id = any (array(select app.treated_patient_ids()))
      and (medical_record_id is null or exists (select from clinic.medical_records r
      where r.clinic_id = lab_results.clinic_id and r.id = medical_record_id)))
    or patient_id = any (array(select app.opened_patient_ids()))));
comment on policy read_treated on clinic.lab_results is 'Doctors: what they wrote, of patients they treat, and after breaking the glass.';
create policy read_nurse on clinic.lab_results for select to clinic_nurse
  using (deleted_at is null and (medical_record_id is null or exists (select from clinic.medical_records r
      where r.clinic_id = lab_results.clinic_id and r.id = medical_record_id)));
comment on policy read_nurse on clinic.lab_results is 'Nurses, where they may see the record it belongs to.';
create policy read_admin on clinic.lab_results for select to clinic_admin, clinic_superadmin
  using (deleted_at is null and (medical_record_id is null or exists (select from clinic.medical_records r
      where r.clinic_id = lab_results.clinic_id and r.id = medical_record_id)));
comment on policy read_admin on clinic.lab_results is 'Administrators, where they may see the record it belongs to; each read is on record.';
create policy read_own on clinic.lab_results for select to clinic_patient
  using (deleted_at is null and patient_id = any (array(select app.own_patient_ids()))
    and (medical_record_id is null or exists (select from clinic.medical_records r
      where r.clinic_id = lab_results.clinic_id and r.id = medical_record_id)));
comment on policy read_own on clinic.lab_results is 'A patient sees their own, unless its record is restricted.';
create policy add on clinic.lab_results for insert to clinic_doctor
  with check (deleted_at is null and doctor_id = any (array(select app.own_doctor_ids()))
    and patient_id = any (array(select app.treated_patient_ids())));
comment on policy add on clinic.lab_results is 'A doctor writes in their own name, for patients they treat.';
create policy change on clinic.lab_results for update to clinic_doctor
  using (deleted_at is null and doctor_id = any (array(select app.own_doctor_ids())))
  with check (deleted_at is null and doctor_id = any (array(select app.own_doctor_ids())));
comment on policy change on clinic.lab_results is 'A doctor corrects what they wrote.';

grant select on clinic.lab_results to clinic_patient, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;
grant insert on clinic.lab_results to clinic_doctor;
grant update (lab_name, lab_reference_number, test_date, report_date, test_category, tests_ordered, results,
  has_critical_values, critical_values, critical_values_acknowledged_by,
  critical_values_acknowledged_at, status, reviewed_by, reviewed_at, comments, report_url,
  attachments) on clinic.lab_results to clinic_doctor;

-- undo
call app.unmake_tenant_table('clinic.lab_results');
