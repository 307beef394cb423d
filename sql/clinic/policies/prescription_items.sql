-- Items are seen and written with their prescription: the sub-selects run under its policies.
comment on table clinic.prescription_items is 'One medication of a prescription.';
call app.make_tenant_table('clinic.prescription_items');
create policy read on clinic.prescription_items for select to clinic_patient, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin
  using (exists (select from clinic.prescriptions p where p.clinic_id = prescription_items.clinic_id
    and p.id = prescription_id));
comment on policy read on clinic.prescription_items is 'Whoever sees the prescription.';
create policy add on clinic.prescription_items for insert to clinic_doctor
  with check (exists (select from clinic.prescriptions p where p.clinic_id = prescription_items.clinic_id
    and p.id = prescription_id and p.doctor_id = any (array(select app.own_doctor_ids()))));
comment on policy add on clinic.prescription_items is 'The doctor of the prescription.';
create policy change on clinic.prescription_items for update to clinic_doctor
  using (exists (select from clinic.prescriptions p where p.clinic_id = prescription_items.clinic_id
    and p.id = prescription_id and p.doctor_id = any (array(select app.own_doctor_ids()))))
  with check (exists (select from clinic.prescriptions p where p.clinic_id = prescription_items.clinic_id
    and p.id = prescription_id and p.doctor_id = any (array(select app.own_doctor_ids()))));
comment on policy change on clinic.prescription_items is 'The doctor of the prescription.';

grant select on clinic.prescription_items to clinic_patient, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin;
grant insert on clinic.prescription_items to clinic_doctor;
grant update (medication_name, medication_code, generic_name, dosage, frequency, route, duration,
  quantity, unit, instructions, food_instructions, dispensed_quantity, unit_price, total_price,
  subsidy_amount, is_controlled_drug, is_antibiotic, requires_special_storage) on clinic.prescription_items to clinic_doctor;

-- undo
call app.unmake_tenant_table('clinic.prescription_items');
