"""What a role may do, asked of PostgreSQL: its grants are the one place where that is said."""

from dataclasses import dataclass
from functools import cache

from django.apps import apps
from django.db import connection
from django.db.models import Field

COLUMNS = """
select c.relname, a.attname,
       has_column_privilege(%(role)s::name, a.attrelid, a.attnum, 'select'),
       has_column_privilege(%(role)s::name, a.attrelid, a.attnum, 'insert'),
       has_column_privilege(%(role)s::name, a.attrelid, a.attnum, 'update')
from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
where a.attrelid = any (array(select to_regclass(name) from unnest(%(tables)s::text[]) as name))
  and a.attnum > 0 and not a.attisdropped
"""


@dataclass(frozen=True, slots=True)
class TableGrants:
    """The columns of one table that a role may read, write in a new row, and change."""

    select: frozenset[str] = frozenset()
    insert: frozenset[str] = frozenset()
    update: frozenset[str] = frozenset()


@cache
def role_grants(role: str) -> dict[str, TableGrants]:
    """Grants of a role of request.role, by table. One query per role and process."""
    tables = [model._meta.db_table for model in apps.get_models()]
    found: dict[str, tuple[set[str], set[str], set[str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, {"role": f"clinic_{role}", "tables": tables})
        for table, column, *allowed in cursor.fetchall():
            sets = found.setdefault(table, (set(), set(), set()))
            for columns, yes in zip(sets, allowed, strict=True):
                if yes:
                    columns.add(column)
    return {table: TableGrants(*map(frozenset, sets)) for table, sets in found.items()}


def table_grants(role: str, table: str) -> TableGrants:
    """Grants of a role on one table; none on a table that the site does not see."""
    return role_grants(role).get(table, TableGrants())


@cache
def may_call(role: str, function: str) -> bool:
    """Whether a role may execute a function, given with its schema and argument types."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select has_function_privilege(%s::name, %s::text, 'execute')",
            [f"clinic_{role}", function],
        )
        return bool(cursor.fetchone()[0])


def unreadable(role: str, fields: list[Field]) -> list[str]:
    """Names of the fields whose columns the role may not read; no query may ask for them."""
    return [
        field.name
        for field in fields
        if field.concrete
        and field.column not in table_grants(role, field.model._meta.db_table).select
    ]
