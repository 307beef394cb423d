-- Appointment numbers: bumped by generate_appointment_number, read by nobody (numbers tell volume).
call app.make_tenant_table('clinic.appointment_counters');
comment on table clinic.appointment_counters is 'The last appointment number given in a clinic on one of its days.';
create policy book on clinic.appointment_counters to clinic_booker using (true) with check (true);
comment on policy book on clinic.appointment_counters is 'clinic.generate_appointment_number.';
grant select, insert, update on clinic.appointment_counters to clinic_booker;

-- undo
call app.unmake_tenant_table('clinic.appointment_counters');
