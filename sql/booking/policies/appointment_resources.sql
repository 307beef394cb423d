-- Which rooms and equipment a visit has. Rows are there while they are kept for it: the booking
-- functions delete them when the time is let go, and the trail keeps what was.
call app.make_tenant_table('clinic.appointment_resources');
comment on table clinic.appointment_resources is 'A room or a piece of equipment, kept for a visit with its buffers.';
create policy read on clinic.appointment_resources for select to
  clinic_staff, clinic_nurse, clinic_admin, clinic_superadmin using (true);
comment on policy read on clinic.appointment_resources is 'The desk, nurses and administrators.';
create policy read_visible on clinic.appointment_resources for select to clinic_doctor
  using (exists (
    select from clinic.appointments a
    where a.clinic_id = appointment_resources.clinic_id and a.id = appointment_id));
comment on policy read_visible on clinic.appointment_resources is 'Doctors: of the appointments that they see.';
create policy book on clinic.appointment_resources to clinic_booker using (true) with check (true);
comment on policy book on clinic.appointment_resources is 'The booking functions.';

grant select on clinic.appointment_resources to clinic_staff, clinic_nurse, clinic_doctor,
  clinic_admin, clinic_superadmin;
grant select, insert, delete on clinic.appointment_resources to clinic_booker;

-- What the booking functions write elsewhere for a service.
grant update (covered_by) on clinic.appointment_slots to clinic_booker;
grant select (covered_by) on clinic.appointment_slots to clinic_nurse, clinic_doctor;
grant update (practitioner_id, busy_from, busy_to) on clinic.appointments to clinic_booker;
grant select (service_id) on clinic.appointments to clinic_patient;

-- undo
revoke select (service_id) on clinic.appointments from clinic_patient;
revoke update (practitioner_id, busy_from, busy_to) on clinic.appointments from clinic_booker;
revoke select (covered_by) on clinic.appointment_slots from clinic_nurse, clinic_doctor;
revoke update (covered_by) on clinic.appointment_slots from clinic_booker;
call app.unmake_tenant_table('clinic.appointment_resources');
