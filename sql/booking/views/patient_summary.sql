-- One row a patient: who, when last, what is booked, what is owed. An invoker's view: whoever may not
-- read payments sees no sum. Each part is counted by itself, so that none multiplies another.
create view clinic.patient_summary with (security_invoker = true) as
select p.id as patient_id, p.user_id, u.email::text as email, p.phone, p.full_name, p.date_of_birth,
  p.gender, p.clinic_id, p.patient_number, p.last_visit_date, p.total_visits,
  (select count(*) from clinic.appointments a
   where a.clinic_id = p.clinic_id and a.patient_id = p.id and a.deleted_at is null
     and a.status in ('scheduled', 'confirmed') and a.starts_at > now()) as upcoming_appointments,
  (select coalesce(sum(y.outstanding_amount), 0) from clinic.payments y
   where y.clinic_id = p.clinic_id and y.patient_id = p.id and y.deleted_at is null
     and y.status in ('pending', 'processing', 'partial')) as outstanding_amount
from clinic.patients p
left join clinic.users u on u.id = p.user_id
where p.deleted_at is null;
comment on view clinic.patient_summary is 'Patients with their next appointments counted and their open balance.';
grant select on clinic.patient_summary to clinic_patient, clinic_staff, clinic_admin,
  clinic_superadmin;

-- undo
drop view clinic.patient_summary;
