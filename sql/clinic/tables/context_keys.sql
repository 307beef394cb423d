-- The keys that sign app.context. Readable by the one function that verifies it, by nobody else.
-- A key is kept as its two HMAC pads (RFC 2104), so that verifying needs no library call.
create table app.context_keys (
  id text primary key check (id ~ '^[a-z0-9]{1,16}$'),
  inner_pad bytea not null check (octet_length(inner_pad) = 64),
  outer_pad bytea not null check (octet_length(outer_pad) = 64),
  created_at timestamptz not null default now()
);
comment on table app.context_keys is 'HMAC-SHA256 keys of the signed context, kept in step with CONTEXT_SIGNING_KEYS by migrate.';
grant select on app.context_keys to clinic_definer;

-- undo
drop table app.context_keys;
