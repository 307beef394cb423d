"""Every operation on every tenant table under every bad context, each with its positive control.

A probe counts only where the same statement reaches the clinic's own row.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from clinic.tenancy.context import Context
from tests.attacker import (
    BAD_CONTEXTS,
    OPERATIONS,
    SITE_ROLES,
    WRITES,
    Forger,
    Row,
    Table,
    attempts,
    copied,
    held_back,
    open_as,
    rows_of,
    statement,
    stocked,
    tenant_tables,
)
from tests.factories import World, make_world
from tests.races import Connection, connect, desk


@dataclass(frozen=True)
class Field:
    """Two clinics with rows in every tenant table."""

    mine: World
    theirs: World
    rows: dict[Table, tuple[list[Row], list[Row]]]

    def context(self, role: str, *, world: World | None = None) -> Context:
        cast = self.mine if world is None else world
        users = {"patient": cast.dana, "doctor": cast.chen, "nurse": cast.nur, "staff": cast.bob}
        return Context(cast.id, users.get(role, cast.alice).id, role)

    def forger(self, role: str) -> Forger:
        return Forger(self.context(role), self.context(role, world=self.theirs))

    def on_mine(self, name: str, table: Table, column: str = "", *, row: Row) -> str:
        """The positive control: the operation on a row of the clinic itself."""
        return statement(
            name, table, target=row, own=row, mine=self.theirs.id, theirs=self.mine.id,
            column=column,
        )  # fmt: skip

    def on_theirs(self, name: str, table: Table, column: str = "") -> str:
        mine, theirs = self.rows[table]
        return statement(
            name, table, target=theirs[0], own=mine[0], mine=self.mine.id, theirs=self.theirs.id,
            column=column,
        )  # fmt: skip


@pytest.fixture(scope="module")
def fields(django_db_setup: None) -> Field:
    mine, theirs = stocked(make_world()), stocked(make_world(mallory=True))
    rows = {t: (rows_of(mine, t), rows_of(theirs, t)) for t in tenant_tables()}
    return Field(mine, theirs, rows)


@pytest.fixture
def site() -> Iterator[Connection]:
    with desk() as connection:
        yield connection


@pytest.fixture
def owner() -> Iterator[Connection]:
    with connect(os.environ["MIGRATION_DATABASE_URL"]) as connection:
        yield connection


Probe = tuple[str, Table, str]
# Whoever saw a row by its key, or locked it, would see it among those that are not mine.
MAIN = ("not mine", "update", "delete", "move", "insert same", "upsert")


def leaks(connection: Connection, fields: Field, probes: list[Probe]) -> list[tuple[str, ...]]:
    """The probes that reached a row of theirs, or told something by another error."""
    told = attempts(connection, [fields.on_theirs(*probe) for probe in probes])
    pairs = zip(probes, told, strict=True)
    return [(name, table.name, outcome) for (name, table, _), outcome in pairs
            if not held_back(outcome)]  # fmt: skip


def every_probe(fields: Field) -> list[Probe]:
    return [(name, table, "") for table in fields.rows for name in OPERATIONS]


def main_probes(probes: list[Probe]) -> list[Probe]:
    """One operation of each kind: what a context opens does not depend on the rest."""
    return [probe for probe in probes if probe[0] in MAIN]


def test_no_tenant_table_is_left_out(fields: Field) -> None:
    names = {table.name for table in fields.rows}
    assert {"clinic.clinics", "clinic.patients", "clinic.appointments", "audit.audit_logs"} < names
    assert len(every_probe(fields)) >= 14 * 20


def test_the_owner_reaches_its_own_rows(fields: Field, owner: Connection) -> None:
    """The control: each operation passes row-level security when the row is the clinic's own."""
    # A second clinic is never one's own.
    probes = [p for p in every_probe(fields) if (p[0], p[1].name) != ("insert", "clinic.clinics")]
    with owner.transaction():
        open_as(owner, fields.context("owner"))
        told = attempts(owner, [fields.on_mine(*p, row=fields.rows[p[1]][0][0]) for p in probes])
    pairs = zip(probes, told, strict=True)
    held = {(p[0], p[1].name) for p, outcome in pairs if held_back(outcome)}
    # The trail is written by its triggers alone.
    assert held == {
        (name, "audit.audit_logs") for name in WRITES if not name.endswith(("delete", "returning"))
    }


def test_not_even_the_owner_reaches_another_clinic(fields: Field, owner: Connection) -> None:
    with owner.transaction():
        open_as(owner, fields.context("owner"))
        assert leaks(owner, fields, every_probe(fields)) == []


@pytest.mark.parametrize("wrong", BAD_CONTEXTS)
def test_a_bad_context_opens_nothing_to_the_owner(
    fields: Field, owner: Connection, wrong: str
) -> None:
    forged = fields.forger("owner").forged()[wrong]
    their_id = str(fields.theirs.id)
    with owner.transaction():
        open_as(
            owner, fields.context("owner"), app__context=forged, app__current_clinic_id=their_id
        )
        assert leaks(owner, fields, main_probes(every_probe(fields))) == []


UPDATABLE = """
select distinct on (attrelid) attrelid::regclass::text, attname::text
from pg_attribute join pg_class c on c.oid = attrelid
where c.relkind in ('r', 'p') and attnum > 0 and not attisdropped and attgenerated = ''
  and has_column_privilege(attrelid, attnum, 'update') order by attrelid, attnum
"""


def reachable(connection: Connection, fields: Field, role: str) -> list[Probe]:
    """The operations that the role can do to some row of its own clinic."""
    with connection.transaction():
        open_as(connection, fields.context(role))
        columns = {
            name if "." in name else f"clinic.{name}": column
            for name, column in connection.execute(UPDATABLE).fetchall()
        }
        tries = [((name, table, columns.get(table.name, "")), row)
                 for table, (mine, _) in fields.rows.items() for name in OPERATIONS
                 for row in mine]  # fmt: skip
        told = attempts(connection, [fields.on_mine(*probe, row=row) for probe, row in tries])
    pairs = zip(tries, told, strict=True)
    return list(dict.fromkeys(probe for (probe, _), outcome in pairs if not held_back(outcome)))


@pytest.fixture(scope="module")
def reach(fields: Field) -> dict[str, list[Probe]]:
    with desk() as connection:
        return {role: reachable(connection, fields, role) for role in SITE_ROLES}


LEAST = {
    "patient": 55, "doctor": 75, "nurse": 75, "staff": 90, "admin": 150, "superadmin": 150,
    "worker": 30,
}  # fmt: skip


@pytest.mark.parametrize("role", SITE_ROLES)
def test_a_role_reaches_only_its_own_clinic(
    fields: Field, site: Connection, reach: dict[str, list[Probe]], role: str
) -> None:
    assert len(reach[role]) >= LEAST[role], "the probes have become vacuous"
    their_id = str(fields.theirs.id)
    with site.transaction():
        open_as(site, fields.context(role), app__current_clinic_id=their_id)
        assert leaks(site, fields, reach[role]) == []


@pytest.mark.parametrize("wrong", BAD_CONTEXTS)
def test_a_bad_context_opens_nothing_to_any_role(
    fields: Field, site: Connection, reach: dict[str, list[Probe]], wrong: str
) -> None:
    for role in SITE_ROLES:
        forged = fields.forger(role).forged()[wrong]
        with site.transaction():
            open_as(site, fields.context(role), app__context=forged)
            assert leaks(site, fields, main_probes(reach[role])) == [], role


@pytest.mark.parametrize("role", ["staff", "admin"])
def test_copy_gives_out_its_own_clinic_only(fields: Field, site: Connection, role: str) -> None:
    query = "select 1 from clinic.patients where clinic_id = '{}'"
    with site.transaction():
        open_as(site, fields.context(role))
        counts = [copied(site, query.format(w.id)) for w in (fields.mine, fields.theirs)]
    assert counts == [1, 0]
