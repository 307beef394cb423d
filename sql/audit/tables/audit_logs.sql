-- The audit trail: one row per row changed. Partitioned by month; the default partition catches
-- what no month takes, so that a write never fails for want of one.
create table audit.audit_logs (
  id bigint generated always as identity,
  table_schema varchar(100) not null,
  table_name varchar(100) not null,
  record_id text,
  action varchar(10) not null
    check (action::text in ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REVEAL', 'REDACT')),
  old_values jsonb,
  new_values jsonb,
  changed_fields jsonb,
  user_id uuid,
  actor_role text,
  clinic_id uuid,
  ip_address inet,
  user_agent text,
  request_id varchar(100),
  reason text,
  created_at timestamptz not null default clock_timestamp(),
  primary key (id, created_at)
) partition by range (created_at);
comment on table audit.audit_logs is 'Who changed which row, when, from what to what. Written by triggers only; nobody updates or deletes.';
create index audit_logs_clinic on audit.audit_logs (clinic_id, created_at desc);
create index audit_logs_record on audit.audit_logs (clinic_id, record_id);
create table audit.audit_logs_default partition of audit.audit_logs default;
comment on table audit.audit_logs_default is 'Entries for which no monthly partition was made: should stay empty.';

-- undo
drop table audit.audit_logs;
