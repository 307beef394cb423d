-- Patients: the clinic's people read them, the desk keeps them, a patient sees and corrects their own.
call app.make_tenant_table('clinic.patients');
comment on table clinic.patients is 'A person who is treated in the clinic. Numbers of documents are kept encrypted.';
create policy read on clinic.patients for select to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin
  using (deleted_at is null);
comment on policy read on clinic.patients is 'Everyone who works in the clinic.';
create policy read_own on clinic.patients for select to clinic_patient
  using (user_id = (select app.current_user_id()) and deleted_at is null);
comment on policy read_own on clinic.patients is 'A patient sees their own row.';
create policy add on clinic.patients for insert to clinic_staff, clinic_admin, clinic_superadmin
  with check (user_id is null and deleted_at is null and nric_encrypted is null and nric_hash is null
    and passport_number_encrypted is null and chas_card_number_encrypted is null
    and insurance_policy_number_encrypted is null);
comment on policy add on clinic.patients is 'The desk registers; linking a login and encrypting a number are functions of their own.';
create policy change on clinic.patients for update to clinic_staff, clinic_admin, clinic_superadmin
  using (deleted_at is null) with check (deleted_at is null);
comment on policy change on clinic.patients is 'The desk keeps demographics; the grant says which columns.';
create policy change_own on clinic.patients for update to clinic_patient
  using (user_id = (select app.current_user_id()) and deleted_at is null)
  with check (user_id = (select app.current_user_id()) and deleted_at is null);
comment on policy change_own on clinic.patients is 'A patient keeps contact details and consents.';
create policy definer on clinic.patients for select to clinic_definer, clinic_booker using (true);
comment on policy definer on clinic.patients is 'Definer helpers, inside the clinic.';

grant select (id, clinic_id, user_id, patient_number, full_name, name_key, last_name_key, phone,
              date_of_birth, gender, nationality, race, marital_status, occupation, employer,
              address, postal_code, emergency_contact_name, emergency_contact_phone,
              emergency_contact_relationship, blood_type, allergies, chronic_conditions,
              current_medications, medical_history, family_medical_history, height_cm, weight_kg,
              bmi, chas_card_type, chas_card_expiry, insurance_provider, insurance_expiry,
              medisave_authorized, preferred_doctor_id, preferred_language, sms_consent,
              email_consent, whatsapp_consent, marketing_consent, data_sharing_consent,
              consent_updated_at, first_visit_date, last_visit_date, total_visits, no_show_count,
              is_active, created_at, updated_at, deleted_at)
  on clinic.patients to clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin,
  clinic_superadmin;
-- What the clinic's people note about a patient for each other.
grant select (tags, notes, risk_factors)
  on clinic.patients to clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;
grant insert on clinic.patients to clinic_staff, clinic_admin, clinic_superadmin;
grant update (full_name, phone, date_of_birth, gender, nationality, race, marital_status,
              occupation, employer, address, postal_code, emergency_contact_name,
              emergency_contact_phone, emergency_contact_relationship, chas_card_type,
              chas_card_expiry, insurance_provider, insurance_expiry, medisave_authorized,
              preferred_doctor_id, preferred_language, sms_consent, email_consent,
              whatsapp_consent, marketing_consent, data_sharing_consent, consent_updated_at,
              is_active, tags, notes)
  on clinic.patients to clinic_staff, clinic_admin, clinic_superadmin;
grant update (phone, address, postal_code, emergency_contact_name, emergency_contact_phone,
              emergency_contact_relationship, preferred_language, sms_consent, email_consent,
              whatsapp_consent, marketing_consent, data_sharing_consent)
  on clinic.patients to clinic_patient;
grant select (id, clinic_id, user_id, is_active, deleted_at) on clinic.patients to clinic_definer, clinic_booker;

-- undo
call app.unmake_tenant_table('clinic.patients');
