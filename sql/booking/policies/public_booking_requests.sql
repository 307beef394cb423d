-- Leads from the public page: worked through at the desk.
comment on table clinic.public_booking_requests is 'A lead from the public page; not a booking.';
call app.make_tenant_table('clinic.public_booking_requests');
create policy read on clinic.public_booking_requests for select to clinic_staff, clinic_admin, clinic_superadmin
  using (true);
comment on policy read on clinic.public_booking_requests is 'The desk.';
create policy change on clinic.public_booking_requests for update to clinic_staff, clinic_admin, clinic_superadmin
  using (true)
  with check (true);
comment on policy change on clinic.public_booking_requests is 'The desk.';

grant select on clinic.public_booking_requests to clinic_staff, clinic_admin, clinic_superadmin;
grant update (status, appointment_id) on clinic.public_booking_requests to clinic_staff, clinic_admin, clinic_superadmin;

-- undo
call app.unmake_tenant_table('clinic.public_booking_requests');
