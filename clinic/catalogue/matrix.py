"""The role matrix, as the live catalogue has it: what each role may do with each table."""

from dataclasses import dataclass
from itertools import groupby
from typing import Any

from clinic.tenancy.context import REQUEST_ROLES

ROLES = (*REQUEST_ROLES, "worker")
COMMANDS = ("select", "insert", "update", "delete")
# A grant opens rows only where row-level security is off, or a policy lets the role at some.
CELLS = """
with cells as (
  select t.oid, n.nspname || '.' || t.relname as name, t.relkind, r.role, c.command,
    has_table_privilege('clinic_' || r.role, t.oid, c.command) as whole,
    not t.relrowsecurity or exists (
      select from pg_policy p
      where p.polrelid = t.oid and p.polpermissive
        and p.polcmd in ('*', case c.command when 'select' then 'r' when 'insert' then 'a'
                                             when 'update' then 'w' else 'd' end::"char")
        and (p.polroles = '{0}' or exists (
          select from unnest(p.polroles) o join pg_roles g on g.oid = o
          where g.rolname = 'clinic_' || r.role))) as opened
  from pg_class t join pg_namespace n on n.oid = t.relnamespace
  cross join unnest(%(roles)s::text[]) with ordinality r (role, place)
  cross join unnest(%(commands)s::text[]) with ordinality c (command, turn)
  where t.relkind in ('r', 'p', 'v') and not t.relispartition
    and n.nspname in ('app', 'audit', 'booking', 'clinic', 'webhook')
)
select c.name, c.role, c.command, c.whole, c.opened, coalesce((
    select array_agg(a.attname::text order by a.attnum)
    from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and not c.whole
      and c.command <> 'delete'
      and has_column_privilege('clinic_' || c.role, c.oid, a.attnum, c.command)), '{}'),
  (select array_agg(a.attname::text order by a.attnum) from pg_attribute a
   where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped)
from cells c order by c.name, array_position(%(roles)s, c.role),
  array_position(%(commands)s, c.command)
"""
INTRODUCTION = """\
# Role matrix

What each role may do with each table, read from the grants and policies of the database:
`manage.py print_matrix` prints this page, a test holds it equal.

- **S** select, **I** insert, **U** update, **D** delete. In small letters: some columns only, which
  are listed below. A dash: the database refuses.
- The matrix says *whether*; *which rows* is in the policies (`sql/<app>/policies/`), always within
  one clinic. A patient sees their own rows, a doctor the records of those they treat:
  docs/security.md.
- Nobody deletes. `app.take_back` hides a row; functions do what no grant allows.
"""


@dataclass(frozen=True, slots=True)
class Cell:
    """One command of one role on one table.

    columns are those granted, where not all or none are; every has all that the table has.
    """

    table: str
    role: str
    command: str
    whole: bool
    columns: tuple[str, ...]
    every: tuple[str, ...]

    @property
    def letter(self) -> str:
        initial = self.command[0].upper()
        return initial if self.whole else initial.lower() if self.columns else ""


def cells(connection: Any) -> list[Cell]:
    """Every cell, by table, role and command."""
    with connection.cursor() as cursor:
        cursor.execute(CELLS, {"roles": list(ROLES), "commands": list(COMMANDS)})
        return [
            Cell(
                table, role, command, whole and opened, tuple(columns) if opened else (),
                tuple(every),
            )
            for table, role, command, whole, opened, columns, every in cursor.fetchall()
        ]  # fmt: skip


def matrix(found: list[Cell]) -> str:
    """The page in Markdown: a table of all tables, then the columns where not all are granted."""
    by_table = {name: list(group) for name, group in groupby(found, key=lambda c: c.table)}
    reached = {name: group for name, group in by_table.items() if any(c.letter for c in group)}
    head = [f"| table | {' | '.join(ROLES)} |", "|---" * (len(ROLES) + 1) + "|"]
    rows = [f"| {name} | {' | '.join(line(group))} |" for name, group in reached.items()]
    none = ", ".join(f"`{name}`" for name in sorted(by_table.keys() - reached.keys()))
    some = [text for name, group in reached.items() for text in columns_of(name, group)]
    parts = [
        INTRODUCTION, *head, *rows, "",
        f"Reached through functions only: {none}.", "",
        "## Where some columns are granted", "", *some,
    ]  # fmt: skip
    return "\n".join(parts).rstrip() + "\n"


def line(group: list[Cell]) -> list[str]:
    """The letters of each role on one table."""
    letters = dict.fromkeys(ROLES, "")
    for cell in group:
        letters[cell.role] += cell.letter
    return [text or "–" for text in letters.values()]


def columns_of(name: str, group: list[Cell]) -> list[str]:
    """A heading and one line for each set of columns; roles with the same ones share a line."""
    lists: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for cell in group:
        if cell.columns:
            lists.setdefault((cell.command, cell.columns), []).append(cell.role)
    lines = [
        f"- {command} by {', '.join(roles)}: {', '.join(columns)}"
        for (command, columns), roles in sorted(
            lists.items(), key=lambda item: COMMANDS.index(item[0][0])
        )
    ]
    return [f"### {name}", "", *lines, ""] if lines else []
