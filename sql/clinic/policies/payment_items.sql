-- The lines of a payment; they are not changed once written.
comment on table clinic.payment_items is 'One line of a payment.';
call app.make_tenant_table('clinic.payment_items');
create policy read on clinic.payment_items for select to clinic_patient, clinic_staff, clinic_admin, clinic_superadmin
  using (exists (select from clinic.payments p where p.clinic_id = payment_items.clinic_id
    and p.id = payment_id));
comment on policy read on clinic.payment_items is 'Whoever sees the payment.';
create policy add on clinic.payment_items for insert to clinic_staff, clinic_admin, clinic_superadmin
  with check (exists (select from clinic.payments p where p.clinic_id = payment_items.clinic_id
    and p.id = payment_id));
comment on policy add on clinic.payment_items is 'The desk.';

grant select on clinic.payment_items to clinic_patient, clinic_staff, clinic_admin, clinic_superadmin;
grant insert on clinic.payment_items to clinic_staff, clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.payment_items');
