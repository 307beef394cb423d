-- Each clinic's keys. What lasts is wrapped by a master key that the database never gets. Working
-- copies lie in an unlogged table: in no log of changes, on no replica, in no base backup, empty
-- after a crash. One role reads them, and it has functions but no login.
create table app.clinic_keys (
  id uuid primary key default gen_random_uuid(),
  clinic_id uuid not null references clinic.clinics (id),
  purpose text not null check (purpose in ('data', 'index')),
  version int not null check (version > 0),
  state text not null default 'active' check (state in ('active', 'old', 'retired', 'destroyed')),
  wrapped bytea,
  wrapped_by text,
  fingerprint bytea not null check (octet_length(fingerprint) = 32),
  created_at timestamptz not null default now(),
  constraint clinic_keys_version unique (clinic_id, purpose, version),
  constraint clinic_keys_wrapped check (
    (state in ('active', 'old')) = (wrapped is not null and wrapped_by is not null))
);
create unique index clinic_keys_active on app.clinic_keys (clinic_id, purpose) where state = 'active';
comment on table app.clinic_keys is 'Keys of each clinic by purpose and version, wrapped by a master key that is not in the database.';
call app.make_tenant_table('app.clinic_keys');
create policy keeper on app.clinic_keys to clinic_keeper using (true) with check (true);
comment on policy keeper on app.clinic_keys is 'The functions on keys, inside the clinic.';
grant select, insert, update on app.clinic_keys to clinic_keeper;

create unlogged table app.unlocked_keys (
  key_id uuid primary key,
  cipher_key bytea not null check (octet_length(cipher_key) = 32),
  mac_key bytea not null check (octet_length(mac_key) = 32)
);
comment on table app.unlocked_keys is 'Working copies of keys, brought by the site or its worker; lost in a crash and brought again.';
-- ANALYZE would copy them into pg_statistic, which is logged, replicated and backed up.
alter table app.unlocked_keys alter cipher_key set statistics 0, alter mac_key set statistics 0;
alter table app.unlocked_keys enable row level security;
alter table app.unlocked_keys force row level security;
create policy keeper on app.unlocked_keys to clinic_keeper
  using (current_user = 'clinic_keeper') with check (current_user = 'clinic_keeper');
comment on policy keeper on app.unlocked_keys is 'The functions on keys; not the owner of the table, although a member of the role.';
grant select, insert, update, delete on app.unlocked_keys to clinic_keeper;

create unlogged table app.key_transports (
  id uuid primary key default gen_random_uuid(),
  one_time_key bytea not null check (octet_length(one_time_key) = 32)
);
comment on table app.key_transports is 'Keys for one journey of a key to the database; made and used up in one transaction.';
alter table app.key_transports alter one_time_key set statistics 0;
alter table app.key_transports enable row level security;
alter table app.key_transports force row level security;
create policy keeper on app.key_transports to clinic_keeper
  using (current_user = 'clinic_keeper') with check (current_user = 'clinic_keeper');
comment on policy keeper on app.key_transports is 'The functions on keys; not the owner of the table, although a member of the role.';
grant select, insert, delete on app.key_transports to clinic_keeper;

grant usage on schema app, clinic, audit to clinic_keeper;
grant execute on function app.context_claims(), app.current_clinic_id(), app.current_user_id(),
  app.current_role(), app.require_clinic_id() to clinic_keeper;

-- undo
revoke execute on function app.context_claims(), app.current_clinic_id(), app.current_user_id(),
  app.current_role(), app.require_clinic_id() from clinic_keeper;
revoke usage on schema app, clinic, audit from clinic_keeper;
drop table app.key_transports;
drop table app.unlocked_keys;
drop table app.clinic_keys;
