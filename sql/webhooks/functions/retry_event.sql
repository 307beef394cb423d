-- What administrators may do with an event: try it again, or give it up. Not while a worker has it.
create function webhook.retry_event(p_event_id uuid) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  update clinic.webhook_events set status = 'pending', attempts = 0, next_attempt_at = now(),
    error = ''
  where clinic_id = app.require_clinic_id() and id = p_event_id
    and status in ('failed', 'dead_letter');
  return found;
end
$$;
comment on function webhook.retry_event(uuid) is
  'Puts a failed or given-up event of the clinic back to the beginning; false where there is none. RW001.';
call app.make_definer('webhook.retry_event(uuid)', 'clinic_dispatcher');

create function webhook.bury_event(p_event_id uuid, p_reason text) returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(btrim(p_reason), '') = '' then
    raise exception 'say why it is given up' using errcode = '22023';
  end if;
  update clinic.webhook_events set status = 'dead_letter', next_attempt_at = null,
    error = left(p_reason, 1000)
  where clinic_id = app.require_clinic_id() and id = p_event_id
    and status in ('pending', 'failed');
  return found;
end
$$;
comment on function webhook.bury_event(uuid, text) is
  'Gives up a waiting or failed event of the clinic, with a reason; false where there is none. RW001, 22023.';
call app.make_definer('webhook.bury_event(uuid, text)', 'clinic_dispatcher');
grant execute on function webhook.retry_event(uuid), webhook.bury_event(uuid, text)
  to clinic_admin, clinic_superadmin;

-- undo
drop function webhook.bury_event(uuid, text);
drop function webhook.retry_event(uuid);
