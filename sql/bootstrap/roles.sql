-- Every role of Rowan, once per cluster. Run by an administrator through manage.py bootstrap.
-- Login roles get their passwords there; nothing here can log in by itself.
do $$
declare
  v_role text;
begin
  foreach v_role in array array[
    'clinic_owner', 'clinic_definer', 'clinic_authenticator', 'clinic_auditor', 'clinic_booker',
    'clinic_keeper', 'clinic_receiver', 'clinic_dispatcher', 'clinic_sealer', 'clinic_archivist',
    'clinic_patient', 'clinic_staff', 'clinic_nurse', 'clinic_doctor', 'clinic_admin',
    'clinic_superadmin', 'clinic_worker', 'clinic_migrator', 'clinic_app']
  loop
    if not exists (select from pg_catalog.pg_roles where rolname = v_role) then
      execute format('create role %I', v_role);
    end if;
    execute format('alter role %I nocreatedb nocreaterole noinherit', v_role);
  end loop;
end
$$;

-- The owner may hand functions to the narrow roles and replace them later.
alter role clinic_owner inherit;
grant clinic_definer, clinic_authenticator, clinic_auditor, clinic_booker, clinic_keeper,
      clinic_receiver, clinic_dispatcher, clinic_sealer, clinic_archivist to clinic_owner;
grant clinic_owner to clinic_migrator;
grant clinic_patient, clinic_staff, clinic_nurse, clinic_doctor, clinic_admin,
      clinic_superadmin, clinic_worker to clinic_app;

alter role clinic_app set search_path to clinic, booking, audit, webhook, public;
alter role clinic_app set timezone to 'UTC';
alter role clinic_app set lock_timeout to '2s';
alter role clinic_app set statement_timeout to '30s';
alter role clinic_app set idle_in_transaction_session_timeout to '60s';
alter role clinic_app set jit to off;
-- What is bound to a statement is data of patients: no log repeats it, whatever the server logs.
alter role clinic_app set log_parameter_max_length to 0;
alter role clinic_app set log_parameter_max_length_on_error to 0;
alter role clinic_migrator set log_parameter_max_length to 0;
alter role clinic_migrator set log_parameter_max_length_on_error to 0;
-- public first: Django's own tables live there, ours name their schema (config/sqlfiles.py).
alter role clinic_migrator set search_path to public, clinic, booking, audit, webhook;
alter role clinic_migrator set timezone to 'UTC';
alter role clinic_migrator set lock_timeout to '10s';
