-- Claiming work. The worker's signed context says whose: one clinic's, or under the id that no
-- clinic has (as the queue of jobs has it) everybody's. An administrator of the server may as well.
create function webhook.worker_clinic() returns uuid
language plpgsql stable
as $$
declare
  v_claims text[] := app.context_claims();
begin
  if v_claims[4] = 'worker' then
    return v_claims[5]::uuid;
  end if;
  if current_setting('is_superuser')::boolean then
    return app.nil_uuid();
  end if;
  raise exception 'only the worker, by its signed context' using errcode = 'RW002';
end
$$;
comment on function webhook.worker_clinic() is
  'The clinic whose events may be worked, all zeros for those of every clinic; RW002 for whoever is not the worker.';
grant execute on function webhook.worker_clinic() to clinic_dispatcher;

create function webhook.claim_next_event(p_worker_id text, p_batch_size int default 1)
returns setof clinic.webhook_events
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
-- Statistics lag behind a queue; the index of what is due is always right.
set enable_seqscan = off set enable_bitmapscan = off
as $$
declare
  v_clinic uuid := webhook.worker_clinic();
  v_now timestamptz := clock_timestamp();  -- a volatile call would keep the index from being used
  v_every boolean := v_clinic = app.nil_uuid();
begin
  if coalesce(p_worker_id, '') = '' or p_batch_size not between 1 and 1000 then
    raise exception 'a worker has a name, a batch 1 to 1000 events' using errcode = '22023';
  end if;
  -- Whoever took it last died of it: that was the last try.
  if exists (select from clinic.webhook_events e where e.status = 'processing'
      and e.lease_until <= v_now and e.attempts >= e.max_attempts) then
    update clinic.webhook_events e set status = 'dead_letter', locked_by = null, lease_until = null,
      crashes = e.crashes + 1, error = 'The worker did not come back from the last try.'
    where e.id in (
      select d.id from clinic.webhook_events d
      where d.status = 'processing' and d.lease_until <= v_now
        and d.attempts >= d.max_attempts and (v_every or d.clinic_id = v_clinic)
      order by d.lease_until limit 100 for update skip locked);
  end if;
  return query
  with due as (
    select e.id, e.due_at from clinic.webhook_events e
    where e.due_at <= v_now and (v_every or e.clinic_id = v_clinic)
      and (e.status <> 'processing' or e.attempts < e.max_attempts)
    order by e.due_at, e.id
    limit p_batch_size for update skip locked
  ), claimed as (
    update clinic.webhook_events e set status = 'processing', attempts = e.attempts + 1,
      crashes = e.crashes + case when e.status = 'processing' then 1 else 0 end, last_attempt_at = v_now, locked_by = p_worker_id,
      lease_until = v_now + interval '5 minutes'
    from due where e.id = due.id
    returning e.*
  )
  select c.* from claimed c order by c.received_at, c.id;
end
$$;
comment on function webhook.claim_next_event(text, int) is
  'Up to so many events that are due or whose lease has run out, oldest first, now this worker''s for five minutes; the attempt is counted before it is made. RW002 for whoever is not the worker, 22023.';
call app.make_definer('webhook.claim_next_event(text, int)', 'clinic_dispatcher');
grant execute on function webhook.claim_next_event(text, int) to clinic_worker;

-- undo
drop function webhook.claim_next_event(text, int);
drop function webhook.worker_clinic();
