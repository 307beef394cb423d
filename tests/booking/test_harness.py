"""A short run of the failure harness, and proof that its checker sees what it looks for."""

import json
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from booking.models import Appointment
from booking.services.appointments import BookingOutcome
from tests.booking.life import visit_tomorrow
from tests.factories import World
from tests.harness.checker import History, check, judge
from tests.harness.client import Heard, Wish, perform
from tests.races import ask, at_once, context_of, desks


def test_races_and_faults_break_no_promise(admin_url: str) -> None:
    command = [sys.executable, "-m", "tests.harness", "--rounds", "1", "--attempts", "100"]
    run = subprocess.run([*command, "--share", "0.4", "--kills", "2"],
                         capture_output=True, text=True, timeout=120)  # fmt: skip
    assert run.returncode == 0, run.stdout[-3000:] + run.stderr[-3000:]
    figures = json.loads(run.stdout.splitlines()[-1])
    assert figures["broken"] == {}
    assert figures["gave_up"] == 0
    assert figures["won"] > 15
    assert figures["repeats"] == figures["won"]
    assert sum(figures["injected"].values()) > 12
    assert figures["injected"]["client killed after commit"] == 2


CALLS = {
    "cancel": "select booking.cancel_booking(%s, %s, 'not needed')",
    "confirm": "select booking.change_status(%s, %s, 'confirm')",
}


@pytest.mark.parametrize("query", CALLS.values(), ids=CALLS)
def test_one_key_at_once_is_one_answer(world: World, query: str) -> None:
    """Whoever comes while the first commits hears the same, never that it was done already."""
    world.make_slots(days=1)
    told: Counter[str] = Counter()
    with desks(8) as open_desks:
        for number in range(20):
            visit = visit_tomorrow(world, number % 5)
            args = [str(uuid.uuid4()), visit.pk]
            answers = at_once([
                partial(ask, desk, context_of(world, world.bob), query, args)
                for desk in open_desks
            ])  # fmt: skip
            told.update(a.get("code") or a["status"] for a in answers)
            with world.as_owner():
                Appointment.objects.using("owner").filter(pk=visit.pk).update(
                    status="cancelled", cancelled_at=visit.starts_at, cancellation_reason="x"
                )
    assert told == {"success": 160}


def visit_of(history: History) -> dict[str, Any]:
    return next(iter(history.visits.values()))


def double(history: History) -> None:
    one, other = history.visits.values()
    other |= {"starts_at": one["starts_at"], "ends_at": one["ends_at"]}


def free_a_taken_slot(history: History) -> None:
    taken = next(s for s in history.tables["appointment_slots"] if s["appointment_id"])
    taken |= {"is_available": True, "appointment_id": None}


def lose(history: History) -> None:
    """The row of a visit that a client was promised."""
    history.visits.pop(visit_of(history)["id"])


# What each broken promise would look like in the rows that were read.
SABOTAGE: dict[str, Callable[[History], object]] = {
    "doubles": double,
    "duplicate numbers": lambda h: [v.update(appointment_number="X") for v in h.visits.values()],
    "slot and appointment disagree": free_a_taken_slot,
    "covered slots disagree": lambda h: h.tables["appointment_slots"][-1].update(
        covered_by=visit_of(h)["id"], is_available=False, appointment_id=None
    ),
    "resources disagree": lambda h: h.tables["appointment_resources"].append(
        {
            "id": "x",
            "appointment_id": visit_of(h)["id"],
            "resource_id": "r",
            "busy_from": "",
            "busy_to": "",
        }
    ),
    "illegal states": lambda h: visit_of(h).update(status="completed"),
    "effects without a key": lambda h: h.requests.pop(),
    "lost confirmations": lose,
    "trail incomplete": lambda h: h.trail["appointments"].pop(),
}


@pytest.fixture
def two_visits(world: World) -> list[Heard]:
    """Two bookings of two doctors' patients, both heard."""
    world.make_slots(days=1)
    slots = world.free_slots()
    wishes = [
        Wish(world.id, world.bob.id, "staff", "book",
             {"slot_id": slot.id, "patient_id": world.patient.id})
        for slot in (slots[0], slots[-1])
    ]  # fmt: skip
    return [perform(wish) for wish in wishes]


def test_a_quiet_clinic_keeps_every_promise(world: World, two_visits: list[Heard]) -> None:
    assert all(heard.won for heard in two_visits)
    assert check(world, two_visits) == {}


@pytest.mark.parametrize("promise", SABOTAGE)
def test_the_checker_finds(world: World, two_visits: list[Heard], promise: str) -> None:
    history = History(world)
    SABOTAGE[promise](history)
    assert judge(history, two_visits)[promise] > 0


def test_who_was_refused_and_has_a_row_is_found(world: World, two_visits: list[Heard]) -> None:
    refused = BookingOutcome(status="conflict", code="slot_unavailable")
    told = [replace(heard, outcome=refused) for heard in two_visits]
    assert judge(History(world), told) == {"lost confirmations": 2}


def test_an_error_without_a_name_is_found(world: World, two_visits: list[Heard]) -> None:
    two_visits[0].raw.append("book: UniqueViolation")
    assert judge(History(world), two_visits) == {"raw errors": 1}
