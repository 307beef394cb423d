-- How a try ended. Only whoever holds the lease may say so: a worker that stalled past its lease
-- touches nothing, and takes its effect back with its transaction.
create function webhook.backoff(p_attempts int) returns interval
language sql volatile
as $$
  select (array['5 s', '5 min', '30 min', '2 h', '5 h', '10 h', '14 h', '20 h', '24 h']::interval[])[
    least(greatest(p_attempts, 1), 9)] * (0.8 + 0.4 * random())
$$;
comment on function webhook.backoff(int) is
  'How long to wait after so many attempts: 5 seconds to 24 hours, up to a fifth more or less, so that what failed together does not come back together.';
grant execute on function webhook.backoff(int) to clinic_dispatcher;

-- A worker marks what it did in one transaction in one statement: the trail notes it in one, too.
create function webhook.mark_event_results(p_event_ids uuid[],
  p_statuses public.webhook_event_status[], p_error_messages text[], p_worker_id text)
returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_clinic uuid := webhook.worker_clinic();
  v_now timestamptz := clock_timestamp();
  v_count int;
begin
  if not p_statuses <@ array['success', 'failed', 'dead_letter', 'pending']::public.webhook_event_status[] then
    raise exception 'a try ends in success, failed, dead_letter or pending' using errcode = '22023';
  end if;
  update clinic.webhook_events e set
    status = case when r.status = 'failed' and e.attempts >= e.max_attempts then 'dead_letter'
      else r.status end,
    attempts = case when r.status = 'pending' then e.attempts - 1 else e.attempts end,
    next_attempt_at = case when r.status = 'failed' and e.attempts < e.max_attempts
      then v_now + webhook.backoff(e.attempts) end,
    processed_at = case when r.status = 'success' then v_now end,
    error = left(coalesce(r.message, ''), 1000),
    locked_by = null,
    lease_until = null
  from unnest(p_event_ids, p_statuses, p_error_messages) r(id, status, message)
  where e.id = r.id and e.status = 'processing' and e.locked_by = p_worker_id
    and e.lease_until > v_now
    and v_clinic in (e.clinic_id, app.nil_uuid());
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function webhook.mark_event_results(uuid[], public.webhook_event_status[], text[], text) is
  'Ends tries of the worker that holds their leases: success; failed, which is tried again after a while and given up at the last attempt; dead_letter; or pending, given back untried. How many were its to end. RW002 for whoever is not the worker, 22023.';
call app.make_definer(
  'webhook.mark_event_results(uuid[], public.webhook_event_status[], text[], text)', 'clinic_dispatcher');

create function webhook.mark_event_result(p_event_id uuid, p_status public.webhook_event_status,
  p_error_message text default null, p_worker_id text default null)
returns boolean
language sql volatile
as $$
  select webhook.mark_event_results(
    array[p_event_id], array[p_status], array[p_error_message], p_worker_id) = 1
$$;
comment on function webhook.mark_event_result(uuid, public.webhook_event_status, text, text) is
  'The same for one event; false for whoever does not hold its lease, or no more.';
grant execute on function
  webhook.mark_event_results(uuid[], public.webhook_event_status[], text[], text),
  webhook.mark_event_result(uuid, public.webhook_event_status, text, text) to clinic_worker;

-- undo
drop function webhook.mark_event_result(uuid, public.webhook_event_status, text, text);
drop function webhook.mark_event_results(uuid[], public.webhook_event_status[], text[], text);
drop function webhook.backoff(int);
