"""What guards rows: policies, row security, constraints, columns, triggers."""

from tests.sql.families import TABLE, Family

POLICY = """
select format({}, polname, polrelid::regclass), 'policy ' || polrelid::regclass || '.' || polname
from pg_policy
"""

ROWS = (
    Family("policy dropped", ("policies",), POLICY.format("'drop policy %I on %s'")),
    Family(
        "policy opened for reading",
        ("policies",),
        POLICY.format("'alter policy %I on %s using (true)'")
        + "where pg_get_expr(polqual, polrelid) <> 'true'",
    ),
    Family(
        "policy opened for writing",
        ("policies",),
        POLICY.format("'alter policy %I on %s with check (true)'")
        + "where pg_get_expr(polwithcheck, polrelid) <> 'true'",
    ),
    Family(
        "policy for everyone",
        ("policies",),
        POLICY.format("'alter policy %I on %s to public'") + "where not 0 = any (polroles)",
    ),
    Family(
        "policy for one role only",
        ("policies",),
        POLICY.format("'alter policy %I on %s to clinic_staff'") + "where 0 = any (polroles)",
    ),
    Family(
        "policy added",
        ("policies",),
        f"""
        select format('create policy more on %s using (true)', name), 'policy ' || name || '.more'
        from ({TABLE}) t where relrowsecurity
        """,
    ),
    Family(
        "row security off",
        ("relations",),
        f"""
        select format('alter table %s disable row level security', name), 'table ' || name
        from ({TABLE}) t where relrowsecurity
        """,
    ),
    Family(
        "force off",
        ("relations",),
        f"""
        select format('alter table %s no force row level security', name), 'table ' || name
        from ({TABLE}) t where relforcerowsecurity
        """,
    ),
    Family(
        "table handed over",
        ("relations",),
        f"""
        select format('alter table %s owner to clinic_admin', name), 'table ' || name
        from ({TABLE}) t
        """,
    ),
    Family(
        "constraint dropped",
        ("constraints",),
        f"""
        select format('alter table %s drop constraint %I cascade', o.conrelid::regclass, o.conname),
          'constraint ' || o.conrelid::regclass || '.' || o.conname
        from pg_constraint o join ({TABLE}) t on t.oid = o.conrelid
        where o.contype in ('c', 'f', 'p', 'u', 'x') and o.coninhcount = 0
        """,
    ),
    Family(
        "foreign key not enforced",
        ("constraints",),
        f"""
        select format('alter table %s disable trigger all', o.conrelid::regclass),
          'constraint ' || o.conrelid::regclass || '.' || o.conname
        from pg_constraint o join ({TABLE}) t on t.oid = o.conrelid where o.contype = 'f'
        """,
    ),
    Family(
        "index dropped",
        ("indexes",),
        f"""
        select format('drop index %s', i.indexrelid::regclass), 'index ' || i.indexrelid::regclass
        from pg_index i join ({TABLE}) t on t.oid = i.indrelid
        where not exists (select from pg_constraint o where o.conindid = i.indexrelid)
          and not exists (select from pg_inherits h where h.inhrelid = i.indexrelid)
        """,
    ),
    Family(
        "column may be null",
        ("columns",),
        f"""
        select format('alter table %s ', t.name)
            || string_agg(format('alter %I drop not null', a.attname), ', '),
          array_agg('column ' || t.name || '.' || a.attname)
        from ({TABLE}) t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0
        where a.attnotnull and a.attidentity = '' and not t.relispartition and not exists (
          select from pg_constraint o
          where o.conrelid = t.oid and o.contype = 'p' and a.attnum = any (o.conkey))
        group by t.name
        """,
    ),
    Family(
        "default dropped",
        ("columns",),
        f"""
        select format('alter table %s ', t.name)
            || string_agg(format('alter %I drop default', a.attname), ', '),
          array_agg('column ' || t.name || '.' || a.attname)
        from ({TABLE}) t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0
        where a.atthasdef and a.attgenerated = ''
        group by t.name
        """,
    ),
    Family(
        "trigger dropped",
        ("triggers",),
        """
        select format('drop trigger %I on %s', tgname, tgrelid::regclass),
          'trigger ' || tgrelid::regclass || '.' || tgname
        from pg_trigger where not tgisinternal
        """,
    ),
    Family(
        "trigger off",
        ("triggers",),
        """
        select format('alter table %s disable trigger %I', tgrelid::regclass, tgname),
          'trigger ' || tgrelid::regclass || '.' || tgname
        from pg_trigger where not tgisinternal
        """,
    ),
    Family(
        "trigger off for replicas",
        ("triggers",),
        """
        select format('alter table %s enable trigger %I', tgrelid::regclass, tgname),
          'trigger ' || tgrelid::regclass || '.' || tgname
        from pg_trigger where not tgisinternal and tgenabled = 'A'
        """,
    ),
    Family(
        "rule added",
        ("rules",),
        f"""
        select format('create rule silent as on delete to %s do instead nothing', name),
          'rule ' || name || '.silent'
        from ({TABLE}) t
        """,
    ),
)
