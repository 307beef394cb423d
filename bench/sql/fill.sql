-- A busy group of clinics, made set by set with triggers off. Run as an administrator.
-- Variables are put in by bench/fill.py: clinics, days of history.
set session_replication_role = replica;
-- The audit triggers are always enabled: history that never happened needs no trail.
alter table clinic.patients disable trigger audit_insert;
alter table clinic.appointments disable trigger audit_insert;
alter table clinic.appointment_slots disable trigger audit_insert;

insert into clinic.clinics (id, code, name, registration_number, address, postal_code, phone, email,
  time_zone, currency, country)
select md5('clinic' || c)::uuid, 'B' || lpad(c::text, 3, '0'), 'Bench ' || c, 'R', 'A', '1',
  '+6560000000', 'a@example.test', 'Asia/Singapore', 'SGD', 'SG'
from generate_series(1, {clinics}) c;

insert into clinic.users (id, clinic_id, email, full_name, role)
select md5('user' || c)::uuid, md5('clinic' || c)::uuid, 'desk@' || c || '.example.test', 'Desk', 'staff'
from generate_series(1, {clinics}) c;
insert into clinic.memberships (clinic_id, user_id, role)
select clinic_id, id, 'staff' from clinic.users;

insert into clinic.doctors (id, clinic_id, full_name, employee_id, medical_registration_number,
  license_expiry)
select md5('doctor' || c || '-' || d)::uuid, md5('clinic' || c)::uuid, 'Dr ' || d, 'E' || d, 'M' || d,
  '2099-12-31'
from generate_series(1, {clinics}) c, generate_series(1, 5) d;

insert into clinic.patients (id, clinic_id, patient_number, full_name, phone, date_of_birth, gender,
  emergency_contact_phone)
select md5('patient' || c || '-' || p)::uuid, md5('clinic' || c)::uuid, 'P-' || p,
  (array['Grace','Elif','Oscar','Ruth','Hugo','Nadia','Femi','Ines','Wei','Priya'])[1 + p % 10] || ' '
    || (array['Adeyemi','Osei','Quinn','Tan','Lim','Petrov','Okafor','Berg','Rossi','Novak','Doyle'])[1 + p % 11],
  '+658' || lpad(((c * 2000 + p) % 10000000)::text, 7, '0'), date '1940-01-01' + (p * 13 % 29000),
  'female', ''
from generate_series(1, {clinics}) c, generate_series(1, 2000) p;

-- 25 visits of 15 minutes a doctor and day, half of the days behind us and half ahead.
create table bench.visits as
select md5('slot' || c || '-' || d || '-' || day || '-' || n)::uuid as slot_id,
  md5('visit' || c || '-' || d || '-' || day || '-' || n)::uuid as appointment_id,
  md5('clinic' || c)::uuid as clinic_id, md5('doctor' || c || '-' || d)::uuid as doctor_id,
  md5('patient' || c || '-' || 1 + (d * 400 + (day + 1000) * 25 + n) % 2000)::uuid as patient_id,
  'B' || c || '-' || d || '-' || day || '-' || n as number,
  (current_date + day) + time '09:00' + n * interval '15 minutes' as wall
from generate_series(1, {clinics}) c, generate_series(1, 5) d,
  generate_series(-{days} / 2, {days} - {days} / 2 - 1) day, generate_series(0, 24) n;

-- Exclusion constraints are made anew at the end, as they were: row by row they take hours.
create table bench.kept as
select conname, pg_get_constraintdef(oid) as made from pg_constraint
where conrelid = 'clinic.appointments'::regclass and contype = 'x';
do $do$
declare
  v_name name;
begin
  for v_name in select conname from bench.kept loop
    execute format('alter table clinic.appointments drop constraint %I', v_name);
  end loop;
end
$do$;
insert into clinic.appointments (id, clinic_id, patient_id, doctor_id, slot_id, appointment_number,
  appointment_date, appointment_time, starts_at, ends_at, status, booked_by, practitioner_id)
select appointment_id, clinic_id, patient_id, doctor_id, slot_id, number, wall::date, wall::time,
  wall at time zone 'Asia/Singapore', wall at time zone 'Asia/Singapore' + interval '15 minutes',
  case when wall < now() then 'completed' else 'scheduled' end::appointment_status,
  md5('user1')::uuid, doctor_id
from bench.visits;
do $do$
declare
  v_kept record;
begin
  for v_kept in select * from bench.kept loop
    execute format('alter table clinic.appointments add constraint %I %s', v_kept.conname, v_kept.made);
  end loop;
end
$do$;
drop table bench.kept;
insert into clinic.appointment_slots (id, clinic_id, doctor_id, slot_date, slot_time, starts_at,
  ends_at, is_available, appointment_id)
select slot_id, clinic_id, doctor_id, wall::date, wall::time, wall at time zone 'Asia/Singapore',
  wall at time zone 'Asia/Singapore' + interval '15 minutes', false, appointment_id
from bench.visits;
drop table bench.visits;

set session_replication_role = origin;
