-- Why the desk went over a doctor's daily limit: written by permit_over_limit, changed by nobody else.
call app.make_tenant_table('clinic.limit_permits');
comment on table clinic.limit_permits is 'Who let a patient have a slot beyond the doctor''s visits of a day, and why.';
create policy read on clinic.limit_permits for select to
  clinic_staff, clinic_nurse, clinic_doctor, clinic_admin, clinic_superadmin using (true);
comment on policy read on clinic.limit_permits is 'Everyone who works in the clinic.';
create policy book on clinic.limit_permits to clinic_booker using (true) with check (true);
comment on policy book on clinic.limit_permits is 'The booking functions.';
grant select on clinic.limit_permits to clinic_staff, clinic_nurse, clinic_doctor, clinic_admin,
  clinic_superadmin;
grant select, insert on clinic.limit_permits to clinic_booker;
grant update (reason, permitted_by, created_at) on clinic.limit_permits to clinic_booker;

alter table clinic.limit_permits
  add constraint limit_permits_slot_fk foreign key (clinic_id, slot_id)
    references clinic.appointment_slots (clinic_id, id),
  add constraint limit_permits_patient_fk foreign key (clinic_id, patient_id)
    references clinic.patients (clinic_id, id);

-- undo
alter table clinic.limit_permits
  drop constraint limit_permits_patient_fk, drop constraint limit_permits_slot_fk;
call app.unmake_tenant_table('clinic.limit_permits');
