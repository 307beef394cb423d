-- The last number given of each kind in each clinic. Counting rows would race and repeat.
create table clinic.number_counters (
  clinic_id uuid not null references clinic.clinics (id),
  kind text not null check (kind ~ '^[a-z_]{1,32}$'),
  last_value bigint not null check (last_value > 0),
  primary key (clinic_id, kind)
);
comment on table clinic.number_counters is 'Counters of human numbers per clinic and kind; bumped by clinic.next_number.';
call app.make_tenant_table('clinic.number_counters');
create policy definer on clinic.number_counters to clinic_definer using (true) with check (true);
comment on policy definer on clinic.number_counters is 'clinic.next_number.';
grant select, insert, update on clinic.number_counters to clinic_definer;

-- undo
drop table clinic.number_counters;
