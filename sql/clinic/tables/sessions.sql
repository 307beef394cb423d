-- Sessions of every clinic, reachable through three functions that take the whole key: nobody can
-- list them. The key itself is not stored, only its hash, so that a dump opens no session.
create table app.sessions (
  key_hash bytea primary key,
  data text not null,
  expires_at timestamptz not null
);
create index sessions_expires_at on app.sessions (expires_at);
comment on table app.sessions is 'Login sessions by the SHA-256 of their key.';
grant select, insert, update, delete on app.sessions to clinic_authenticator;

-- Failed logins by address and mailbox: a guesser is slowed down without locking anyone else out.
create table app.login_failures (
  email text not null,
  ip inet not null,
  failures int not null default 1,
  last_at timestamptz not null default now(),
  primary key (email, ip)
);
create index login_failures_last_at on app.login_failures (last_at);
comment on table app.login_failures is 'Recent failed logins by (mailbox, client address).';
grant select, insert, update, delete on app.login_failures to clinic_authenticator;

-- undo
drop table app.login_failures;
drop table app.sessions;
