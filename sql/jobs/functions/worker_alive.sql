-- Readiness asks without a context whether somebody works the queue.
create function app.worker_alive() returns boolean
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select exists (
    select from jobs.procrastinate_workers where last_heartbeat > now() - interval '60 seconds')
$$;
comment on function app.worker_alive() is 'Whether a worker has shown a heartbeat within 60 seconds.';
call app.make_definer('app.worker_alive()');
grant execute on function app.worker_alive() to clinic_app;

-- undo
drop function app.worker_alive();
