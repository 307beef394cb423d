-- A clinic of 20 doctors whose next two months are as good as full. Run as an administrator.
-- Nearly every time of the first 60 days is taken, then half of them, for 120 days in all.
set session_replication_role = replica;
alter table clinic.appointments disable trigger audit_insert;
alter table clinic.appointment_slots disable trigger audit_insert;

insert into clinic.clinics (id, code, name, registration_number, address, postal_code, phone, email,
  time_zone, currency, country)
values (md5('find')::uuid, 'FIND', 'Bench find', 'R', 'A', '1', '+6560000000', 'a@example.test',
  'Asia/Singapore', 'SGD', 'SG');
insert into clinic.users (id, clinic_id, email, full_name, role)
values (md5('find user')::uuid, md5('find')::uuid, 'desk@find.example.test', 'Desk', 'staff');
insert into clinic.memberships (clinic_id, user_id, role)
values (md5('find')::uuid, md5('find user')::uuid, 'staff');
insert into clinic.doctors (id, clinic_id, full_name, employee_id, medical_registration_number,
  license_expiry, specializations)
select md5('find doctor' || d)::uuid, md5('find')::uuid, 'Dr ' || d, 'E' || d, 'M' || d, '2099-12-31',
  case when d % 5 = 0 then '["Dermatology"]' else '["General practice"]' end::jsonb
from generate_series(1, 20) d;
insert into clinic.patients (id, clinic_id, patient_number, full_name, phone, date_of_birth, gender,
  emergency_contact_phone)
select md5('find patient' || p)::uuid, md5('find')::uuid, 'P-' || p, 'Patient ' || p, '', '1980-01-01',
  'female', ''
from generate_series(1, 5000) p;
insert into clinic.doctor_leave (clinic_id, doctor_id, starts_at, ends_at)
select md5('find')::uuid, md5('find doctor' || d)::uuid, now() + d * interval '2 days',
  now() + d * interval '2 days' + interval '3 days'
from generate_series(1, 20) d;

insert into clinic.services (id, clinic_id, name, code, duration_minutes)
values (md5('find service')::uuid, md5('find')::uuid, 'Ultrasound scan', 'scan', 30);
insert into clinic.service_doctors (clinic_id, service_id, doctor_id)
select md5('find')::uuid, md5('find service')::uuid, md5('find doctor' || d)::uuid
from generate_series(1, 20) d;
insert into clinic.resource_pools (id, clinic_id, name)
values (md5('find pool')::uuid, md5('find')::uuid, 'Room');
insert into clinic.resources (clinic_id, name, pool_id)
values (md5('find')::uuid, 'Room 1', md5('find pool')::uuid),
  (md5('find')::uuid, 'Room 2', md5('find pool')::uuid);
insert into clinic.service_needs (clinic_id, service_id, pool_id)
values (md5('find')::uuid, md5('find service')::uuid, md5('find pool')::uuid);

create table bench.find as
select md5('find slot' || d || '-' || day || '-' || n)::uuid as slot_id,
  md5('find doctor' || d)::uuid as doctor_id,
  md5('find patient' || 1 + (day * 20 * 32 + n * 20 + d) % 5000)::uuid as patient_id,
  (current_date + day) + time '08:00' + n * interval '15 minutes' as wall,
  case when hashint4(d * 100000 + day * 100 + n) % case when day <= 60 then 400 else 2 end <> 0
    then md5('find visit' || d || '-' || day || '-' || n)::uuid end as appointment_id
from generate_series(1, 20) d, generate_series(0, 119) day, generate_series(0, 31) n;
insert into clinic.appointments (id, clinic_id, patient_id, doctor_id, slot_id, appointment_number,
  appointment_date, appointment_time, starts_at, ends_at, status, booked_by,
  practitioner_id)
select appointment_id, md5('find')::uuid, patient_id, doctor_id, slot_id, 'FIND-' || slot_id, wall::date,
  wall::time, wall at time zone 'Asia/Singapore',
  wall at time zone 'Asia/Singapore' + interval '15 minutes', 'scheduled', md5('find user')::uuid,
  (select practitioner_id from clinic.doctors where id = doctor_id)
from bench.find where appointment_id is not null;
insert into clinic.appointment_slots (id, clinic_id, doctor_id, slot_date, slot_time, starts_at, ends_at,
  is_available, appointment_id)
select slot_id, md5('find')::uuid, doctor_id, wall::date, wall::time,
  wall at time zone 'Asia/Singapore', wall at time zone 'Asia/Singapore' + interval '15 minutes',
  appointment_id is null, appointment_id
from bench.find;
drop table bench.find;
alter table clinic.appointments enable always trigger audit_insert;
alter table clinic.appointment_slots enable always trigger audit_insert;
set session_replication_role = origin;
vacuum analyze;
