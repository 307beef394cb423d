-- Payments: taken at the desk, refunded by administrators, seen by the patient.
comment on table clinic.payments is 'Money taken at the clinic, in its currency.';
call app.make_tenant_table('clinic.payments');
create policy read on clinic.payments for select to clinic_staff, clinic_admin, clinic_superadmin
  using (deleted_at is null);
comment on policy read on clinic.payments is 'The desk and administrators.';
create policy read_own on clinic.payments for select to clinic_patient
  using (deleted_at is null and patient_id = any (array(select app.own_patient_ids())));
comment on policy read_own on clinic.payments is 'A patient sees their own.';
create policy add on clinic.payments for insert to clinic_staff, clinic_admin, clinic_superadmin
  with check (deleted_at is null and not is_refunded and refunded_amount is null);
comment on policy add on clinic.payments is 'A payment starts unrefunded.';
create policy change on clinic.payments for update to clinic_staff, clinic_admin, clinic_superadmin
  using (deleted_at is null)
  with check (deleted_at is null);
comment on policy change on clinic.payments is 'The desk completes a payment; the refund columns are granted to administrators only.';

grant select on clinic.payments to clinic_patient, clinic_staff, clinic_admin, clinic_superadmin;
grant insert on clinic.payments to clinic_staff, clinic_admin, clinic_superadmin;
grant update (payment_method, paid_amount, change_amount, status, transaction_reference,
  payment_gateway, payment_intent_id, receipt_url, receipt_sent_at, notes) on clinic.payments to clinic_staff, clinic_admin, clinic_superadmin;
grant update (is_refunded, refunded_amount, refund_reason, refunded_at, refunded_by) on clinic.payments to clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.payments');
