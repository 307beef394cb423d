-- The queue's own place: procrastinate names its objects without a schema, so they get one that is
-- in nobody's search_path. Only the worker's connection puts it there, for a transaction.
create schema jobs;
comment on schema jobs is 'The job queue (procrastinate). Arguments are ids, never data of patients.';
grant usage on schema jobs to clinic_worker, clinic_definer;

-- undo
drop schema jobs cascade;
