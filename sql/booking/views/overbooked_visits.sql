-- How often, and why, doctors see two at once. An invoker's view: the reader's policies apply.
create view clinic.overbooked_visits with (security_invoker = true) as
select a.clinic_id, a.doctor_id, a.appointment_date as day,
  split_part(a.overbooked_reason, ':', 1) as reason_code,
  count(*) as booked,
  count(*) filter (where a.status not in ('cancelled', 'rescheduled')) as kept,
  count(*) filter (where a.status = 'no_show') as missed
from clinic.appointments a
where a.overbooked_reason <> '' and a.deleted_at is null
group by a.clinic_id, a.doctor_id, a.appointment_date, split_part(a.overbooked_reason, ':', 1);
comment on view clinic.overbooked_visits is 'Overbooked visits by doctor, day and reason: booked, kept (not cancelled), missed. One that was moved to a free time is overbooked no more.';
grant select on clinic.overbooked_visits to clinic_staff, clinic_nurse, clinic_doctor, clinic_admin,
  clinic_superadmin;

-- undo
drop view clinic.overbooked_visits;
