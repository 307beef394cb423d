"""Old months go and values are blanked lawfully: what stays verifies, and both are on record."""

import datetime as dt
import uuid
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, DataError, OperationalError, connection

from audit.chain import broken, differs, read_anchors, write_anchor
from audit.models import AuditLog
from audit.sealing import seal_all
from audit.tasks import ChainBrokenError, prune, verify_chains, years_ago
from clinic.models import Patient, User
from clinic.services import enter_clinic
from tests.audit.chains import connect, make_chain, seal, verify, write
from tests.audit.tampering import edited
from tests.factories import UserFactory, World
from tests.factories.people import MembershipFactory

MONTHS = ("2015_01", "2015_02", "2015_03")


def day(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.fixture
def sql(admin_url: str) -> Iterator[Any]:
    with connect(admin_url) as found:
        yield found


@pytest.fixture
def old(sql: Any) -> Iterator[uuid.UUID]:
    """A clinic with three months of 2015; the last entry of January was sealed in February."""
    clinic = uuid.uuid4()
    for month in MONTHS:
        first = day(month.replace("_", "-") + "-01")
        after = (first + dt.timedelta(days=32)).replace(day=1)
        sql.execute(
            f"create table audit.audit_logs_{month} partition of audit.audit_logs"
            f" for values from ('{first}') to ('{after}')"
        )
    for start in ("2015-01-10", "2015-02-01T00:00:00.5", "2015-01-31T23:59:59.9", "2015-02-10",
                  "2015-03-10"):  # fmt: skip
        write(sql, clinic, 4, day(start))
        seal(sql)
    yield clinic
    for month in MONTHS:
        sql.execute(f"drop table if exists audit.audit_logs_{month}")


def left(sql: Any, table: str, clinic: uuid.UUID) -> int:
    query = f"select count(*) from audit.{table} where clinic_id = %s and table_name is not null"
    query = query if table == "audit_logs" else query.partition(" and")[0]
    return int(sql.execute(query, [clinic]).fetchone()[0])


def test_sealed_months_go_and_the_rest_verifies(sql: Any, old: uuid.UUID, tmp_path: Path) -> None:
    file = tmp_path / "anchors"
    assert verify(sql, old) == []
    write_anchor(file)
    sql.execute(
        "insert into audit.access_logs (clinic_id, action, table_name, created_at)"
        " values (%s, 'READ', 'x', '2015-03-31')", [old],
    )  # fmt: skip
    assert seal(sql) == 1
    assert prune(before=day("2015-02-20")) == 1
    assert sql.execute("select to_regclass('audit.audit_logs_2015_01')").fetchone() == (None,)
    # Four of January; the straggler's four are gone too, their seals stand among February's.
    assert left(sql, "seals", old) == 17
    seal(sql)
    assert verify(sql, old) == []
    assert (left(sql, "segments", old), left(sql, "seals", old)) == (1, 18)
    assert left(sql, "access_logs", old) == 1
    write_anchor(file)
    assert prune(before=day("2015-04-01")) == 2
    seal(sql)
    assert verify(sql, old) == []
    assert left(sql, "segments", old) == 2
    assert left(sql, "access_logs", old) == 0
    assert differs(read_anchors(file), old) == []
    write(sql, old, 3)
    seal(sql)
    assert broken(clinic_id=old) == []


def test_pruning_is_on_record(sql: Any, old: uuid.UUID) -> None:
    prune(before=day("2015-02-01"))
    row = sql.execute(
        "select actor_role, reason, new_values ->> 'position' from audit.audit_logs"
        " where clinic_id = %s and table_name = 'segments'", [old],
    ).fetchone()  # fmt: skip
    assert row == ("worker", "Retention", "4")


def test_tampering_after_pruning_shows(sql: Any, old: uuid.UUID) -> None:
    prune(before=day("2015-02-01"))
    seal(sql)
    with sql.transaction(force_rollback=True):
        sql.execute("update audit.segments set hash = sha256(hash) where clinic_id = %s", [old])
        assert {problem for *_, problem in verify(sql, old)} >= {"segment not on record"}
    with sql.transaction(force_rollback=True):
        sql.execute(
            "delete from audit.audit_logs where clinic_id = %s and created_at >= '2015-03-01'"
            " and table_name = 'patients'", [old],
        )  # fmt: skip
        assert {p for *_, p in verify(sql, old)} == {"entry missing, or moved"}
    assert verify(sql, old) == []


def test_what_is_not_sealed_stays(sql: Any, old: uuid.UUID) -> None:
    write(sql, old, 1, day("2015-01-20"))
    with pytest.raises(OperationalError, match="not sealed"):
        prune(before=day("2015-02-01"))
    assert left(sql, "seals", old) == 20
    seal(sql)


def test_what_fell_into_the_default_stays(sql: Any, old: uuid.UUID) -> None:
    stray = uuid.uuid4()
    write(sql, stray, 1, day("2014-12-20"))
    seal(sql)
    with pytest.raises(OperationalError, match="default has entries"):
        prune(before=day("2015-02-01"))
    for table in ("audit_logs", "seals", "chains"):
        sql.execute(f"delete from audit.{table} where clinic_id = %s", [stray])


def test_six_years_are_kept() -> None:
    with pytest.raises(DataError, match="kept for six years"):
        prune(before=dt.datetime.now(dt.UTC) - dt.timedelta(days=2100))
    assert years_ago(6) < dt.datetime.now(dt.UTC) - dt.timedelta(days=2190)
    assert prune(before=years_ago(7)) == 0


@pytest.mark.parametrize("role", ["admin", "superadmin"])
def test_nobody_of_the_site_prunes(world: World, role: str) -> None:
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        world.as_user(world.alice, role),
        connection.cursor() as cursor,
    ):
        cursor.execute("select audit.prune('2015-01-01')")


# --- redaction ----------------------------------------------------------------------------------


@pytest.fixture
def root(world: World) -> User:
    with world.as_owner():
        user = UserFactory(clinic=world.clinic, full_name="Root", role="superadmin")
        MembershipFactory(clinic=world.clinic, user=user, role="superadmin")
    return user


def noted(world: World, text: str, by: Any) -> AuditLog:
    """The sealed entry of a change of the patient's notes."""
    with world.as_user(by, "staff"):
        Patient.objects.filter(pk=world.patient.pk).update(notes=text, address="Somewhere")
    seal_all()
    return latest(world, "UPDATE")


def latest(world: World, action: str) -> AuditLog:
    with world.as_owner():
        logs = AuditLog.objects.using("owner").filter(clinic_id=world.id, action=action)
        return logs.latest("id")


def redact(
    world: World, user: Any, log: AuditLog, *fields: str, reason: str = "Court order 7"
) -> None:
    with world.as_user(user, "superadmin"), connection.cursor() as cursor:
        cursor.execute("select audit.redact_entry(%s, %s, %s)", [log.pk, list(fields), reason])


def test_a_value_is_blanked_and_the_chain_still_verifies(
    world: World, root: User, sql: Any
) -> None:
    log = noted(world, "Slander", world.bob)
    redact(world, root, log, "notes")
    entry = latest(world, "UPDATE")
    assert entry.new_values == {"address": "Somewhere"}
    assert "notes" not in (entry.old_values or {})
    assert set(entry.changed_fields) == {"address", "notes"}
    said = latest(world, "REDACT")
    assert (said.record_id, said.user_id, said.reason) == (str(log.pk), root.pk, "Court order 7")
    assert said.changed_fields == ["notes"]
    assert "Slander" not in str(said.new_values)
    assert verify(sql, world.id) == []
    seal_all()
    assert verify(sql, world.id) == []
    redact(world, root, log, "address")
    seal_all()
    assert verify(sql, world.id) == []
    with sql.transaction(force_rollback=True):
        sql.execute("update audit.audit_logs set new_values = '{}' where id = %s", [log.pk])
        sql.execute("update audit.audit_logs set old_values = '{\"a\": 1}' where id = %s", [log.pk])
        ((_, entry_id, _, problem),) = verify(sql, world.id)
    assert (entry_id, problem) == (log.pk, "entry changed")


def test_a_redaction_that_was_altered_excuses_nothing(world: World, root: User, sql: Any) -> None:
    log = noted(world, "Slander", world.bob)
    redact(world, root, log, "notes")
    seal_all()
    with sql.transaction(force_rollback=True):
        sql.execute(
            "update audit.audit_logs set new_values = new_values || '{\"digest\": \"00\"}'"
            " where id = %s", [latest(world, "REDACT").pk],
        )  # fmt: skip
        found = {entry for _, entry, *_ in verify(sql, world.id)}
    assert found == {log.pk, latest(world, "REDACT").pk}


def test_the_history_of_a_row_says_nothing_of_it_any_more(
    world: World, root: User, login: Any
) -> None:
    log = noted(world, "Slander", world.bob)
    client = login(world.alice)
    pages = [f"patient/{world.patient.pk}/history/", "auditlog/"]
    urls = [
        f"/c/{world.clinic.code}/admin/{a}/{p}"
        for a, p in zip(("clinic", "audit"), pages, strict=True)
    ]
    assert "Slander" in client.get(urls[0]).content.decode()
    redact(world, root, log, "notes")
    assert "Slander" not in client.get(urls[0]).content.decode()
    assert "Redacted" in client.get(urls[1]).content.decode()


def test_who_may_not_and_what_cannot(
    world: World, other_world: World, root: User, sql: Any
) -> None:
    log, own = noted(world, "A", world.bob), noted(world, "B", root)
    strange = noted(other_world, "C", other_world.bob)
    for wrong in (
        lambda: redact(world, root, log, "notes", reason="short"),
        lambda: redact(world, root, own, "notes"),
        lambda: redact(world, root, strange, "notes"),
        lambda: redact(world, root, AuditLog(pk=10**12), "notes"),
    ):
        with pytest.raises(DatabaseError, match=r"superadmin redacts|their own|no such sealed"):
            wrong()
    with (
        pytest.raises(DatabaseError, match="permission denied"),
        world.as_user(world.alice),
        connection.cursor() as cursor,
    ):
        cursor.execute("select audit.redact_entry(%s, '{notes}', 'A reason long enough')", [log.pk])
    assert latest(world, "UPDATE").new_values["notes"] == "B"
    assert verify(sql, world.id) == []


def test_a_superadmin_redacts_neither_their_coming_in_nor_everything(
    world: World, root: User, sql: Any
) -> None:
    """The entry of app.enter_clinic has no user: it is made at the door, before a context."""
    enter_clinic(user_id=root.pk, code=world.clinic.code, reason="Looking into a ticket")
    seal_all()
    with world.as_owner():
        logs = AuditLog.objects.using("owner").filter(clinic_id=world.id)
        came_in = logs.get(table_name="clinic_entries")
    with pytest.raises(DatabaseError, match="who came in"):
        redact(world, root, came_in, "user_id", "user_name", "reason")
    log = noted(world, "A", world.bob)
    with (
        pytest.raises(DatabaseError, match="named fields"),
        world.as_user(root, "superadmin"),
        connection.cursor() as cursor,
    ):
        cursor.execute("select audit.redact_entry(%s, null, 'A reason long enough')", [log.pk])
    assert latest(world, "UPDATE").new_values["notes"] == "A"
    assert verify(sql, world.id) == []


# --- jobs and commands --------------------------------------------------------------------------


def test_the_nightly_job_fails_and_says_where(sql: Any, caplog: Any) -> None:
    chain = make_chain(sql, 9)
    edited(sql, chain, 5)
    try:
        with pytest.raises(ChainBrokenError, match="1 broken"):
            verify_chains.func(0)
        assert f"{chain.clinic}: seal 5, entry {chain.entry(5)}" in caplog.text
    finally:
        for table in ("audit_logs", "seals", "chains"):
            sql.execute(f"delete from audit.{table} where clinic_id = %s", [chain.clinic])
    verify_chains.func(0)


def test_the_command_of_one_clinic(world: World) -> None:
    seal_all()
    output = StringIO()
    call_command("audit_verify", clinic=world.clinic.code, stdout=output)
    assert output.getvalue() == "1 chains whole.\n"


def test_a_period_looks_at_its_entries_only(sql: Any) -> None:
    chain = make_chain(sql, 9)
    with sql.transaction(force_rollback=True):
        edited(sql, chain, 5)
        now = dt.datetime.now(dt.UTC)
        hour = dt.timedelta(hours=1)
        assert [row[0] for row in verify(sql, chain.clinic, now - hour, now + hour)] == [5]
        assert verify(sql, chain.clinic, now + hour) == []
        assert verify(sql, chain.clinic, None, now - hour) == []


def test_another_clinic_s_chain_is_not_verified(world: World, other_world: World) -> None:
    with (
        pytest.raises(DatabaseError, match="verified inside it"),
        world.as_user(world.alice),
        connection.cursor() as cursor,
    ):
        cursor.execute("select * from audit.verify_chain(%s)", [other_world.id])
