"""Each entry is sealed once, soon after its commit, without anybody waiting for anybody."""

import datetime as dt
import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import Error, connection

from audit.sealing import keep_sealing, seal_all, unsealed, unsealed_here
from tests.audit.chains import connect, make_chain, seal, turn, verify, write
from tests.factories import World
from tests.jobs.worker import until, worker
from tests.races import at_once

SEALED = "select count(*) from audit.seals where clinic_id = %s"


@pytest.fixture
def sql(admin_url: str) -> Iterator[Any]:
    with connect(admin_url) as connection:
        yield connection


def sealed(sql: Any, clinic: uuid.UUID) -> int:
    return int(sql.execute(SEALED, [clinic]).fetchone()[0])


def positions(sql: Any, clinic: uuid.UUID) -> list[int]:
    query = "select position from audit.seals where clinic_id = %s order by 1"
    return [row[0] for row in sql.execute(query, [clinic])]


def test_what_people_do_is_sealed_without_a_gap(world: World, sql: Any) -> None:
    seal_all()
    made = sealed(sql, world.id)
    assert made > 20
    with world.as_user(world.bob):
        type(world.patient).objects.filter(pk=world.patient.pk).update(notes="x")
    seal_all()
    assert sealed(sql, world.id) == made + 1
    assert positions(sql, world.id) == list(range(1, made + 2))
    assert verify(sql, world.id) == []


def test_sealing_again_seals_nothing(world: World, sql: Any) -> None:
    seal_all()
    before = sealed(sql, world.id)
    seal_all()
    assert sealed(sql, world.id) == before


def test_entries_of_no_clinic_have_a_chain_too(sql: Any) -> None:
    nobody = uuid.UUID(int=0)
    seal(sql)
    before = sealed(sql, nobody)
    sql.execute(
        "insert into audit.audit_logs (table_schema, table_name, action)"
        " values ('clinic', 'users', 'UPDATE')"
    )
    seal(sql)
    assert sealed(sql, nobody) == before + 1
    assert verify(sql, nobody) == []


def test_a_transaction_that_commits_late_is_sealed(sql: Any, admin_url: str) -> None:
    """Its numbers are below those that are sealed meanwhile, by many turns of the sealer."""
    late, soon = uuid.uuid4(), uuid.uuid4()
    with connect(admin_url) as slow, slow.transaction():
        write(slow, late, 3)
        for _ in range(4):
            write(sql, soon, 2)
            assert seal(sql) >= 2
        assert sealed(sql, soon) == 8
        assert sealed(sql, late) == 0
    seal(sql)
    assert sealed(sql, late) == 3
    assert verify(sql, late) == []
    assert verify(sql, soon) == []


def test_what_was_rolled_back_leaves_no_gap(sql: Any, admin_url: str) -> None:
    clinic = uuid.uuid4()
    write(sql, clinic, 2)
    with connect(admin_url) as other, other.transaction(force_rollback=True):
        write(other, clinic, 5)
        seal(sql)
    write(sql, clinic, 2)
    seal(sql)
    assert positions(sql, clinic) == [1, 2, 3, 4]
    assert verify(sql, clinic) == []


def test_a_full_batch_goes_on_where_it_ended(sql: Any) -> None:
    clinic = uuid.uuid4()
    seal(sql)
    write(sql, clinic, 25)
    while turn(sql, 4) > 0:
        pass
    assert positions(sql, clinic) == list(range(1, 26))
    assert verify(sql, clinic) == []


@pytest.mark.parametrize("limit", [0, -1, None])
def test_no_turn_of_nothing_passes_over_what_waits(sql: Any, limit: int | None) -> None:
    """The site may call it: a turn of no entries moved the mark past those that were not sealed."""
    clinic = uuid.uuid4()
    seal(sql)
    write(sql, clinic, 3)
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        turn(sql, limit)
    seal(sql)
    assert positions(sql, clinic) == [1, 2, 3]
    assert verify(sql, clinic) == []


def test_one_sealer_at_a_time(sql: Any, admin_url: str) -> None:
    with connect(admin_url) as other, other.transaction():
        other.execute("select from audit.sealing for update")
        assert turn(sql) == -1


def test_no_writer_waits_for_the_sealer(world: World, admin_url: str) -> None:
    """While a turn of the sealer is open, people write on and read on."""
    with connect(admin_url) as sealer, sealer.transaction():
        turn(sealer)
        with world.as_user(world.bob):
            assert type(world.patient).objects.filter(pk=world.patient.pk).update(notes="y") == 1


def test_nobody_seals_from_inside_a_clinic(world: World) -> None:
    """Whoever got in could have held up the others, turn after turn."""
    with (
        pytest.raises(Error, match="before a clinic is entered"),
        world.as_user(world.dana),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "select set_config('role', 'clinic_app', true),"
            " query_to_xml('select audit.seal(null, 1)', false, true, '')"
        )


def test_it_wants_a_transaction_of_its_own(sql: Any) -> None:
    with sql.transaction(force_rollback=True):
        sql.execute("select pg_current_xact_id()")
        with pytest.raises(psycopg.errors.InvalidTransactionState):
            turn(sql)


def test_many_writers_and_many_sealers_make_one_chain(sql: Any, admin_url: str) -> None:
    clinic = uuid.uuid4()
    seal(sql)

    def writing() -> None:
        with connect(admin_url) as mine:
            for _ in range(15):
                write(mine, clinic, 2)

    def sealing() -> None:
        with connect(admin_url) as mine:
            for _ in range(25):
                turn(mine, 7)

    at_once([*[writing] * 12, *[sealing] * 4])
    seal(sql)
    assert positions(sql, clinic) == list(range(1, 361))
    assert verify(sql, clinic) == []


def test_a_sealer_that_is_killed_midway_is_gone_on_from(sql: Any, admin_url: str) -> None:
    """Its turn is undone as a whole; the next one makes the same chain."""
    chain = make_chain(sql, 12)
    write(sql, chain.clinic, 40)
    doomed = connect(admin_url)
    doomed.execute("begin")
    assert turn(doomed, 20) == 20
    pid = doomed.info.backend_pid
    assert sql.execute("select pg_terminate_backend(%s, 5000)", [pid]).fetchone()[0]
    doomed.close()
    assert sealed(sql, chain.clinic) == 12
    seal(sql)
    assert positions(sql, chain.clinic) == list(range(1, 53))
    assert verify(sql, chain.clinic) == []


def test_the_loop_goes_on_after_an_error(sql: Any) -> None:
    """A lost connection is had again; the entries of meanwhile are sealed."""
    clinic, stop = uuid.uuid4(), threading.Event()
    loop = threading.Thread(target=keep_sealing, args=[stop])
    loop.start()
    try:
        write(sql, clinic, 3)
        until(lambda: sealed(sql, clinic) == 3)
        sql.execute("alter table audit.sealing rename to away")
        write(sql, clinic, 3)
        sql.execute("alter table audit.away rename to sealing")
        until(lambda: sealed(sql, clinic) == 6)
    finally:
        stop.set()
        loop.join(10)
    assert not loop.is_alive()


def test_the_worker_seals_within_seconds(world: World, sql: Any) -> None:
    with worker():
        with world.as_user(world.bob):
            type(world.patient).objects.filter(pk=world.patient.pk).update(notes="z")
        made = "select count(*) from audit.audit_logs where clinic_id = %s"
        (count,) = sql.execute(made, [world.id]).fetchone()
        until(lambda: sealed(sql, world.id) == count, seconds=5)


def test_a_sealer_on_its_own_killed_and_started_again(sql: Any) -> None:
    clinic = uuid.uuid4()
    for _ in range(2):
        process = subprocess.Popen(
            [sys.executable, "manage.py", "audit_seal", "--loop"], cwd=settings.BASE_DIR,
            env=dict(os.environ), stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            before = sealed(sql, clinic)
            write(sql, clinic, 500)
            until(lambda n=before: sealed(sql, clinic) == n + 500)
        finally:
            process.kill()
            process.communicate(timeout=10)
    assert positions(sql, clinic) == list(range(1, 1001))
    assert verify(sql, clinic) == []


def test_the_command_says_how_many(sql: Any) -> None:
    seal(sql)
    write(sql, uuid.uuid4(), 5)
    assert unsealed().entries == 5
    output = StringIO()
    call_command("audit_seal", stdout=output)
    assert output.getvalue() == "5 entries sealed, 0 wait.\n"


def test_an_administrator_is_told_of_the_own_clinic_alone(
    sql: Any, world: World, other_world: World, login: Any
) -> None:
    """How much others do is nobody's business: the count was that of all clinics."""
    seal(sql)
    with world.as_user(world.alice):
        assert unsealed_here().entries == 0
    long_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=2)
    write(sql, other_world.id, 3, long_ago)
    write(sql, world.id, 2, long_ago)
    assert unsealed().entries == 5
    with world.as_user(world.alice):
        found = unsealed_here()
    assert found.entries == 2
    assert abs(found.oldest - long_ago) < dt.timedelta(seconds=1)
    page = login(world.alice).get(f"/c/{world.clinic.code}/admin/").text
    assert "2 entries of the audit trail are not sealed since" in page
    seal(sql)
    assert "not sealed since" not in login(world.alice).get(f"/c/{world.clinic.code}/admin/").text


def test_every_column_is_sealed(sql: Any) -> None:
    """Whatever column of an entry is altered, of either table, its digest is another one."""
    other = {"bigint": "1", "uuid": "gen_random_uuid()", "jsonb": "'[1]'", "inet": "'10.1.2.3'",
             "timestamp with time zone": "now() - interval '1 day'"}  # fmt: skip
    for table in ("audit_logs", "access_logs"):
        columns = sql.execute(
            "select attname, format_type(atttypid, null) from pg_attribute where attrelid ="
            " ('audit.' || %s)::regclass and attnum > 0 and not attisdropped", [table],
        ).fetchall()  # fmt: skip
        assert len(columns) >= 14
        row = f"jsonb_populate_record(null::audit.{table}, '{{\"id\": 5}}')"
        for name, kind in columns:
            value = other.get(kind, "'zz'")
            changed = f"jsonb_populate_record({row}, jsonb_build_object('{name}', {value}))"
            query = f"select audit.entry_digest({row}) <> audit.entry_digest({changed})"
            assert sql.execute(query).fetchone()[0] is True, (table, name)


@pytest.mark.parametrize("zone", ["UTC", "Asia/Singapore"])
def test_no_setting_of_a_session_changes_a_digest(sql: Any, zone: str) -> None:
    chain = make_chain(sql, 9)
    sql.execute("select set_config('timezone', %s, false)", [zone])
    sql.execute(
        "set datestyle to 'German'; set bytea_output to 'escape'; set extra_float_digits to 0"
    )
    assert verify(sql, chain.clinic) == []
