-- Imaging results: ordered and reviewed by doctors.
comment on table clinic.imaging_results is 'An imaging study and its report.';
call app.make_tenant_table('clinic.imaging_results');
create policy read_treated on clinic.imaging_results for select to clinic_doctor
  using (deleted_at is null and (doctor_id = any (array(select app.own_doctor_ids()))
    or (patient_id = any (array(select app.treated_patient_ids()))
      and (medical_record_id is null or exists (select from clinic.medical_records r
      where r.clinic_id = imaging_results.clinic_id and r.id = medical_record_id)))
    or patient_id = any (array(select app.opened_patient_ids()))));
comment on policy read_treated on clinic.imaging_results is 'Doctors: what they wrote, of patients they treat, and after breaking the glass.';
create policy read_nurse on clinic.imaging_results for select to clinic_nurse
  using (deleted_at is null and (medical_record_id is null or exists (select from clinic.medical_records r
      where r.clinic_id = imaging_results.clinic_id and r.id = medical_record_id)));
comment on policy read_nurse on clinic.imaging_results is 'Nurses, where they may see the record it belongs to.';
create policy read_admin on clinic.imaging_results for select to clinic_admin, clinic_superadmin
  using (deleted_at is null and (medical_record_id is null or exists (select from clinic.medical_records r
      where r.clinic_id = imaging_results.clinic_id and r.id = medical_record_id)));
comment on policy read_admin on clinic.imaging_results is 'Administrators, where they may see the record it belongs to; each read is on record.';
create policy read_own on clinic.imaging_results for select to clinic_patient
  using (deleted_at is null and patient_id = any (array(select app.own_patient_ids()))
    and (medical_record_id is null or exists (select from clinic.medical_records r
      where r.clinic_id = imaging_results.clinic_id and r.id = medical_record_id)));
comment on policy read_own on clinic.imaging_results is 'A patient sees their own, unless its record is restricted.';
create policy add on clinic.imaging_results for insert to clinic_doctor
  with check (deleted_at is null and doctor_id = any (array(select app.own_doctor_ids()))
    and patient_id = any (array(select app.treated_patient_ids())));
comment on policy add on clinic.imaging_results is 'A doctor writes in their own name, for patients they treat.';
create policy change on clinic.imaging_results for update to clinic_doctor
  using (deleted_at is null and doctor_id = any (array(select app.own_doctor_ids())))
  with check (deleted_at is null and doctor_id = any (array(select app.own_doctor_ids())));
comment on policy change on clinic.imaging_results is 'A doctor corrects what they wrote.';

grant select on clinic.imaging_results to clinic_patient, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;
grant insert on clinic.imaging_results to clinic_doctor;
grant update (imaging_type, body_part, imaging_date, imaging_center, reference_number, findings, impression,
  recommendations, radiologist_name, radiologist_comments, report_date, status, reviewed_by,
  reviewed_at, images_url, report_url) on clinic.imaging_results to clinic_doctor;

-- undo
call app.unmake_tenant_table('clinic.imaging_results');
