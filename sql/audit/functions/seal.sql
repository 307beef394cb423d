-- Seals what has been committed and is not sealed yet, in the order in which it shows. A number may
-- be committed late, below others that are sealed: so nothing is skipped by comparing numbers alone.
-- The window to look at begins where no running transaction can still put an entry. Writers are not
-- waited for, and do not wait: one long transaction delays its own entries only.
create function audit.seal(p_pass text, p_limit int default 5000) returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan  -- only a list that is known is looked up by its hash
set jit = off
as $$
declare
  v_given bigint := (select case when is_called then last_value else 0 end
                     from audit.audit_logs_id_seq);
  v_state audit.sealing;
  v_ended boolean;
  v_ids bigint[];
  v_entry record;
  v_head audit.chains;
  v_seals audit.seals[];
  v_full boolean;
begin
  perform app.at_the_door(p_pass);  -- from inside a clinic it would only hold up the others
  -- Of no entries, the last would be unknown, and what waits would be passed over.
  if p_limit not between 1 and 1000000 or p_limit is null then
    raise exception 'entries are sealed one or more at a time' using errcode = '22023';
  end if;
  -- v_given was read before this transaction had a number: whoever holds an entry up to it is older.
  if pg_current_xact_id_if_assigned() is not null then
    raise exception 'sealing needs a transaction of its own' using errcode = '25000';
  end if;
  select * into v_state from audit.sealing for update skip locked;
  if not found then
    return -1;
  end if;
  v_ended := pg_snapshot_xmin(pg_current_snapshot()) >= v_state.next_xid;
  v_ids := array(
    select e.id from audit.entries e
    where e.id > v_state.sealed_below
      and not exists (select from audit.seals s where s.entry_id = e.id)
    order by e.id limit p_limit);
  for v_entry in
    select coalesce(e.clinic_id, app.nil_uuid()) as clinic_id, e.id, e.created_at, e.digest
    from audit.entries e
    where e.id = any (v_ids) and e.id between v_ids[1] and v_ids[cardinality(v_ids)]
    order by 1, 2
  loop
    if v_head.clinic_id is distinct from v_entry.clinic_id then
      v_head := audit.keep_head(v_head, v_entry.clinic_id);
    end if;
    v_head.position := v_head.position + 1;
    v_head.hash := audit.link(v_head.hash, v_head.clinic_id, v_head.position, v_entry.id,
      v_entry.created_at, v_entry.digest);
    v_seals := v_seals || row(v_head.clinic_id, v_head.position, v_entry.id, v_entry.created_at,
      v_entry.digest, v_head.hash, now())::audit.seals;
  end loop;
  insert into audit.seals select s.* from unnest(v_seals) s;
  perform audit.keep_head(v_head, null);
  v_full := cardinality(v_ids) = p_limit;
  if v_ended and v_full then
    update audit.sealing set sealed_below = greatest(sealed_below, least(v_ids[p_limit], next_below));
  elsif v_ended or v_state.next_xid > pg_current_xact_id() then  -- a restored copy counts anew
    update audit.sealing set next_below = v_given, next_xid = pg_current_xact_id(),
      sealed_below = case when v_ended then next_below else sealed_below end;
  end if;
  return cardinality(v_ids);
end
$$;
comment on function audit.seal(text, int) is
  'Seals at most p_limit entries, oldest first; returns how many, -1 while another sealer is at it. 22023 for no limit, 25000 inside a transaction that has written, RW002 without a pass for the door.';

create function audit.keep_head(p_head audit.chains, p_next uuid) returns audit.chains
language plpgsql volatile
as $$
declare
  v_next audit.chains;
begin
  update audit.chains set position = p_head.position, hash = p_head.hash, sealed_at = now()
  where clinic_id = p_head.clinic_id;
  if p_next is not null then
    insert into audit.chains (clinic_id, position, hash) values (p_next, 0, audit.first_hash())
    on conflict do nothing;
    select * into v_next from audit.chains where clinic_id = p_next;
  end if;
  return v_next;
end
$$;
comment on function audit.keep_head(audit.chains, uuid) is 'Of audit.seal: stores the head of one chain and returns that of the next.';
call app.make_definer('audit.seal(text, int)', 'clinic_sealer');
grant execute on function audit.keep_head(audit.chains, uuid) to clinic_sealer;
grant execute on function audit.seal(text, int) to clinic_app;
grant select on sequence audit.audit_logs_id_seq to clinic_sealer;

create function audit.unsealed(p_pass text) returns table (entries bigint, oldest timestamptz)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select count(*), min(u.created_at) from (
    select e.created_at from audit.entries e
    where app.at_the_door(p_pass) and e.id > (select sealed_below from audit.sealing)
      and not exists (select from audit.seals s where s.entry_id = e.id)
    limit 100000) u
$$;
comment on function audit.unsealed(text) is
  'Committed entries that wait for the sealer, of all clinics, counted up to 100,000, and the time of the oldest; RW002 without a pass for the door.';
call app.make_definer('audit.unsealed(text)', 'clinic_sealer');
grant execute on function audit.unsealed(text) to clinic_app;

create function audit.unsealed_here() returns table (entries bigint, oldest timestamptz)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select count(*), min(u.created_at) from (
    select e.created_at from audit.entries e
    where e.clinic_id = (select app.require_clinic_id())
      and e.id > (select sealed_below from audit.sealing)
      and not exists (select from audit.seals s where s.entry_id = e.id)
    limit 100000) u
$$;
comment on function audit.unsealed_here() is 'The same of the clinic of the context: how much others do is not told.';
call app.make_definer('audit.unsealed_here()', 'clinic_sealer');
grant execute on function audit.unsealed_here() to clinic_admin, clinic_superadmin;

-- undo
drop function audit.unsealed_here();
drop function audit.unsealed(text);
revoke select on sequence audit.audit_logs_id_seq from clinic_sealer;
drop function audit.seal(text, int);
drop function audit.keep_head(audit.chains, uuid);
