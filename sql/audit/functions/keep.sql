-- What the law asks of an old trail: months beyond the retention go, a value that must not be kept
-- is blanked. Both leave their own entry, which is sealed like any other.

-- Six years are the least that is kept (45 CFR 164.316(b)(2)(i)).
create function audit.close_segments(p_before timestamptz) returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_closed int;
begin
  perform from audit.sealing for update;
  if exists (select from audit.old_unsealed(p_before)) then
    raise exception 'entries before % are not sealed', p_before using errcode = '55000';
  end if;
  if exists (select from audit.audit_logs where created_at < p_before
             and tableoid = 'audit.audit_logs_default'::regclass) then
    raise exception 'audit_logs_default has entries before %', p_before using errcode = '55000';
  end if;
  with last_old as (
    -- Up to where the first entry was sealed that stays: the chain goes on after it.
    select s.clinic_id, coalesce(
        min(s.position) filter (where s.entry_at >= p_before) - 1, max(s.position)) as position
    from audit.seals s group by s.clinic_id having min(s.entry_at) < p_before
  ), closed as (
    insert into audit.segments (clinic_id, position, hash, entries, entries_before)
    select l.clinic_id, l.position, coalesce(
        (select s.hash from audit.seals s
         where s.clinic_id = l.clinic_id and s.position = l.position),
        (select g.hash from audit.segments g
         where g.clinic_id = l.clinic_id and g.position = l.position limit 1), audit.first_hash()),
      (select count(*) from audit.seals o
       where o.clinic_id = l.clinic_id and o.position <= l.position), p_before
    from last_old l
    returning clinic_id, position
  )
  delete from audit.seals s using closed c
  where s.clinic_id = c.clinic_id and s.position <= c.position;
  delete from audit.access_logs where created_at < p_before;
  select count(*) into v_closed from audit.segments
  where entries_before = p_before and pruned_at = now();
  return v_closed;
end
$$;
comment on function audit.close_segments(timestamptz) is
  'Of audit.prune: leaves a segment for each chain that begins before p_before and takes its old seals and accesses away; returns how many. 55000 while an old entry is unsealed.';

create function audit.old_unsealed(p_before timestamptz) returns setof bigint
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select e.id from audit.entries e
  where e.created_at < p_before
    and not exists (select from audit.seals s where s.entry_id = e.id)
$$;
comment on function audit.old_unsealed(timestamptz) is 'Of audit.close_segments: entries before a time that have no seal.';

create function audit.prune(p_before timestamptz) returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before timestamptz := date_trunc('month', p_before at time zone 'UTC') at time zone 'UTC';
  v_month regclass;
  v_dropped int := 0;
begin
  if app.current_role() is distinct from 'worker' then
    raise exception 'months are pruned by the worker' using errcode = 'RW002';
  end if;
  if v_before > now() - interval '6 years' or v_before is null then
    raise exception 'the trail is kept for six years' using errcode = '22023';
  end if;
  if audit.close_segments(v_before) = 0 then
    return 0;
  end if;
  for v_month in
    select inhrelid::regclass from pg_inherits
    where inhparent = 'audit.audit_logs'::regclass
      and inhrelid::regclass::text ~ '^audit\.audit_logs_\d{4}_\d{2}$'
      and to_date(right(inhrelid::regclass::text, 7), 'YYYY_MM') < (v_before at time zone 'UTC')::date
  loop
    execute format('drop table %s', v_month);
    v_dropped := v_dropped + 1;
  end loop;
  return v_dropped;
end
$$;
comment on function audit.prune(timestamptz) is
  'Drops the months of the trail before that of p_before, six years back at least, once sealed; each chain goes on from a segment. Returns how many months. RW002, 22023, 55000.';

create function audit.redact_entry(p_entry_id bigint, p_fields text[], p_reason text) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_entry audit.audit_logs;
  v_claims text[] := app.context_claims();
  v_was bytea;
begin
  if v_claims[4] is distinct from 'superadmin' or length(btrim(coalesce(p_reason, ''))) < 10
      or coalesce(cardinality(p_fields), 0) = 0 then
    raise exception 'a superadmin redacts named fields, with a reason of ten letters or more'
      using errcode = 'RW002';
  end if;
  select * into v_entry from audit.audit_logs
  where id = p_entry_id and clinic_id = v_claims[5]::uuid for update;
  select digest into v_was from audit.seals where entry_id = v_entry.id;
  if v_was is null or v_entry.table_schema = 'audit' then
    raise exception 'no such sealed entry in this clinic' using errcode = 'RW003';
  end if;
  -- Who comes in does so before there is a context: such an entry names no user.
  if v_entry.user_id = v_claims[6]::uuid or v_entry.table_name = 'clinic_entries' then
    raise exception 'nobody redacts their own changes, or who came in' using errcode = 'RW002';
  end if;
  v_entry.old_values := v_entry.old_values - p_fields;
  v_entry.new_values := v_entry.new_values - p_fields;
  update audit.audit_logs set old_values = v_entry.old_values, new_values = v_entry.new_values
  where id = v_entry.id and created_at = v_entry.created_at;
  insert into audit.audit_logs (table_schema, table_name, record_id, action, new_values,
    changed_fields, user_id, actor_role, clinic_id, ip_address, request_id, reason)
  values ('audit', 'audit_logs', v_entry.id::text, 'REDACT', jsonb_build_object(
      'was', encode(v_was, 'hex'), 'digest', encode(audit.entry_digest(v_entry), 'hex')),
    to_jsonb(p_fields), v_claims[6]::uuid, v_claims[4], v_entry.clinic_id,
    nullif(current_setting('app.current_ip', true), '')::inet,
    nullif(current_setting('app.current_request_id', true), ''), p_reason);
end
$$;
comment on function audit.redact_entry(bigint, text[], text) is
  'Blanks the values of some fields in a sealed entry; their names stay. The entry that this leaves says what the old one is now, so that the chain verifies. RW002, RW003.';

call app.make_definer('audit.close_segments(timestamptz)', 'clinic_archivist');
call app.make_definer('audit.old_unsealed(timestamptz)', 'clinic_sealer');
call app.make_definer('audit.redact_entry(bigint, text[], text)', 'clinic_archivist');
-- Only the owner of the trail drops its months.
revoke all on function audit.prune(timestamptz) from public;
grant execute on function audit.old_unsealed(timestamptz) to clinic_archivist;
grant execute on function audit.close_segments(timestamptz) to clinic_owner;
grant execute on function audit.prune(timestamptz) to clinic_worker;
grant execute on function audit.redact_entry(bigint, text[], text) to clinic_superadmin;

create policy keep on audit.audit_logs to clinic_archivist using (true) with check (true);
comment on policy keep on audit.audit_logs is 'audit.redact_entry.';
grant select, insert, update (old_values, new_values) on audit.audit_logs to clinic_archivist;

-- undo
revoke all on audit.audit_logs from clinic_archivist;
drop policy keep on audit.audit_logs;
drop function audit.redact_entry(bigint, text[], text);
drop function audit.prune(timestamptz);
drop function audit.close_segments(timestamptz);
drop function audit.old_unsealed(timestamptz);
