-- The five schemas. Everyone may look up names in them; only the owner creates in them.
-- New objects are born without any right for PUBLIC: each file grants what its object is for.
create schema app;
create schema if not exists clinic;
create schema booking;
create schema audit;
create schema webhook;

comment on schema app is 'Who is asking: the signed context, sessions and login. Outside every search_path.';
comment on schema clinic is 'The tenant, its people and records.';
comment on schema booking is 'Booking procedures and their idempotency requests.';
comment on schema audit is 'The audit trail; written by triggers only.';
comment on schema webhook is 'Events in and out.';

grant usage on schema app, clinic, booking, audit, webhook to
  clinic_app, clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin,
  clinic_superadmin, clinic_worker, clinic_definer, clinic_authenticator, clinic_auditor, clinic_booker,
  clinic_receiver, clinic_dispatcher, clinic_sealer, clinic_archivist;

alter default privileges for role clinic_owner revoke execute on functions from public;
alter default privileges for role clinic_owner revoke usage on types from public;

-- undo
alter default privileges for role clinic_owner grant usage on types to public;
alter default privileges for role clinic_owner grant execute on functions to public;
drop schema webhook;
drop schema audit;
drop schema booking;
drop schema clinic;
drop schema app;
