-- Enums of money and messages; document_type has no table yet, its values are fixed.
create type public.payment_status as enum (
  'pending', 'processing', 'completed', 'failed', 'refunded', 'partial');
create type public.notification_channel as enum ('email', 'sms', 'whatsapp', 'push', 'in_app');
create type public.document_type as enum (
  'lab_result', 'xray', 'scan', 'report', 'prescription', 'mc', 'referral', 'other');
grant usage on type public.payment_status, public.notification_channel, public.document_type
  to public;

-- undo
drop type public.document_type;
drop type public.notification_channel;
drop type public.payment_status;
