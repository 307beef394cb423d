-- Foreign keys inside a clinic name the clinic too: a key alone would accept another clinic's row.
alter table clinic.resources
  add constraint resources_pool_fk foreign key (clinic_id, pool_id)
    references clinic.resource_pools (clinic_id, id);
alter table clinic.service_doctors
  add constraint service_doctors_service_fk foreign key (clinic_id, service_id)
    references clinic.services (clinic_id, id),
  add constraint service_doctors_doctor_fk foreign key (clinic_id, doctor_id)
    references clinic.doctors (clinic_id, id);
alter table clinic.service_needs
  add constraint service_needs_service_fk foreign key (clinic_id, service_id)
    references clinic.services (clinic_id, id),
  add constraint service_needs_resource_fk foreign key (clinic_id, resource_id)
    references clinic.resources (clinic_id, id),
  add constraint service_needs_pool_fk foreign key (clinic_id, pool_id)
    references clinic.resource_pools (clinic_id, id);
alter table clinic.appointment_resources
  add constraint appointment_resources_appointment_fk foreign key (clinic_id, appointment_id)
    references clinic.appointments (clinic_id, id),
  add constraint appointment_resources_resource_fk foreign key (clinic_id, resource_id)
    references clinic.resources (clinic_id, id),
  add constraint appointment_resources_times check (busy_from < busy_to);
alter table clinic.appointment_slots
  add constraint appointment_slots_covered_by_fk foreign key (clinic_id, covered_by)
    references clinic.appointments (clinic_id, id);
-- The practitioner is the doctor's: what keeps a person's time free everywhere must not depend on who
-- wrote the row. When a login is linked to the doctor, booking.follow_practitioner goes along; ON UPDATE
-- CASCADE would, too, but its error tells the times of the visit that stands against it.
alter table clinic.appointments
  drop constraint appointments_doctor_fk,
  add constraint appointments_doctor_fk foreign key (clinic_id, doctor_id, practitioner_id)
    references clinic.doctors (clinic_id, id, practitioner_id),
  add constraint appointments_practitioner check (
    (doctor_id is null) = (practitioner_id is null)),
  add constraint appointments_service_fk foreign key (clinic_id, service_id)
    references clinic.services (clinic_id, id);

-- undo
alter table clinic.appointments
  drop constraint appointments_service_fk,
  drop constraint appointments_practitioner,
  drop constraint appointments_doctor_fk,
  add constraint appointments_doctor_fk foreign key (clinic_id, doctor_id)
    references clinic.doctors (clinic_id, id);
alter table clinic.appointment_slots drop constraint appointment_slots_covered_by_fk;
alter table clinic.appointment_resources
  drop constraint appointment_resources_times,
  drop constraint appointment_resources_resource_fk,
  drop constraint appointment_resources_appointment_fk;
alter table clinic.service_needs
  drop constraint service_needs_pool_fk,
  drop constraint service_needs_resource_fk,
  drop constraint service_needs_service_fk;
alter table clinic.service_doctors
  drop constraint service_doctors_doctor_fk,
  drop constraint service_doctors_service_fk;
alter table clinic.resources drop constraint resources_pool_fk;
