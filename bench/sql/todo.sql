-- Free slots to be booked, in an order that spreads over clinics (n) or stays in one (hot).
set session_replication_role = replica;
create table bench.todo as
select row_number() over (order by n, day, d, c) as n, c,
  md5('todo' || c || '-' || d || '-' || day || '-' || n)::uuid as slot_id,
  md5('clinic' || c)::uuid as clinic_id, md5('user' || c)::uuid as user_id,
  md5('doctor' || c || '-' || d)::uuid as doctor_id,
  md5('patient' || c || '-' || 1 + (d * 400 + day * 32 + n) % 2000)::uuid as patient_id,
  (current_date + 300 + day) + time '08:00' + n * interval '15 minutes' as wall
from generate_series(1, {clinics}) c, generate_series(1, 5) d, generate_series(1, {todo_days}) day,
  generate_series(0, 31) n;
-- One clinic gets many doctors, so that the storm on it has slots enough.
insert into clinic.doctors (id, clinic_id, full_name, employee_id, medical_registration_number,
  license_expiry)
select md5('hot' || d)::uuid, md5('clinic1')::uuid, 'Dr hot ' || d, 'H' || d, 'H' || d, '2099-12-31'
from generate_series(1, 100) d;
create table bench.hot as
select row_number() over (order by day, n, d) as n, 1 as c,
  md5('hot' || d || '-' || day || '-' || n)::uuid as slot_id,
  md5('clinic1')::uuid as clinic_id, md5('user1')::uuid as user_id, md5('hot' || d)::uuid as doctor_id,
  md5('patient1-' || 1 + (d * 20 + n) % 2000)::uuid as patient_id,
  (current_date + 600 + day) + time '08:00' + n * interval '15 minutes' as wall
from generate_series(1, 100) d, generate_series(1, 96) day, generate_series(0, 31) n;
-- A storm in it and a clinic that goes on quietly beside it.
create table bench.storm as
select row_number() over (order by day, n, d) as n, 1 as c,
  md5('storm' || d || '-' || day || '-' || n)::uuid as slot_id, md5('clinic1')::uuid as clinic_id,
  md5('user1')::uuid as user_id, md5('hot' || d)::uuid as doctor_id,
  md5('patient1-' || 1 + (d * 20 + n) % 2000)::uuid as patient_id,
  (current_date + 500 + day) + time '08:00' + n * interval '15 minutes' as wall
from generate_series(1, 100) d, generate_series(1, 10) day, generate_series(0, 31) n;
create table bench.calm as
select row_number() over (order by day, n, d) as n, 2 as c,
  md5('calm' || d || '-' || day || '-' || n)::uuid as slot_id,
  md5('clinic2')::uuid as clinic_id, md5('user2')::uuid as user_id,
  md5('doctor2-' || d)::uuid as doctor_id,
  md5('patient2-' || 1 + (d * 32 + n) % 2000)::uuid as patient_id,
  (current_date + 600 + day) + time '08:00' + n * interval '15 minutes' as wall
from generate_series(1, 5) d, generate_series(1, 10) day, generate_series(0, 31) n;
insert into clinic.appointment_slots (id, clinic_id, doctor_id, slot_date, slot_time, starts_at, ends_at)
select slot_id, clinic_id, doctor_id, wall::date, wall::time, wall at time zone 'Asia/Singapore',
  wall at time zone 'Asia/Singapore' + interval '15 minutes'
from (table bench.todo union all table bench.hot union all table bench.storm
  union all table bench.calm) all_of_them;
alter table bench.todo add primary key (n);
alter table bench.hot add primary key (n);
alter table bench.storm add primary key (n);
alter table bench.calm add primary key (n);
alter table clinic.patients enable always trigger audit_insert;
alter table clinic.appointments enable always trigger audit_insert;
alter table clinic.appointment_slots enable always trigger audit_insert;
set session_replication_role = origin;

-- The bare function: claim and insert on tables with the indexes that the pages need, and nothing
-- else: no row-level security, no audit, no foreign keys, no exclusion, no idempotency, no number.
create table bench.slots (like clinic.appointment_slots including defaults);
insert into bench.slots
select * from clinic.appointment_slots where id in (select slot_id from bench.todo union all
                                                    select slot_id from bench.hot);
alter table bench.slots add primary key (id);
create index on bench.slots (doctor_id, starts_at);
create index on bench.slots (clinic_id, starts_at);
create table bench.appointments (like clinic.appointments including defaults);
insert into bench.appointments select * from clinic.appointments;
alter table bench.appointments add primary key (id);
create index on bench.appointments (clinic_id, starts_at);
create index on bench.appointments (clinic_id, patient_id, starts_at);
create index on bench.appointments (clinic_id, doctor_id, starts_at);

create function bench.book(p_slot_id uuid, p_patient_id uuid, p_user_id uuid) returns uuid
language plpgsql as $$
declare
  v_slot bench.slots;
  v_id uuid := gen_random_uuid();
begin
  update bench.slots set is_available = false, appointment_id = v_id
  where id = p_slot_id and is_available returning * into v_slot;
  if not found then
    return null;
  end if;
  insert into bench.appointments (id, clinic_id, patient_id, doctor_id, slot_id, appointment_number,
    appointment_date, appointment_time, duration_minutes, starts_at, ends_at, booked_by)
  values (v_id, v_slot.clinic_id, p_patient_id, v_slot.doctor_id, p_slot_id, '', v_slot.slot_date,
    v_slot.slot_time, v_slot.duration_minutes, v_slot.starts_at, v_slot.ends_at, p_user_id);
  return v_id;
end
$$;

create table bench.contexts (c int primary key, context text not null);
grant usage on schema bench to clinic_app, clinic_staff;
grant select on bench.todo, bench.hot, bench.storm, bench.calm, bench.contexts to clinic_app, clinic_staff;
grant select, insert, update on bench.slots, bench.appointments to clinic_app;
grant execute on function bench.book(uuid, uuid, uuid) to clinic_app;
vacuum analyze;
