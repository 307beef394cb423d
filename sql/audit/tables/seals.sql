-- The chain of each clinic: one seal per entry of the trail, each over the one before it. Sealed
-- just after commit, so that no writer waits for another. Entries of no clinic are chained under
-- the id that no clinic has. A seal keeps its entry's digest: the chain can be verified when the
-- entry itself has been pruned.
create table audit.seals (
  clinic_id uuid not null,
  position bigint not null,
  entry_id bigint not null,
  entry_at timestamptz not null,
  digest bytea not null,
  hash bytea not null,
  sealed_at timestamptz not null default now(),
  primary key (clinic_id, position),
  constraint seals_entry unique (entry_id)
);
comment on table audit.seals is 'The hash chain of each clinic''s trail, without gaps; appended by audit.seal, changed by nobody.';

create table audit.chains (
  clinic_id uuid primary key,
  position bigint not null,
  hash bytea not null,
  sealed_at timestamptz not null default now()
);
comment on table audit.chains is 'The last seal of each clinic''s chain, kept apart so that a cut end shows.';

-- Which months were pruned, and where the chain goes on.
create table audit.segments (
  id uuid primary key default gen_random_uuid(),
  clinic_id uuid not null,
  position bigint not null,
  hash bytea not null,
  entries bigint not null,
  entries_before timestamptz not null,
  pruned_at timestamptz not null default now()
);
create index segments_position on audit.segments (clinic_id, position);
comment on table audit.segments is 'Pruned beginnings of chains: the last position and hash that are gone. Audited, so itself sealed.';

-- How far sealing is: no entry at or below sealed_below is unsealed. next_below becomes sealed_below
-- when every transaction that may hold a number up to it has ended: those are older than next_xid.
create table audit.sealing (
  one_row boolean primary key default true,
  sealed_below bigint not null default 0,
  next_below bigint not null default 0,
  next_xid xid8 not null default '0'
);
comment on table audit.sealing is 'One row: how far the sealer is, and its lock.';
insert into audit.sealing default values;
grant select, update on audit.sealing to clinic_sealer, clinic_archivist;

-- undo
drop table audit.sealing;
drop table audit.segments;
drop table audit.chains;
drop table audit.seals;
