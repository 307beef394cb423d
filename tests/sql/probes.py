"""What a guard is there for, tried: each probe fails when behaviour is not as it should be.

A probe names the tables that it is about, so that taking one guard away need not run them all.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.sql.access import ADD, CHANGE, READ, REFUSED
from tests.sql.answers import ANSWERS
from tests.sql.stage import ROLES, Stage
from tests.sql.violations import CALLED, VIOLATIONS

TABLES = frozenset(READ)
DENIED = "42501"
COMMANDS = ("insert", "update", "delete", "truncate")


@dataclass(frozen=True)
class Probe:
    """run says what is wrong, or nothing."""

    name: str
    tables: frozenset[str]
    run: Callable[[Stage], str]


def mentioned(*statements: str) -> frozenset[str]:
    """The tables of ours that statements name."""
    return frozenset(
        re.findall(r"\b(?:app|audit|booking|clinic|webhook)\.[a-z_]+\b", " ".join(statements))
    )


def differs(what: str, found: object, wanted: object) -> str:
    return "" if found == wanted else f"{what}: {found}, not {wanted}"


def first(wrongs: Callable[[Stage], Iterator[str]]) -> Callable[[Stage], str]:
    """Asks no further once something is wrong: a guard that is gone shows by one of many roles."""
    return lambda stage: next(filter(None, wrongs(stage)), "")


def reached(stage: Stage, role: str, statement: str) -> int | str:
    """The rows that a role reaches, or the error."""
    answer = stage.ask(role, statement)
    counted = answer.value if statement.startswith("select") else answer.rows
    return answer.error or counted


def reading(table: str) -> Probe:
    """Each role sees the rows that READ gives it; without a context, none."""

    @first
    def run(stage: Stage) -> Iterator[str]:
        for role in ROLES:
            where = next((w for roles, w in READ[table].items() if role in roles.split()), None)
            query = f"select count(*) from {table}"
            wanted = DENIED if where is None else stage.count(table, stage.fill(where, role))
            yield differs(role, reached(stage, role, query), wanted)
            bare = DENIED if where is None else 0
            yield differs(f"{role}!", reached(stage, f"{role}!", query), bare)

    return Probe(f"read {table}", frozenset([table]), run)


def changing(change: str) -> Probe:
    """Each role changes the rows that CHANGE gives it."""
    table = change.split()[0]

    @first
    def run(stage: Stage) -> Iterator[str]:
        for role in ROLES:
            where = next((w for roles, w in CHANGE[change].items() if role in roles.split()), None)
            wanted = DENIED if where is None else stage.count(table, stage.fill(where, role))
            yield differs(role, reached(stage, role, f"update {change}"), wanted)

    return Probe(f"change {table}", frozenset([table, "audit.audit_logs"]), run)


def adding(table: str) -> Probe:
    """Those whom ADD names add rows to their clinic, and nobody to another."""
    roles, row = ADD[table]

    @first
    def run(stage: Stage) -> Iterator[str]:
        for role in ROLES:
            here = f"insert into {table} {row}"
            there = here.replace("{clinic}", "{other}")
            wanted = 1 if role in roles.split() else DENIED
            yield differs(role, reached(stage, role, here), wanted)
            yield differs(f"{role}, elsewhere", reached(stage, role, there), DENIED)

    return Probe(f"add {table}", frozenset([table, "audit.audit_logs"]), run)


def refusing(role: str, statement: str) -> Probe:
    def run(stage: Stage) -> str:
        return differs(role, reached(stage, role, statement), DENIED)

    return Probe(f"{role} {statement[:60]}", mentioned(statement), run)


def deleting(table: str) -> Probe:
    """Nobody deletes; only the owner is bound by nothing but the clinic."""

    @first
    def run(stage: Stage) -> Iterator[str]:
        for role in ROLES:
            yield differs(f"{role} deletes", reached(stage, role, f"delete from {table}"), DENIED)

    return Probe(f"delete {table}", frozenset([table]), run)


def owning(table: str) -> Probe:
    """The owner sees its context's clinic alone, nothing without one, and moves no row away."""
    column = "id" if table == "clinic.clinics" else "clinic_id"

    @first
    def run(stage: Stage) -> Iterator[str]:
        query = f"select count(*) from {table}"
        moving = f"update {table} set {column} = '{{other}}'"
        yield differs("owner", reached(stage, "owner", query), stage.count(table, "true"))
        yield differs("owner!", reached(stage, "owner!", query), 0)
        yield differs("owner moves", reached(stage, "owner", moving), DENIED)

    return Probe(f"own {table}", frozenset([table]), run)


def partition(name: str) -> Probe:
    """Directly, a partition shows nothing to anyone, not even to its owner."""

    @first
    def run(stage: Stage) -> Iterator[str]:
        query = f"select count(*) from {name}"
        for role in (*ROLES, "auditor!"):
            yield differs(role, reached(stage, role, query), DENIED)
        yield differs("owner", reached(stage, "owner", query), 0)

    return Probe(f"read {name}", frozenset([name]), run)


def breaking(constraint: str, tables: frozenset[str]) -> Probe:
    """The statement that breaks a constraint is refused by that one."""

    def run(stage: Stage) -> str:
        found = stage.ask("", VIOLATIONS[constraint]).constraint
        return differs("refused by", found, CALLED.get(constraint, constraint))

    return Probe(f"break {constraint}", tables | mentioned(VIOLATIONS[constraint]), run)


def stamping(table: str) -> Probe:
    """updated_at cannot be written, by the superuser either."""

    def run(stage: Stage) -> str:
        written = f"update {table} set updated_at = '2000-01-01' where clinic_id = '{{home}}'"
        written = written.replace("clinic_id", "id") if table == "clinic.clinics" else written
        if table == "clinic.feature_flags":  # of no clinic
            written = written.partition(" where ")[0]
        late = f"select count(*) from {table} where updated_at = '2000-01-01'"
        return differs("written", stage.ask("", written, after=late).value, 0)

    return Probe(f"updated_at {table}", frozenset([table]), run)


COPY = """
with gone as (delete from {table} where {few} returning *)
insert into {table} ({columns}) select {columns} from gone
"""
COLUMNS = """
select string_agg(quote_ident(attname), ', ') from pg_attribute
where attrelid = %s::regclass and attnum > 0 and not attisdropped and attgenerated = ''
"""
# "cascade" would empty half of the database.
EMPTIED = """
do $$
declare
  v_drop text;
begin
  for v_drop in
    select format('alter table %s drop constraint %I', conrelid::regclass, conname)
    from pg_constraint where contype = 'f' and confrelid = '{table}'::regclass
  loop
    execute v_drop;
  end loop;
end
$$;
truncate {table}
"""
# By clinic, as the index of the trail is: other tests leave thousands of entries.
ENTRIES = """
select exists (
  select from audit.audit_logs
  where (clinic_id in ('{{home}}', '{{other}}') or clinic_id is null) and created_at >= now()
    and table_schema || '.' || table_name = '{table}' and action = '{action}')
"""


# Those of TOUCHED have no created_at.
TOUCH = "created_at = '2001-01-01'"
TOUCHED = {
    "clinic.glass_breaks": "review_note = 'x'", "clinic.clinic_entries": "user_name = 'x'",
    "clinic.webhook_events": "conflicts = 9", "audit.segments": "entries = 2",
    "clinic.waiting_list_offers": "answer_key = 'x'", "clinic.freed_slots": "cause = 'block'",
}  # fmt: skip

# Other tests leave thousands of rows, too.
A_FEW = "ctid = any (array(select ctid from {table} where {where} limit 3))"


def auditing(table: str, command: str) -> Probe:
    """A command leaves an entry, even where ordinary triggers are off."""

    def statement(stage: Stage) -> str:
        (columns,) = stage.sql.execute(COLUMNS, [table]).fetchone()
        key = "id" if table == "clinic.clinics" else "clinic_id"
        ours = f"{key} in ('{{home}}', '{{other}}')" if key in columns.split(", ") else "true"
        few = A_FEW.format(table=table, where=ours)
        return {
            "insert": COPY.format(table=table, columns=columns, few=few),
            "update": f"update {table} set {TOUCHED.get(table, TOUCH)} where {few}",
            "delete": f"delete from {table} where {few}",
            "truncate": EMPTIED.format(table=table),
        }[command]

    def run(stage: Stage) -> str:
        entries = ENTRIES.format(table=table, action=command.upper())
        answer = stage.ask(
            "", statement(stage), before="set local session_replication_role = replica",
            after=entries,
        )  # fmt: skip
        return differs("entries", answer.error or answer.value, True)

    return Probe(f"audit_{command} {table}", frozenset([table]), run)


LINKED = """
select conname, conrelid::regclass::text, confrelid::regclass::text
from pg_constraint where contype = 'f'
"""


def probes(stage: Stage) -> Iterator[Probe]:
    """Every probe; audited and partitioned tables are those that the database has."""
    yield from map(reading, READ)
    yield from map(changing, CHANGE)
    yield from map(adding, ADD)
    yield from (refusing(role, statement) for role, statement in REFUSED)
    yield from map(deleting, TABLES)
    yield from map(owning, TABLES)
    linked = {name: frozenset(tables) for name, *tables in stage.sql.execute(LINKED)}
    yield from (breaking(name, linked.get(name, frozenset())) for name in VIOLATIONS)
    yield from ANSWERS
    for name, kind in tables_of(stage):
        if kind == "partition":
            yield partition(name)
        elif kind == "stamped":
            yield stamping(name)
        else:
            yield from (auditing(name, command) for command in COMMANDS)


def tables_of(stage: Stage) -> list[tuple[str, str]]:
    """(table, what holds of it): partitions, tables with the clock's trigger, audited tables."""
    return stage.sql.execute("""
        select inhrelid::regclass::text, 'partition' from pg_inherits
        where inhparent = 'audit.audit_logs'::regclass
        union all
        select tgrelid::regclass::text,
          case tgname when 'updated_at' then 'stamped' else 'audited' end
        from pg_trigger where tgname in ('updated_at', 'audit_update')
        order by 1, 2""").fetchall()


def about(identity: str, every_probe: list[Probe]) -> list[Probe]:
    """The probes of an object's table: those that name the object, then those of few tables."""
    kind, _, name = identity.partition(" ")
    table, _, own_name = ("", "", "") if kind == "table" else name.rpartition(".")
    found = [probe for probe in every_probe if (table or name) in probe.tables]
    return sorted(found, key=lambda probe: (own_name not in probe.name, len(probe.tables)))
