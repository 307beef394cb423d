"""Nobody writes, changes or empties the trail; and it always has room."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from clinic.tenancy.backend.base import OPEN, opening_values
from clinic.tenancy.context import Context
from tests.attacker import REFUSED, SITE_ROLES, attempts, stocked
from tests.factories import World, make_world
from tests.races import Connection, connect, context_of

COLUMNS = "table_schema, table_name, record_id, action, clinic_id"
TAMPERING = [
    f"insert into audit.audit_logs ({COLUMNS}) values ('clinic', 'users', 'x', 'UPDATE', '{{id}}')",
    "update audit.audit_logs set user_id = null",
    "update audit.audit_logs set actor_role = 'nobody' where false",
    "delete from audit.audit_logs",
    "delete from audit.audit_logs where false",
    "truncate audit.audit_logs",
    "truncate audit.audit_logs_default",
    "alter table audit.audit_logs disable row level security",
    "alter table audit.audit_logs detach partition audit.audit_logs_default",
    "create table audit.audit_logs_1999_01 partition of audit.audit_logs"
    " for values from ('1999-01-01') to ('1999-02-01')",
    "drop table audit.audit_logs_default",
    "drop table audit.audit_logs",
    "alter table clinic.patients disable trigger audit_update",
    "drop trigger audit_update on clinic.patients",
    "alter function audit.audit_trigger_function() rename to nothing",
    "create or replace function audit.audit_trigger_function() returns trigger language plpgsql"
    " as 'begin return null; end'",
    "set local session_replication_role = replica",
    "call audit.detach('clinic.patients')",
    "create trigger z after update on clinic.patients"
    " execute function public.update_updated_at_column()",
    "create rule z as on insert to audit.audit_logs do instead nothing",
]
MONTHS = """
select c.oid::regclass::text, relrowsecurity and relforcerowsecurity, relacl::text,
  (select count(*) from pg_policy where polrelid = c.oid),
  pg_get_expr(relpartbound, c.oid), obj_description(c.oid)
from pg_inherits join pg_class c on c.oid = inhrelid
where inhparent = 'audit.audit_logs'::regclass order by 1
"""


@pytest.fixture(scope="module")
def lived(django_db_setup: None) -> World:
    return stocked(make_world())


@pytest.fixture
def admin(admin_url: str) -> Iterator[Connection]:
    """A superuser's transaction that leaves nothing; months are not the business of a test."""
    with connect(admin_url) as connection, connection.transaction(force_rollback=True):
        yield connection


def as_context(connection: Connection, context: Context) -> None:
    connection.execute(OPEN, opening_values(context))


@pytest.mark.parametrize("role", SITE_ROLES)
def test_no_request_role_touches_the_trail(lived: World, role: str) -> None:
    with connect() as site, site.transaction(force_rollback=True):
        as_context(site, context_of(lived, lived.alice, role))
        told = attempts(site, [query.format(id=lived.id) for query in TAMPERING])
        reading = attempts(site, ["select 1 from audit.audit_logs"])[0]
    assert dict(zip(TAMPERING, told, strict=True)) == dict.fromkeys(TAMPERING, REFUSED)
    assert (reading == REFUSED) is (role not in ("admin", "superadmin"))
    assert reading == REFUSED or int(reading) > 10


def test_the_login_itself_does_not_either(lived: World) -> None:
    with connect() as site, site.transaction():
        told = attempts(site, [query.format(id=lived.id) for query in TAMPERING])
    assert set(told) == {REFUSED}


def test_the_tables_are_as_they_were(lived: World, admin: Connection) -> None:
    """After all that: every guard is in its place."""
    months = admin.execute(MONTHS.encode()).fetchall()
    assert len(months) >= 5
    assert all(guarded for _, guarded, *_ in months)
    assert {policies for *_, policies, _, _ in months} == {0}


def write(connection: Connection, world: World, text: str) -> str:
    """Change a patient as the desk; the partition that took the entry, as its reader sees it."""
    as_context(connection, context_of(world, world.bob))
    connection.execute("update clinic.patients set notes = %s", [text])
    as_context(connection, context_of(world, world.alice))
    row = connection.execute(
        "select tableoid::regclass::text from audit.audit_logs where new_values ->> 'notes' = %s",
        [text],
    ).fetchone()
    connection.execute("reset role")
    return str(row and row[0])


def this_month() -> str:
    return f"audit.audit_logs_{dt.datetime.now(dt.UTC):%Y_%m}"


def test_an_entry_lands_in_its_month(lived: World, admin: Connection) -> None:
    assert write(admin, lived, "a").endswith(this_month().removeprefix("audit."))


def without_this_month(admin: Connection) -> None:
    admin.execute(f"alter table audit.audit_logs detach partition {this_month()}".encode())
    admin.execute(f"drop table {this_month()}".encode())


def test_a_month_without_a_partition_loses_nothing(lived: World, admin: Connection) -> None:
    without_this_month(admin)
    assert write(admin, lived, "b").endswith("audit_logs_default")


def months_made(connection: Connection, ahead: int) -> int:
    connection.execute(OPEN, opening_values(Context(WORLD_LESS, None, "worker")))
    row = connection.execute("select audit.ensure_partitions(%s)", [ahead]).fetchone()
    connection.execute("reset role")
    return int(row[0]) if row else -1


WORLD_LESS: Any = "00000000-0000-0000-0000-000000000000"


def bounds(text: str) -> list[dt.datetime]:
    return [dt.datetime.fromisoformat(part) for part in re.findall(r"'([^']+)'", text)]


@pytest.mark.parametrize("zone", ["UTC", "Pacific/Kiritimati", "America/St_Johns"])
def test_new_months_are_as_closed_as_the_others(admin: Connection, zone: str) -> None:
    """Row-level security, no grant, no policy; one UTC month each, without a gap."""
    admin.execute("select set_config('TimeZone', %s, true)", [zone])
    before = {row[0] for row in admin.execute(MONTHS.encode())}
    assert months_made(admin, 24) == 25 - (len(before) - 1)
    assert months_made(admin, 24) == 0
    admin.execute("set local timezone to 'UTC'")
    rows = [row for row in admin.execute(MONTHS.encode()) if not row[0].endswith("default")]
    made = [row for row in rows if row[0] not in before]
    assert len(made) >= 20
    for _, guarded, acl, policies, _, comment in made:
        expected = (True, None, 0, "One month of the audit trail.")
        assert (guarded, acl, policies, comment) == expected
    edges = [bounds(row[4]) for row in rows]
    assert [end for _, end in edges[:-1]] == [start for start, _ in edges[1:]]
    assert {(start.day, start.hour, start.utcoffset()) for start, _ in edges} == {
        (1, 0, dt.timedelta(0))
    }


def test_nobody_reads_a_new_month_directly(lived: World, admin: Connection) -> None:
    months_made(admin, 24)
    newest = [row[0] for row in admin.execute(MONTHS.encode())][-2]
    for role in SITE_ROLES:
        as_context(admin, context_of(lived, lived.alice, role))
        assert (
            attempts(admin, [f"select 1 from {newest}", f"delete from {newest}"]) == [REFUSED] * 2
        )
    admin.execute("reset role")


def test_a_month_that_began_without_is_no_obstacle(lived: World, admin: Connection) -> None:
    """Its entries stay in the default; the months after it are made all the same."""
    without_this_month(admin)
    write(admin, lived, "c")
    notices: list[str] = []
    admin.add_notice_handler(lambda notice: notices.append(str(notice.message_primary)))
    before = len(admin.execute(MONTHS.encode()).fetchall())
    assert months_made(admin, 12) == 13 - before
    assert [n for n in notices if "audit_logs_default has entries" in n] == [
        f"{this_month()} is not made: audit_logs_default has entries of its month"
    ]
    assert write(admin, lived, "d").endswith("audit_logs_default")


@pytest.mark.parametrize("ahead", [-1, 61])
def test_how_many_months(admin: Connection, ahead: int) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        months_made(admin, ahead)


def test_an_administrator_reads_the_trail_of_one_clinic(lived: World, other_world: World) -> None:
    with connect() as site:
        for world in (lived, other_world):
            with site.transaction():
                as_context(site, context_of(world, world.alice))
                rows = site.execute("select distinct clinic_id from audit.audit_logs").fetchall()
                assert rows == [(world.id,)]
