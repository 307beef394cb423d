"""Weak declarations: what would be wrong even though it is what the migrations install."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

# Named parts that every lint may read from.
COMMON = """
with app_role as (
  select r.oid, r.rolname from pg_roles r where pg_has_role('clinic_app', r.oid, 'member')
), narrow_role as (
  select r.oid, r.rolname from pg_roles r
  where r.rolname in ('clinic_definer', 'clinic_authenticator', 'clinic_auditor', 'clinic_booker',
    'clinic_keeper', 'clinic_receiver', 'clinic_dispatcher', 'clinic_sealer', 'clinic_archivist')
), relation as (
  select c.*, n.nspname as schema, n.nspname || '.' || c.relname as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_depend d
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
), tenant_table as (
  select r.*, case when r.name = 'clinic.clinics' then 'id' else 'clinic_id' end as tenant_column
  from relation r
  where r.relkind in ('r', 'p') and not r.relispartition
    and (r.name = 'clinic.clinics' or exists (select from pg_attribute a
      where a.attrelid = r.oid and a.attname = 'clinic_id' and not a.attisdropped))
), routine as (
  select p.*, n.nspname as schema,
    n.nspname || '.' || p.proname || '(' || oidvectortypes(p.proargtypes) || ')' as name
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace
  where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
    and not exists (select from pg_depend d
      where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e')
)
"""


@dataclass(frozen=True, slots=True)
class Lint:
    """A rule: sql lists its offenders, one name a row; excused says why some may offend."""

    name: str
    rule: str
    sql: str
    excused: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    lint: Lint
    offender: str

    def __str__(self) -> str:
        return f"LINT {self.lint.name}: {self.offender} ({self.lint.rule})"


def offenders(connection: Any, lint: Lint) -> set[str]:
    """Everything that breaks the rule, excused or not."""
    with connection.cursor() as cursor:
        cursor.execute("select set_config('search_path', 'pg_catalog', true)")
        cursor.execute(COMMON + lint.sql)
        return {row[0] for row in cursor.fetchall()}


def findings(connection: Any, lints: tuple[Lint, ...]) -> Iterator[Finding]:
    """What breaks a rule and is not excused. connection is inside a transaction."""
    for lint in lints:
        for offender in sorted(offenders(connection, lint) - lint.excused.keys()):
            yield Finding(lint, offender)
