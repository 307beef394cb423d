-- Claims: kept at the desk, seen by the patient; the policy number is encrypted.
comment on table clinic.insurance_claims is 'What is claimed from an insurer.';
call app.make_tenant_table('clinic.insurance_claims');
create policy read on clinic.insurance_claims for select to clinic_staff, clinic_admin, clinic_superadmin
  using (deleted_at is null);
comment on policy read on clinic.insurance_claims is 'The desk and administrators.';
create policy read_own on clinic.insurance_claims for select to clinic_patient
  using (deleted_at is null and patient_id = any (array(select app.own_patient_ids())));
comment on policy read_own on clinic.insurance_claims is 'A patient sees their own.';
create policy add on clinic.insurance_claims for insert to clinic_staff, clinic_admin, clinic_superadmin
  with check (deleted_at is null and policy_number_encrypted is null);
comment on policy add on clinic.insurance_claims is 'The desk; the policy number is set by a function.';
create policy change on clinic.insurance_claims for update to clinic_staff, clinic_admin, clinic_superadmin
  using (deleted_at is null)
  with check (deleted_at is null);
comment on policy change on clinic.insurance_claims is 'The desk.';

grant select (id, clinic_id, patient_id, payment_id, claim_number, insurance_provider, claim_type,
  claimed_amount, approved_amount, rejected_amount, copayment_amount, status, submitted_at,
  approved_at, rejected_at, rejection_reason, documents, created_at, updated_at, deleted_at) on clinic.insurance_claims to clinic_patient, clinic_staff, clinic_admin, clinic_superadmin;
grant insert on clinic.insurance_claims to clinic_staff, clinic_admin, clinic_superadmin;
grant update (insurance_provider, claim_type, claimed_amount, approved_amount, rejected_amount,
  copayment_amount, status, submitted_at, approved_at, rejected_at, rejection_reason, documents) on clinic.insurance_claims to clinic_staff, clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.insurance_claims');
