-- Where an event stands between its arrival and its end.
create type public.webhook_event_status as enum (
  'pending', 'processing', 'success', 'failed', 'dead_letter');
grant usage on type public.webhook_event_status to public;

-- undo
drop type public.webhook_event_status;
