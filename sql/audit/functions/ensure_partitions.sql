-- Makes the monthly partitions of the trail ahead of time (UTC months). Run by migrate and daily.
create function audit.ensure_partitions(p_months_ahead int) returns int
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_month timestamptz;
  v_name text;
  v_made int := 0;
begin
  if p_months_ahead not between 0 and 60 then
    raise exception 'partitions are made for 0 to 60 months ahead' using errcode = '22023';
  end if;
  for v_month in
    select m at time zone 'UTC' from generate_series(
      date_trunc('month', now() at time zone 'UTC'),
      date_trunc('month', now() at time zone 'UTC') + make_interval(months => p_months_ahead),
      interval '1 month') m
  loop
    v_name := 'audit_logs_' || to_char(v_month at time zone 'UTC', 'YYYY_MM');
    continue when to_regclass('audit.' || v_name) is not null;
    begin
      execute format('create table audit.%I partition of audit.audit_logs for values from (%L) to (%L)',
        v_name, v_month, (v_month at time zone 'UTC' + interval '1 month') at time zone 'UTC');
    exception when check_violation then
      -- The month began without one: its entries stay in the default, later months get theirs.
      raise warning 'audit.% is not made: audit_logs_default has entries of its month', v_name;
      continue;
    end;
    execute format('alter table audit.%I enable row level security', v_name);
    execute format('alter table audit.%I force row level security', v_name);
    execute format('comment on table audit.%I is %L', v_name, 'One month of the audit trail.');
    v_made := v_made + 1;
  end loop;
  return v_made;
end
$$;
comment on function audit.ensure_partitions(int) is 'Makes missing monthly partitions from this month to so many ahead; returns how many.';
-- The one definer function of the owner: only the owner of a table may add a partition to it.
revoke all on function audit.ensure_partitions(int) from public;
grant execute on function audit.ensure_partitions(int) to clinic_worker;
select audit.ensure_partitions(3);

-- undo
drop function audit.ensure_partitions(int);
