-- Enums of money, messages and webhooks; document_type has no table yet, its values are fixed.
create type public.payment_status as enum (
  'pending', 'processing', 'completed', 'failed', 'refunded', 'partial');
create type public.notification_channel as enum ('email', 'sms', 'whatsapp', 'push', 'in_app');
create type public.document_type as enum (
  'lab_result', 'xray', 'scan', 'report', 'prescription', 'mc', 'referral', 'other');
create type public.webhook_event_status as enum (
  'pending', 'processing', 'success', 'failed', 'dead_letter');
grant usage on type public.payment_status, public.notification_channel, public.document_type,
  public.webhook_event_status to public;

-- undo
drop type public.webhook_event_status;
drop type public.document_type;
drop type public.notification_channel;
drop type public.payment_status;
