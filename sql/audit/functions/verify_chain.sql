-- Whether a clinic's trail is what was sealed. Three questions: does each seal follow from the one
-- before it, is each entry what its seal says and sealed at all, does the chain end where it ended.
-- Whoever rewrites the whole chain passes all of them: only an anchor kept elsewhere tells.
create function audit.broken_links(p_clinic_id uuid)
returns table ("position" bigint, entry_id bigint, entry_at timestamptz, problem text)
language sql stable
as $$
  with begun as (
    select g.position, g.hash from audit.segments g
    where g.clinic_id = p_clinic_id order by g.position desc limit 1
  ), follows as (
    select s.*, count(*) over (partition by s.position) as here,
      lag(s.position, 1, coalesce((select b.position from begun b), 0)) over w as before,
      lag(s.hash, 1, coalesce((select b.hash from begun b), audit.first_hash())) over w as previous
    from audit.seals s where s.clinic_id = p_clinic_id
    window w as (order by s.position, s.entry_id)
  ), expected as (
    select f.*, audit.link(f.previous, p_clinic_id, f.position, f.entry_id, f.entry_at, f.digest) as due
    from follows f
  ), judged as (
    -- A seal that was altered says so itself: the next one is then held to what it should have been.
    select x.*, lag(x.due) over (order by x.position, x.entry_id) as due_before from expected x
  )
  select j.before + 1, null, null, case when j.position = j.before + 2 then 'seal missing'
    else format('seals missing, up to %s', j.position - 1) end
  from judged j where j.position > j.before + 1
  union all
  select j.position, j.entry_id, j.entry_at, case when j.here > 1 then 'fork' else 'seal changed' end
  from judged j
  where j.here > 1 or j.position = j.before + 1 and j.hash <> j.due and j.hash is distinct from
    audit.link(j.due_before, p_clinic_id, j.position, j.entry_id, j.entry_at, j.digest)
$$;
comment on function audit.broken_links(uuid) is 'Of audit.verify_chain: seals that are missing, altered or twice there.';

create function audit.redacted_digest(p_clinic_id uuid, p_entry_id bigint, p_sealed bytea) returns text
language sql stable
as $$
  select r.new_values ->> 'digest' from audit.audit_logs r
  where r.clinic_id = p_clinic_id and r.record_id = p_entry_id::text
    and r.table_name = 'audit_logs' and r.action = 'REDACT'
    and r.new_values ->> 'was' = encode(p_sealed, 'hex')
  order by r.id desc limit 1
$$;
comment on function audit.redacted_digest(uuid, bigint, bytea) is 'What an entry must be since it was redacted, as hex, or null.';

create function audit.broken_entries(p_clinic_id uuid, p_from timestamptz, p_to timestamptz)
returns table ("position" bigint, entry_id bigint, entry_at timestamptz, problem text)
language sql stable
as $$
  with kept as materialized (
    select e.* from audit.entries e
    where (e.clinic_id = p_clinic_id or p_clinic_id = app.nil_uuid() and e.clinic_id is null)
      and (p_from is null or e.created_at >= p_from) and (p_to is null or e.created_at < p_to)
  ), sealed as materialized (
    select s.*, max(s.entry_at) over (order by s.position) - s.entry_at > interval '1 hour' as late
    from audit.seals s where s.clinic_id = p_clinic_id
  ), pruned as (
    select max(g.entries_before) as before from audit.segments g where g.clinic_id = p_clinic_id
  )
  select s.position, s.entry_id, s.entry_at, 'entry missing, or moved' from sealed s
  where (p_from is null or s.entry_at >= p_from) and (p_to is null or s.entry_at < p_to)
    and not exists (select from kept k where k.id = s.entry_id and k.created_at = s.entry_at)
    and s.entry_at >= coalesce((select p.before from pruned p), '-infinity')
  union all
  select s.position, k.id, k.created_at, case
    when s.digest is null then 'entry not sealed, older than what is'
    when k.digest <> s.digest then 'entry changed' else 'entry dated back, or clock' end
  from kept k left join sealed s on s.entry_id = k.id and s.entry_at = k.created_at
  where case when s.digest is null then k.id <= (select g.sealed_below from audit.sealing g)
    else s.late or k.digest <> s.digest and encode(k.digest, 'hex') is distinct from
      audit.redacted_digest(p_clinic_id, k.id, s.digest) end
$$;
comment on function audit.broken_entries(uuid, timestamptz, timestamptz) is
  'Of audit.verify_chain: entries of the period that are not what was sealed, or not sealed, or gone.';

create function audit.broken_ends(p_clinic_id uuid)
returns table ("position" bigint, entry_id bigint, entry_at timestamptz, problem text)
language sql stable
as $$
  with last_seal as (
    select s.position, s.hash from audit.seals s where s.clinic_id = p_clinic_id
    union all
    select g.position, g.hash from audit.segments g where g.clinic_id = p_clinic_id
    order by position desc limit 1
  ), ends as (
    select c.position, c.hash, s.position as sealed, s.hash as last_hash
    from (select * from audit.chains where clinic_id = p_clinic_id) c full join last_seal s on true
  )
  select coalesce(least(e.position, e.sealed) + 1, 1), null::bigint, null::timestamptz, case
    when e.position > coalesce(e.sealed, 0) then format('end cut off, it was at %s', e.position)
    else 'head changed' end
  from ends e where e.position is distinct from e.sealed or e.hash <> e.last_hash
  union all
  select g.position, null, null, 'segment not on record' from audit.segments g
  where g.clinic_id = p_clinic_id and not exists (
      select from audit.segments n where n.clinic_id = p_clinic_id and n.position > g.position)
    and not exists (
      select from audit.audit_logs e
      where e.clinic_id = p_clinic_id
        and e.record_id = g.id::text and e.table_name = 'segments' and e.action = 'INSERT'
        and e.new_values ->> 'hash' = g.hash::text and e.new_values ->> 'position' = g.position::text)
$$;
comment on function audit.broken_ends(uuid) is 'Of audit.verify_chain: a chain that was cut, and a beginning that nobody pruned.';

create function audit.verify_chain(p_clinic_id uuid, p_from timestamptz default null, p_to timestamptz default null)
returns table ("position" bigint, entry_id bigint, entry_at timestamptz, problem text)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
set jit = off
set enable_nestloop = off  -- whole chains are compared; policies make the planner expect two rows
as $$
begin
  if p_clinic_id is distinct from app.current_clinic_id()
      and not pg_has_role(session_user, 'clinic_owner', 'member') then
    raise exception 'the chain of this clinic is verified inside it' using errcode = 'RW002';
  end if;
  return query
    select * from audit.broken_links(p_clinic_id)
    union all select * from audit.broken_entries(p_clinic_id, p_from, p_to)
    union all select * from audit.broken_ends(p_clinic_id)
    order by 1, 2;
end
$$;
comment on function audit.verify_chain(uuid, timestamptz, timestamptz) is
  'Broken rows of a clinic''s chain, none when whole: place in the chain, entry, its time, what is wrong. Seals are verified from the first on, entries from p_from up to before p_to (null: all). RW002 for another clinic''s.';

create function audit.chain_ends() returns table (clinic_id uuid, code text, "position" bigint, hash bytea)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if app.current_role() is distinct from 'worker' then
    raise exception 'only the worker sees every chain' using errcode = 'RW002';
  end if;
  return query select c.clinic_id, k.code::text, c.position, c.hash
    from audit.chains c left join app.clinic_ids() k on k.id = c.clinic_id order by 2, 1;
end
$$;
comment on function audit.chain_ends() is 'The last seal of every chain, for verifying and anchoring; code is null for no clinic and for a closed one. RW002.';

create function audit.hash_at(p_clinic_id uuid, p_position bigint) returns bytea
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_clinic_id is distinct from app.current_clinic_id() then
    raise exception 'the chain of this clinic is verified inside it' using errcode = 'RW002';
  end if;
  return coalesce(
    (select s.hash from audit.seals s where s.clinic_id = p_clinic_id and s.position = p_position),
    (select g.hash from audit.segments g
     where g.clinic_id = p_clinic_id and g.position = p_position limit 1));
end
$$;
comment on function audit.hash_at(uuid, bigint) is 'The hash at one place of the chain, or null; compared with anchors. RW002.';

create function audit.pruned_to(p_clinic_id uuid) returns bigint
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(max(g.position), 0) from audit.segments g
  where g.clinic_id = p_clinic_id and p_clinic_id = app.current_clinic_id()
$$;
comment on function audit.pruned_to(uuid) is 'The last place of the chain of the context''s clinic that was pruned, or 0.';

call app.make_definer('audit.pruned_to(uuid)', 'clinic_sealer');
call app.make_definer('audit.verify_chain(uuid, timestamptz, timestamptz)', 'clinic_sealer');
call app.make_definer('audit.chain_ends()', 'clinic_sealer');
call app.make_definer('audit.hash_at(uuid, bigint)', 'clinic_sealer');
grant execute on function audit.broken_links(uuid), audit.broken_ends(uuid),
  audit.broken_entries(uuid, timestamptz, timestamptz),
  audit.redacted_digest(uuid, bigint, bytea), app.clinic_ids() to clinic_sealer;
grant execute on function audit.verify_chain(uuid, timestamptz, timestamptz) to
  clinic_admin, clinic_superadmin, clinic_worker, clinic_owner;
grant execute on function audit.chain_ends(), audit.hash_at(uuid, bigint), audit.pruned_to(uuid) to clinic_worker;

-- undo
revoke execute on function app.clinic_ids() from clinic_sealer;
drop function audit.pruned_to(uuid);
drop function audit.hash_at(uuid, bigint);
drop function audit.chain_ends();
drop function audit.verify_chain(uuid, timestamptz, timestamptz);
drop function audit.broken_ends(uuid);
drop function audit.broken_entries(uuid, timestamptz, timestamptz);
drop function audit.redacted_digest(uuid, bigint, bytea);
drop function audit.broken_links(uuid);
