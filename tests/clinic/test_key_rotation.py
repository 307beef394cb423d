"""A new key while the clinic works: nothing becomes unreadable, and it may be stopped anywhere."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from io import StringIO
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connections

from audit.models import AuditLog
from clinic.encryption.keyring import add_version, keyring, unlock_clinic
from clinic.encryption.rotation import rotate
from clinic.models import Patient
from clinic.tenancy.connections import connection_of, inside
from tests.factories import PatientFactory, World
from tests.races import ask as answer
from tests.races import at_once, connect, context_of

NRIC = "clinic.patients.nric_encrypted"
PASSPORT = "clinic.patients.passport_number_encrypted"
REVEAL = "select app.reveal_secret(%s, %s)"
SET = "select app.set_secret(%s, %s, %s)"


def fill(world: World, count: int, letter: str = "A") -> dict[Any, str]:
    """{patient: national id that ends in letter} of so many patients."""
    unlock_clinic(world.id, make=True)
    with world.as_owner(), connections["owner"].cursor() as cursor:
        made = PatientFactory.create_batch(count, clinic=world.clinic)
        numbers = {patient.pk: f"S{n:07}{letter}" for n, patient in enumerate(made)}
        cursor.executemany(SET, [(NRIC, pk, number) for pk, number in numbers.items()])
    return numbers


def keys_of(world: World) -> list[tuple[int, str, bool]]:
    with connection_of() as site, inside(site, world.id, "worker", ""):
        return [(k.version, k.state, k.unlocked) for k in keyring(site) if k.purpose == "data"]


def shown(world: World, numbers: dict[Any, str]) -> dict[Any, str]:
    """What each of the patients' national ids is now."""
    with world.as_user(world.bob), connections["default"].cursor() as cursor:
        cursor.execute(
            f"select id, app.reveal_secret('{NRIC}', id) from clinic.patients where id = any(%s)",
            [list(numbers)],
        )
        return dict(cursor.fetchall())


def test_every_value_moves_and_the_old_key_goes(world: World, other_world: World) -> None:
    numbers, others = fill(world, 25), fill(other_world, 3)
    heard: list[int] = []
    outcome = rotate(world.id, batch=10, said=lambda progress: heard.append(progress.moved))
    assert (outcome.version, outcome.retired, outcome.kept) == (2, [1], [])
    found = {t.table: (t.moved, t.total) for t in outcome.tables if t.total}
    assert found == {"clinic.patients": (25, 25)}
    assert heard == [10, 20, 25]
    assert keys_of(world) == [(1, "retired", False), (2, "active", True)]
    assert keys_of(other_world) == [(1, "active", True)]
    assert shown(world, numbers) == numbers
    assert shown(other_world, others) == others


def test_the_values_of_a_row_move_together(world: World) -> None:
    """One write a row; what is not there stays away."""
    (patient, number), *_ = fill(world, 1).items()
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(SET, [PASSPORT, patient, "E1234567"])
        last = AuditLog.objects.using("owner").latest("id").id
    (moved, *_) = rotate(world.id).tables
    assert (moved.moved, moved.total) == (2, 2)
    with world.as_owner():
        logs = AuditLog.objects.using("owner").filter(id__gt=last, table_name="patients")
        (fields,) = [log.changed_fields or [] for log in logs]
        kept = Patient.objects.using("owner").filter(pk=patient, chas_card_number_encrypted=None)
        assert kept.count() == 1
    assert sorted(fields) == ["nric_encrypted", "passport_number_encrypted"]
    with connect() as site:
        context = context_of(world, world.bob)
        values = [answer(site, context, REVEAL, [place, patient]) for place in (NRIC, PASSPORT)]
    assert values == [number, "E1234567"]


def test_each_moved_value_is_on_record_without_it(world: World) -> None:
    fill(world, 3)
    with world.as_owner():
        last = AuditLog.objects.using("owner").latest("id").id
    rotate(world.id)
    with world.as_owner():
        logs = AuditLog.objects.using("owner").filter(id__gt=last).order_by("id")
        moved = [log for log in logs if log.table_name == "patients"]
        states = [
            (log.new_values or {}).get("state") for log in logs if log.table_name == "clinic_keys"
        ]
    assert [log.changed_fields for log in moved] == [["nric_encrypted"]] * 3
    assert {(log.actor_role, log.reason) for log in moved} == {("owner", "Keys rotated")}
    assert states == ["old", "active", "retired"]


def test_a_number_is_still_found_after_it_moved(world: World) -> None:
    numbers = fill(world, 3)
    rotate(world.id)
    patient, number = next(iter(numbers.items()))
    with connect() as site:
        query = "select app.patients_by_national_id(%s)"
        assert answer(site, context_of(world, world.bob), query, [number]) == patient


class Desk(threading.Thread):
    """Somebody who reads and writes national ids until told to stop."""

    def __init__(self, world: World, numbers: dict[Any, str], seed: int) -> None:
        super().__init__()
        self.world, self.numbers, self.rng = world, numbers, random.Random(seed)
        self.stopped = threading.Event()
        self.reads, self.writes, self.wrong = 0, 0, list[str]()

    def run(self) -> None:
        context = context_of(self.world, self.world.bob)
        with connect() as site:
            site.execute("set lock_timeout = '20s'")
            while not self.stopped.is_set():
                patient = self.rng.choice(list(self.numbers))
                try:
                    self.work(site, context, patient)
                except psycopg.Error as error:
                    self.wrong.append(f"{error.sqlstate} {error}")

    def work(self, site: Any, context: Any, patient: Any) -> None:
        if self.rng.random() < 0.3:
            number = f"T{self.rng.randrange(10**9):09}"
            answer(site, context, SET, [NRIC, patient, number])
            self.numbers[patient] = number
            self.writes += 1
            return
        found = answer(site, context, REVEAL, [NRIC, patient])
        self.reads += 1
        if found != self.numbers[patient]:
            self.wrong.append(f"{found}, not {self.numbers[patient]}")


@pytest.fixture
def desks(world: World) -> Iterator[list[Desk]]:
    """Three desks, each with its own patients, at work."""
    working = [Desk(world, fill(world, 60, "ABC"[seed]), seed) for seed in range(3)]
    for desk in working:
        desk.start()
    yield working
    for desk in working:
        desk.stopped.set()
        desk.join()


def test_the_desk_works_on_while_keys_are_rotated(world: World, desks: list[Desk]) -> None:
    """Three times over: no value is unreadable or old, no call fails."""
    for version in (2, 3, 4):
        outcome = rotate(world.id, batch=7)
        assert (outcome.version, outcome.retired) == (version, [version - 1])
        assert [t for t in outcome.tables if t.unreadable] == []
    for desk in desks:
        desk.stopped.set()
        desk.join()
        assert desk.wrong == []
        assert min(desk.reads, desk.writes) > 0
        assert shown(world, desk.numbers) == desk.numbers


@pytest.mark.parametrize("place", [NRIC, PASSPORT])
def test_a_write_with_the_old_key_that_is_not_committed_is_waited_for(
    world: World, place: str
) -> None:
    """It encrypted before the rotation and commits while the key would be retired.

    The national id replaces one, which the rotation sees; the passport number is the first.
    """
    old, begun = next(iter(fill(world, 2))), threading.Event()
    patient = old if place == NRIC else world.patient.pk

    def slow() -> None:
        with connect() as site, site.transaction():
            answer(site, context_of(world, world.bob), SET, [place, patient, "T1111111X"])
            begun.set()
            time.sleep(1)

    def rotation() -> list[int]:
        assert begun.wait(10)
        return rotate(world.id).kept

    _, kept = at_once([slow, rotation])
    assert kept == ([1] if place == PASSPORT else [])
    assert (rotate(world.id).kept if kept else []) == []
    with connect() as site:
        found = answer(site, context_of(world, world.bob), REVEAL, [place, patient])
    assert found == "T1111111X"


def test_two_rotations_at_once_share_the_work(world: World) -> None:
    numbers = fill(world, 120)
    outcomes = at_once([lambda: rotate(world.id, batch=5)] * 2)
    assert sum(table.moved for outcome in outcomes for table in outcome.tables) == 120
    assert [(outcome.version, outcome.kept) for outcome in outcomes] == [(2, [])] * 2
    assert shown(world, numbers) == numbers


COMMAND = [sys.executable, "manage.py", "rotate_keys", "--batch", "4", "--pause", "0.05"]


def test_a_killed_rotation_goes_on(world: World) -> None:
    """Also when it had gone on already."""
    numbers = fill(world, 80)
    for _ in range(2):
        command = subprocess.Popen(
            [*COMMAND, "--clinic", world.clinic.code], env=os.environ, cwd=settings.BASE_DIR
        )
        wait_for_moves(world)
        command.send_signal(signal.SIGKILL)
        assert command.wait(10) == -signal.SIGKILL
        assert keys_of(world) == [(1, "old", True), (2, "active", True)]
        assert shown(world, numbers) == numbers
    out = StringIO()
    call_command("rotate_keys", clinic=world.clinic.code, stdout=out)
    assert out.getvalue().splitlines()[-2:] == [
        "Version 2 encrypts now.", "Version 1 is retired."
    ]  # fmt: skip
    assert shown(world, numbers) == numbers


def wait_for_moves(world: World) -> None:
    """Until the command that was just started has moved something."""
    before, deadline = moved(world), time.monotonic() + 30
    while moved(world) == before:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def moved(world: World) -> int:
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(f"select app.values_under('{NRIC}', 2)")
        return cursor.fetchone()[0]


def test_what_cannot_be_read_is_told_and_keeps_its_key(world: World) -> None:
    numbers = fill(world, 6)
    broken = next(iter(numbers))
    with world.as_owner():
        rows = Patient.objects.using("owner")
        (text,) = rows.filter(pk=broken).values_list("nric_encrypted", flat=True)
        rows.filter(pk=broken).update(nric_encrypted=text[:-5] + "AAAA=")
    outcome = rotate(world.id)
    (table,) = [t for t in outcome.tables if t.table == "clinic.patients"]
    assert (table.moved, table.unreadable, outcome.kept) == (5, {f"{NRIC}:{broken}"}, [1])
    err = StringIO()
    with pytest.raises(CommandError, match="still need version 1"):
        call_command("rotate_keys", clinic=world.clinic.code, stderr=err, stdout=StringIO())
    assert str(broken) in err.getvalue()
    del numbers[broken]
    assert shown(world, numbers) == numbers


def test_destroying_needs_the_code_and_ends_one_clinic(world: World, other_world: World) -> None:
    numbers, others = fill(world, 2), fill(other_world, 2)
    code, out = world.clinic.code, StringIO()
    with pytest.raises(CommandError, match="nothing was destroyed"):
        call_command("rotate_keys", clinic=code, destroy=other_world.clinic.code)
    assert shown(world, numbers) == numbers
    call_command("rotate_keys", clinic=code, destroy=code, stdout=out)
    assert out.getvalue() == f"2 keys of {code} are destroyed.\n"
    assert keys_of(world) == [(1, "destroyed", False)]
    with pytest.raises(Exception, match="not encrypted here"):
        shown(world, numbers)
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute("select count(wrapped) from app.clinic_keys")
        assert cursor.fetchone() == (0,)
    assert shown(other_world, others) == others


def test_a_clinic_begins_anew_after_its_keys_were_destroyed(world: World) -> None:
    numbers = fill(world, 2)
    call_command("rotate_keys", clinic=world.clinic.code, destroy=world.clinic.code)
    outcome = rotate(world.id)
    lost = {place for table in outcome.tables for place in table.unreadable}
    assert lost == {f"{NRIC}:{patient}" for patient in numbers}
    assert (outcome.version, outcome.kept) == (2, [])
    first, second = numbers
    with connect() as site:
        context = context_of(world, world.bob)
        answer(site, context, SET, [NRIC, first, "S9999999Z"])
        answer(site, context, SET, [NRIC, second, ""])
    rotate(world.id)
    assert shown(world, numbers) == {first: "S9999999Z", second: None}


def test_the_database_asks_for_the_code_too(world: World) -> None:
    fill(world, 1)
    for code in ("", "x", None):
        with (
            pytest.raises(Exception, match="not the code"),
            world.as_owner(),
            connections["owner"].cursor() as cursor,
        ):
            cursor.execute("select app.destroy_keys(%s)", [code])


def test_a_version_is_made_by_who_knows_the_last_one(world: World) -> None:
    """Else a rotation that begins beside another would make a second version."""
    fill(world, 1)
    with connection_of("owner") as owner:
        with inside(owner, world.id, "owner", ""):
            known = keyring(owner)
            add_version(owner, world.id, "data", known)
        with (
            pytest.raises(psycopg.errors.SerializationFailure),
            inside(owner, world.id, "owner", ""),
        ):
            add_version(owner, world.id, "data", known)
    assert keys_of(world) == [(1, "old", True), (2, "active", True)]


def test_only_an_old_key_that_nothing_needs_is_retired(world: World) -> None:
    fill(world, 1)
    with connection_of("owner") as owner:
        with inside(owner, world.id, "owner", ""):
            add_version(owner, world.id, "data", keyring(owner))
        for version, state in ((1, "RW022"), (2, "RW003"), (9, "RW003")):
            with pytest.raises(psycopg.Error) as raised, inside(owner, world.id, "owner", ""):
                owner.execute("select app.retire_key(%s)", [version])
            assert raised.value.sqlstate == state


def test_the_command_needs_a_clinic() -> None:
    with pytest.raises(CommandError, match="--clinic"):
        call_command("rotate_keys")
