-- What lies ahead, by each clinic's own calendar. An invoker's view: the reader's policies apply.
create view clinic.upcoming_appointments with (security_invoker = true) as
select a.id as appointment_id, a.appointment_number, a.appointment_date, a.appointment_time,
  a.starts_at, a.ends_at, a.status, a.appointment_type, a.patient_id, p.full_name as patient_name,
  a.doctor_id, d.full_name as doctor_name, a.clinic_id, c.name as clinic_name, c.branch_name
from clinic.appointments a
join clinic.clinics c on c.id = a.clinic_id
join clinic.patients p on p.clinic_id = a.clinic_id and p.id = a.patient_id
left join clinic.doctors d on d.clinic_id = a.clinic_id and d.id = a.doctor_id
where a.deleted_at is null and a.status in ('scheduled', 'confirmed', 'in_progress')
  and a.starts_at >= date_trunc('day', now(), c.time_zone);
comment on view clinic.upcoming_appointments is 'Appointments from the clinic''s today on that are still to happen.';
grant select on clinic.upcoming_appointments to clinic_patient, clinic_staff, clinic_nurse,
  clinic_doctor, clinic_admin, clinic_superadmin;

-- undo
drop view clinic.upcoming_appointments;
