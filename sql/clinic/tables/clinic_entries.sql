-- A superadmin belongs to no clinic: they enter one, with a reason and for a time, and it is on record
-- where the clinic's administrators read it.
create table clinic.clinic_entries (
  id uuid primary key default gen_random_uuid(),
  clinic_id uuid not null references clinic.clinics (id),
  user_id uuid not null,
  user_name text not null,
  reason text not null check (length(btrim(reason)) between 10 and 1000),
  entered_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '1 hour',
  check (expires_at > entered_at and expires_at <= entered_at + interval '4 hours')
);
comment on table clinic.clinic_entries is 'Superadmins who entered the clinic: who, why, until when.';
create index clinic_entries_user on clinic.clinic_entries (user_id, expires_at);
create index clinic_entries_recent on clinic.clinic_entries (clinic_id, entered_at, id);

alter table clinic.clinic_entries enable row level security;
alter table clinic.clinic_entries force row level security;
create policy tenant_isolation on clinic.clinic_entries as restrictive to public
  using (clinic_id = (select app.current_clinic_id()) or current_user = 'clinic_authenticator')
  with check (clinic_id = (select app.current_clinic_id()) or current_user = 'clinic_authenticator');
comment on policy tenant_isolation on clinic.clinic_entries is 'An entry is its clinic''s; the login functions see all.';
create policy owner_all on clinic.clinic_entries to clinic_owner using (true) with check (true);
comment on policy owner_all on clinic.clinic_entries is 'The owner sees all of the clinic whose context it is in.';
create policy login on clinic.clinic_entries to clinic_authenticator using (true) with check (true);
comment on policy login on clinic.clinic_entries is 'app.enter_clinic, and the clinics that are open to a superadmin.';
create policy definer on clinic.clinic_entries for select to clinic_definer using (true);
comment on policy definer on clinic.clinic_entries is 'The names of those who were here.';
create policy read on clinic.clinic_entries for select to clinic_admin, clinic_superadmin
  using (true);
comment on policy read on clinic.clinic_entries is 'Administrators see who came in, and why.';
grant select on clinic.clinic_entries to clinic_admin, clinic_superadmin;
grant select (id, clinic_id, user_id, reason, entered_at, expires_at),
  insert (clinic_id, user_id, user_name, reason) on clinic.clinic_entries to clinic_authenticator;
grant select (clinic_id, user_id, user_name, entered_at) on clinic.clinic_entries to clinic_definer;

-- undo
drop table clinic.clinic_entries;
