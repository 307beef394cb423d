"""The visits of a day, when desks move, book and take back at once: never one too many."""

import datetime as dt
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.utils import timezone

from booking.models import Appointment, AppointmentSlot
from booking.services.appointments import cancel_appointment
from clinic.models import Clinic
from clinic.tenancy.backend.base import OPEN, opening_values
from tests.booking.life import act, noon_world, read, undo, visit_now
from tests.booking.limits import another, ask_for, limit, permit
from tests.booking.overbooking import overbooked
from tests.factories import World
from tests.races import ask, at_once, book, context_of, desks, wait_for

MOVE = "select booking.reschedule_booking(%s, %s, %s, '')"
UNDO = "select booking.undo_transition(%s, %s, %s)"
OUT = ("cancelled", "rescheduled", "no_show")


@pytest.fixture
def ready(world: World) -> World:
    world.make_slots(days=2)
    return world


def by_day(world: World) -> list[list[AppointmentSlot]]:
    """The free slots of each day."""
    days: dict[dt.date, list[AppointmentSlot]] = {}
    for slot in world.free_slots():
        days.setdefault(slot.slot_date, []).append(slot)
    return [days[day] for day in sorted(days)]


def booked(world: World, slots: list[AppointmentSlot]) -> list[Any]:
    """A visit of somebody new in each slot; their ids."""
    made = [ask_for(world, slot, world.bob, another(world)) for slot in slots]
    assert all(m.ok for m in made), made
    return [m.appointment_id for m in made]


def counted(world: World, day: dt.date) -> int:
    with world.as_owner():
        found = Appointment.objects.using("owner").filter(appointment_date=day)
        return found.exclude(status__in=OUT).count()


def codes(answers: list[Any]) -> Counter[str]:
    return Counter(answer.get("code", "success") for answer in answers)


def cancelled(world: World, visit: Any) -> None:
    with world.as_user(world.bob):
        assert cancel_appointment(
            idempotency_key=str(uuid.uuid4()), appointment_id=visit, reason="ill"
        ).ok


@pytest.mark.parametrize("turn", range(3))
def test_desks_that_move_at_once_take_the_last_visit_once(ready: World, turn: int) -> None:
    here, there, _ = by_day(ready)
    visits = booked(ready, there[:8])
    limit(ready, max_daily_appointments=2)
    context = context_of(ready, ready.bob)
    with desks(8) as lines:
        answers = at_once([
            partial(ask, line, context, MOVE, [str(uuid.uuid4()), visit, slot.pk])
            for line, visit, slot in zip(lines, visits, here, strict=False)
        ])  # fmt: skip
    assert codes(answers) == {"success": 2, "doctor_unavailable": 6}
    assert counted(ready, here[0].slot_date) == 2


def test_desks_that_take_back_at_once_do_not_overfill(ready: World) -> None:
    here, *_ = by_day(ready)
    visits = booked(ready, here[:8])
    for visit in visits:
        cancelled(ready, visit)
    limit(ready, max_daily_appointments=3)
    context = context_of(ready, ready.bob)
    with desks(8) as lines:
        answers = at_once([
            partial(ask, line, context, UNDO, [str(uuid.uuid4()), visit, 2])
            for line, visit in zip(lines, visits, strict=True)
        ])  # fmt: skip
    assert codes(answers) == {"success": 3, "doctor_unavailable": 5}
    assert counted(ready, here[0].slot_date) == 3


@pytest.mark.parametrize("action", ["no_show", "leave"])
def test_who_is_there_after_all_is_counted(action: str) -> None:
    """On a full day it needs a permit, as any other visit does."""
    here = noon_world()
    visit = visit_now(here, minutes=-5)
    if action == "leave":
        assert act(here, visit, "check_in").ok
    assert act(here, visit, action).ok
    limit(here, max_daily_appointments=0)
    assert undo(here, visit).code == "doctor_unavailable"
    assert read(here, visit.pk).status in OUT
    assert permit(here, visit.slot_id, visit.patient_id, here.bob) is None
    assert undo(here, visit).ok


def test_an_overbooked_visit_that_comes_back_is_counted(ready: World) -> None:
    here, *_ = by_day(ready)
    (first,) = booked(ready, here[:1])
    second = overbooked(ready, read(ready, first).slot_id).appointment_id
    cancelled(ready, second)
    limit(ready, max_daily_appointments=1)
    assert undo(ready, read(ready, second)).code == "doctor_unavailable"
    limit(ready, max_daily_appointments=2)
    assert undo(ready, read(ready, second)).ok


def test_everybody_at_two_days_that_are_almost_full(ready: World) -> None:
    """Crossing moves, bookings, undoings: no deadlock, and no visit too many."""
    one, other, _ = by_day(ready)
    visits = booked(ready, [*one[:4], *other[:4]])
    gone = booked(ready, [one[5], other[5]])
    for visit in gone:
        cancelled(ready, visit)
    limit(ready, max_daily_appointments=5, max_daily_overbookings=9)
    context, admin = context_of(ready, ready.bob), context_of(ready, ready.alice)
    over = "select booking.overbook_slot(%s, %s, %s, 'urgent')"
    people = [another(ready) for _ in range(8)]
    with desks(16) as lines:
        told: Counter[str] = Counter()
        for turn in range(4):
            goals = [*other[8 + 4 * turn : 12 + 4 * turn], *one[8 + 4 * turn : 12 + 4 * turn]]
            jobs = [
                partial(ask, line, context, MOVE, [str(uuid.uuid4()), visit, goal.pk])
                for line, visit, goal in zip(lines, visits, goals, strict=False)
            ]
            jobs += [
                partial(ask, line, context, UNDO, [str(uuid.uuid4()), visit, 2])
                for line, visit in zip(lines[8:], gone, strict=False)
            ]
            jobs += [
                partial(book, line, context, key=str(uuid.uuid4()), slot=slot.pk, patient=who.pk)
                for line, slot, who in zip(
                    lines[10:], [one[6], other[6], one[7]], people, strict=False
                )
            ]
            jobs += [
                partial(ask, line, admin, over, [str(uuid.uuid4()), slot.pk, who.pk])
                for line, slot, who in zip(lines[13:], [one[0], other[0], one[1]], people[4:],
                                           strict=False)
            ]  # fmt: skip
            told += codes(at_once(jobs))
            for day in (one, other):
                assert counted(ready, day[0].slot_date) <= 5
    assert told["success"] > 0
    assert told.keys() <= {
        "success", "doctor_unavailable", "slot_unavailable", "stale", "bad_transition",
        "slot_free", "patient_overlap",
    }  # fmt: skip


def another_day(zone: str) -> str:
    """A zone in which it is another day now."""
    far = ("Pacific/Kiritimati", "Pacific/Pago_Pago")  # 25 hours apart
    today = timezone.localdate(timezone=ZoneInfo(zone))
    return next(z for z in far if timezone.localdate(timezone=ZoneInfo(z)) != today)


def test_the_last_visit_of_a_day_is_won_once_across_midnight(ready: World, admin_url: str) -> None:
    """A move that began yesterday and is not committed, and a booking of today."""
    here, there, _ = by_day(ready)
    (visit,) = booked(ready, there[:1])
    limit(ready, max_daily_appointments=1)
    context, who = context_of(ready, ready.bob), another(ready)
    with desks(2) as (late, early), ThreadPoolExecutor(1) as thread:
        with late.transaction():
            late.execute(OPEN, opening_values(context))
            moved = late.execute(MOVE, [str(uuid.uuid4()), visit, here[0].pk]).fetchone()
            with ready.as_owner():
                Clinic.objects.using("owner").filter(pk=ready.id).update(
                    time_zone=another_day(ready.clinic.time_zone)
                )
            answer = thread.submit(
                book, early, context, key="today", slot=here[1].pk, patient=who.pk
            )
            with psycopg.connect(admin_url, autocommit=True) as watch:
                wait_for(watch, "booking.create_booking")
        assert moved
        told = [moved[0], answer.result(30)]
    assert codes(told) == {"success": 1, "doctor_unavailable": 1}
    assert counted(ready, here[0].slot_date) == 1
