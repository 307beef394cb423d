-- Secret addresses of calendars. The door finds the clinic of a token before there is a context; the
-- token itself is kept nowhere, its hash leaves through no grant.
comment on table clinic.calendar_feeds is 'A secret calendar address of one doctor or one patient; the token is kept as its hash.';
alter table clinic.calendar_feeds enable row level security;
alter table clinic.calendar_feeds force row level security;
create policy tenant_isolation on clinic.calendar_feeds as restrictive to public
  using (clinic_id = (select app.current_clinic_id()) or current_user = 'clinic_authenticator')
  with check (clinic_id = (select app.current_clinic_id()));
comment on policy tenant_isolation on clinic.calendar_feeds is 'A feed is its clinic''s; app.calendar_clinic finds any by its token.';
create policy owner_all on clinic.calendar_feeds to clinic_owner using (true) with check (true);
comment on policy owner_all on clinic.calendar_feeds is 'The owner sees all of the clinic whose context it is in.';
create policy door on clinic.calendar_feeds for select to clinic_authenticator using (revoked_at is null);
comment on policy door on clinic.calendar_feeds is 'app.calendar_clinic: what is revoked is not there.';
create policy book on clinic.calendar_feeds to clinic_booker using (true) with check (true);
comment on policy book on clinic.calendar_feeds is 'The functions that make, revoke and answer feeds.';
create policy read on clinic.calendar_feeds for select to clinic_admin, clinic_superadmin using (true);
comment on policy read on clinic.calendar_feeds is 'Administrators; the grant leaves out the hash.';
create policy read_own on clinic.calendar_feeds for select to clinic_doctor, clinic_patient
  using (doctor_id = any (array(select app.own_doctor_ids()))
    or patient_id = any (array(select app.own_patient_ids())));
comment on policy read_own on clinic.calendar_feeds is 'One''s own, as a doctor or as a patient.';

grant select (id, clinic_id, doctor_id, patient_id, user_id, made_by, created_at, revoked_at,
              revoked_by, last_fetched_at, counted_from, fetches)
  on clinic.calendar_feeds to clinic_patient, clinic_doctor, clinic_admin, clinic_superadmin;
grant select (clinic_id, user_id, token_hash, revoked_at) on clinic.calendar_feeds to clinic_authenticator;
grant select, insert on clinic.calendar_feeds to clinic_booker;
grant update (revoked_at, revoked_by, last_fetched_at, counted_from, fetches)
  on clinic.calendar_feeds to clinic_booker;

-- The names, where the clinic allows them.
grant select (full_name) on clinic.patients to clinic_booker;

-- undo
revoke select (full_name) on clinic.patients from clinic_booker;
call app.unmake_tenant_table('clinic.calendar_feeds');
