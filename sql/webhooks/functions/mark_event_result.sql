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

create function webhook.mark_event_result(p_event_id uuid, p_status public.webhook_event_status,
  p_error_message text default null, p_worker_id text default null)
returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_clinic uuid := webhook.worker_clinic();
begin
  if p_status not in ('success', 'failed', 'dead_letter', 'pending') then
    raise exception 'a try ends in success, failed, dead_letter or pending' using errcode = '22023';
  end if;
  update clinic.webhook_events e set
    status = case when p_status = 'failed' and e.attempts >= e.max_attempts then 'dead_letter'
      else p_status end,
    attempts = case when p_status = 'pending' then e.attempts - 1 else e.attempts end,
    next_attempt_at = case when p_status = 'failed' and e.attempts < e.max_attempts
      then clock_timestamp() + webhook.backoff(e.attempts) end,
    processed_at = case when p_status = 'success' then clock_timestamp() end,
    error = left(coalesce(p_error_message, ''), 1000),
    locked_by = null,
    lease_until = null
  where e.id = p_event_id and e.status = 'processing' and e.locked_by = p_worker_id
    and e.lease_until > clock_timestamp()
    and v_clinic in (e.clinic_id, '00000000-0000-0000-0000-000000000000');
  return found;
end
$$;
comment on function webhook.mark_event_result(uuid, public.webhook_event_status, text, text) is
  'Ends a try of the worker that holds the lease: success; failed, which is tried again after a while and given up at the last attempt; dead_letter; or pending, given back untried. False for whoever does not hold it, or no more. RW002 for whoever is not the worker, 22023.';
call app.make_definer(
  'webhook.mark_event_result(uuid, public.webhook_event_status, text, text)', 'clinic_dispatcher');
grant execute on function
  webhook.mark_event_result(uuid, public.webhook_event_status, text, text) to clinic_worker;

-- undo
drop function webhook.mark_event_result(uuid, public.webhook_event_status, text, text);
drop function webhook.backoff(int);
