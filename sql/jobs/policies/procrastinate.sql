-- Who works the queue: clinic_worker, and only while a signed context says so. The site's login may
-- become clinic_worker, so SQL that gets into a page could read and fill the queue of every clinic
-- if the grant were all; the signature it cannot make.
do $$
declare
  v_table text;
begin
  foreach v_table in array array['procrastinate_jobs', 'procrastinate_events',
    'procrastinate_periodic_defers', 'procrastinate_workers']
  loop
    execute format('alter table jobs.%I enable row level security', v_table);
    execute format('create policy work on jobs.%I to clinic_worker
      using ((select app.current_role()) = ''worker'')
      with check ((select app.current_role()) = ''worker'')', v_table);
    execute format('comment on policy work on jobs.%I is %L', v_table,
      'The worker, by its signed context.');
  end loop;
end
$$;
grant select, insert, update, delete on jobs.procrastinate_jobs,
  jobs.procrastinate_periodic_defers, jobs.procrastinate_workers to clinic_worker;
grant select, insert on jobs.procrastinate_events to clinic_worker;
grant usage on sequence jobs.procrastinate_jobs_id_seq, jobs.procrastinate_events_id_seq,
  jobs.procrastinate_periodic_defers_id_seq to clinic_worker;
revoke execute on all functions in schema jobs from public;
grant execute on all functions in schema jobs to clinic_worker;

create policy pulse on jobs.procrastinate_workers for select to clinic_definer using (true);
comment on policy pulse on jobs.procrastinate_workers is 'app.worker_alive.';
grant select (last_heartbeat) on jobs.procrastinate_workers to clinic_definer;

comment on table jobs.procrastinate_jobs is 'What is to be done, is being done, or has failed.';
comment on table jobs.procrastinate_events is 'When a job changed its state.';
comment on table jobs.procrastinate_periodic_defers is 'The last time that each periodic job was queued.';
comment on table jobs.procrastinate_workers is 'Workers and their heartbeats.';

-- Its functions name their tables without a schema: they find them wherever they are called from.
do $$
declare
  v_function regprocedure;
begin
  for v_function in select oid from pg_catalog.pg_proc where pronamespace = 'jobs'::regnamespace loop
    execute format('alter function %s set search_path = jobs, pg_temp', v_function);
    execute format('comment on function %s is %L', v_function, 'Of procrastinate.');
  end loop;
end
$$;

-- undo
-- The tables go with their schema.
select 1;
