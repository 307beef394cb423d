-- The door for events: called by the site's login before any clinic is known. The clinic is the
-- source's; nothing is stored without a signature, and nothing is stored twice.
create function webhook.read_body(p_body bytea) returns jsonb
language plpgsql immutable
as $$
declare
  v_payload jsonb;
begin
  v_payload := convert_from(p_body, 'UTF8')::jsonb;
  -- A short exponent may stand for a number as long as a book.
  if jsonb_typeof(v_payload) = 'object' and length(v_payload::text) <= 1000 + 4 * length(p_body) then
    return v_payload;
  end if;
  return null;
exception when data_exception or program_limit_exceeded then
  return null;
end
$$;
comment on function webhook.read_body(bytea) is 'The JSON object that the bytes are, or null.';
grant execute on function webhook.read_body(bytea) to clinic_receiver;

create function webhook.receive(p_pass text, p_source_id uuid, p_event_id text,
  p_timestamp text, p_signatures text[], p_body bytea, p_plain boolean)
returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_source record;
  v_payload jsonb;
  v_content bytea := convert_to(p_event_id || '.' || p_timestamp || '.', 'UTF8') || p_body;
begin
  perform app.at_the_door(p_pass);
  select s.clinic_id, s.secret_pad,
    case when s.old_secret_expires_at > now() then s.old_secret_pad end as old_secret_pad
  into v_source from webhook.sources s where s.id = p_source_id;
  if v_source.secret_pad is null then
    return 'unknown';
  end if;
  if p_timestamp !~ '^[0-9]{1,12}$'
      or abs(extract(epoch from clock_timestamp()) - p_timestamp::bigint) > 300
      or not (webhook.signed(v_source.secret_pad, v_content, p_signatures)
        or webhook.signed(v_source.old_secret_pad, v_content, p_signatures)) then
    return 'refused';
  end if;
  v_payload := case when p_plain then webhook.read_body(p_body) end;
  if v_payload is null then
    return 'unreadable';
  end if;
  perform set_config('app.current_reason', 'Webhook', true);
  insert into clinic.webhook_events (clinic_id, webhook_id, event_id, event_type, payload,
    body_digest, signature)
  values (v_source.clinic_id, p_source_id, p_event_id,
    left(coalesce(v_payload ->> 'type', ''), 100), v_payload, sha256(p_body),
    'v1,' || array_to_string(p_signatures, ' v1,'))
  on conflict do nothing;
  if found then
    return 'stored';
  end if;
  update clinic.webhook_events set conflicts = conflicts + 1
  where webhook_id = p_source_id and event_id = p_event_id and body_digest <> sha256(p_body);
  return case when found then 'conflict' else 'duplicate' end;
end
$$;
comment on function webhook.receive(text, uuid, text, text, text[], bytea, boolean) is
  'Verifies a delivery over its raw bytes and stores it: stored, duplicate, conflict (known id, other body: the first stays), refused (signature or time), unknown (no such source), unreadable (no JSON object, or p_plain is false). RW002 without a pass for the door.';
call app.make_definer('webhook.receive(text, uuid, text, text, text[], bytea, boolean)', 'clinic_receiver');
grant execute on function app.at_the_door(text) to clinic_receiver;
grant execute on function webhook.receive(text, uuid, text, text, text[], bytea, boolean) to clinic_app;

-- undo
drop function webhook.receive(text, uuid, text, text, text[], bytea, boolean);
revoke execute on function app.at_the_door(text) from clinic_receiver;
drop function webhook.read_body(bytea);
