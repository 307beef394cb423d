-- A clinic's days over the last year. Payments are added up before they meet appointments: a visit
-- paid in two parts is one visit.
create view clinic.daily_clinic_metrics with (security_invoker = true) as
select v.clinic_id, v.appointment_date as day, v.appointments, v.no_shows, v.completed,
  v.average_wait_minutes, v.late_arrivals, coalesce(y.revenue, 0) as revenue
from (
  select a.clinic_id, a.appointment_date, count(*) as appointments,
    count(*) filter (where a.status = 'no_show') as no_shows,
    count(*) filter (where a.status = 'completed') as completed,
    count(*) filter (where a.checked_in_at > a.starts_at) as late_arrivals,
    round(avg(extract(epoch from a.consultation_start_at - a.checked_in_at) / 60)
      filter (where a.consultation_start_at >= a.checked_in_at), 1) as average_wait_minutes
  from clinic.appointments a
  where a.deleted_at is null and a.status not in ('cancelled', 'rescheduled')
    and a.appointment_date > current_date - 366
  group by a.clinic_id, a.appointment_date
) v
left join (
  select p.clinic_id, p.payment_date, sum(p.paid_amount - p.change_amount - coalesce(p.refunded_amount, 0)) as revenue
  from clinic.payments p
  where p.deleted_at is null and p.status in ('completed', 'refunded')
  group by p.clinic_id, p.payment_date
) y on y.clinic_id = v.clinic_id and y.payment_date = v.appointment_date;
comment on view clinic.daily_clinic_metrics is 'Per clinic-local day: visits, missed, completed, average wait in minutes, patients who checked in after their time, money taken less refunds.';
grant select on clinic.daily_clinic_metrics to clinic_staff, clinic_admin, clinic_superadmin;

-- undo
drop view clinic.daily_clinic_metrics;
