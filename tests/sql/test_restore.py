"""A dump writes definitions as the catalogue shows them: read back, they must be the same.

PostgreSQL rewrites some expressions when it reads its own text of them, so that a restored
database would differ from a migrated one in words alone. Declared in another way, they last.
"""

import psycopg
import pytest

from clinic.catalogue import catalogue, compare

TABLES = """
  select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
"""
AGAIN = {
    "constraints": f"""
        select format('alter table %s drop constraint %I, add constraint %I %s',
          conrelid::regclass, conname, conname, pg_get_constraintdef(oid))
        from pg_constraint
        where contype in ('c', 'x') and coninhcount = 0 and conrelid in ({TABLES})
        """,
    "policies": """
        select format('alter policy %I on %s ', polname, polrelid::regclass)
          || coalesce(' using (' || pg_get_expr(polqual, polrelid) || ')', '')
          || coalesce(' with check (' || pg_get_expr(polwithcheck, polrelid) || ')', '')
        from pg_policy
        """,
    "columns": f"""
        select format('alter table %s alter %I set default %s', d.adrelid::regclass, a.attname,
          pg_get_expr(d.adbin, d.adrelid))
        from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
        where a.attgenerated = '' and d.adrelid in ({TABLES})
        """,
    "indexes": f"""
        select format('drop index %s; %s', indexrelid::regclass, pg_get_indexdef(indexrelid))
        from pg_index i
        where indrelid in ({TABLES}) and (indpred is not null or indexprs is not null)
          and not exists (select from pg_constraint o where o.conindid = i.indexrelid)
          and not exists (select from pg_inherits h where h.inhrelid = i.indexrelid)
        """,
    "relations": f"""
        select format('create or replace view %s%s as %s', oid::regclass,
          ' with (' || array_to_string(reloptions, ', ') || ')', pg_get_viewdef(oid))
        from pg_class where relkind = 'v' and oid in ({TABLES})
        """,
}


@pytest.mark.parametrize("kind", AGAIN)
def test_definitions_survive_a_dump(admin: psycopg.Connection, kind: str) -> None:
    before = catalogue(admin, [kind])
    admin.execute("set local search_path to pg_catalog")
    for (statement,) in admin.execute(AGAIN[kind]).fetchall():
        admin.execute(statement)
    assert [str(each) for each in compare(catalogue(admin, [kind]), before)] == []
