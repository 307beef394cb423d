-- Clinics whose patients are written by many at once, and one wide table of 10,000 rows. Run as an
-- administrator; {clinics} is put in by bench/audit.py.
create schema bench_audit;
set session_replication_role = replica;
insert into clinic.clinics (id, code, name, registration_number, address, postal_code, phone, email,
  time_zone, currency, country)
select md5('audit' || c)::uuid, 'AU' || c, 'Audit ' || c, 'R', 'A', '1', '+6560000000',
  'a@example.test', 'Asia/Singapore', 'SGD', 'SG'
from generate_series(1, {clinics}) c on conflict do nothing;
insert into clinic.patients (id, clinic_id, patient_number, full_name, date_of_birth, gender, phone,
  emergency_contact_phone)
select md5('audit' || c || '-' || p)::uuid, md5('audit' || c)::uuid, 'P-' || p, 'Patient ' || p,
  '1984-03-12', 'female', '', ''
from generate_series(1, {clinics}) c, generate_series(1, {clinics}) p on conflict do nothing;
set session_replication_role = origin;
create table bench_audit.contexts (c int primary key, context text not null);
grant usage on schema bench_audit to clinic_app;
grant select on bench_audit.contexts to clinic_app;
