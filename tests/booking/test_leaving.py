"""Somebody who came and went again: before their time it is free for others till they are back."""

import datetime as dt
import uuid
from collections import Counter
from functools import partial
from typing import Any

import pytest

from booking.models import Appointment
from clinic.models import Doctor
from tests.booking.life import act, agree, history, in_line, noon_world, read, slot, undo, visit_now
from tests.booking.limits import another, ask_for
from tests.booking.overbooking import overbooked
from tests.booking.serving import (
    begin,
    broken,
    kept_for,
    make_pool,
    make_service,
    row,
    serve,
    shift,
    slots_of,
    taken,
)
from tests.booking.waiting import freed, open_offer, setting, waits
from tests.factories import World
from tests.races import ask, at_once, context_of, desks

MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def here() -> World:
    return noon_world()


def gone(world: World, visit: Appointment) -> Appointment:
    """The visit, after its patient came and left."""
    assert act(world, visit, "check_in").ok
    assert act(world, visit, "leave").ok
    return read(world, visit.pk)


def test_who_leaves_before_the_time_leaves_it_to_others(here: World) -> None:
    visit = gone(here, visit_now(here, minutes=30))
    time = slot(here, visit.slot_id)
    assert (visit.status, time.is_available, time.appointment_id) == ("cancelled", True, None)
    made = ask_for(here, time, here.bob, another(here))
    assert made.ok, made
    assert undo(here, visit).code == "slot_unavailable"
    assert read(here, visit.pk).version == visit.version
    agree(here)


def test_who_leaves_after_the_time_began_leaves_nothing(here: World) -> None:
    visit = gone(here, visit_now(here, minutes=-5))
    assert slot(here, visit.slot_id).appointment_id == visit.pk
    assert undo(here, visit).ok
    assert read(here, visit.pk).status == "scheduled"


def test_who_comes_back_has_the_time_again(here: World) -> None:
    visit = gone(here, visit_now(here, minutes=30))
    assert undo(here, visit).ok
    back = read(here, visit.pk)
    assert (back.status, back.cancelled_at, back.cancellation_reason) == ("scheduled", None, "")
    assert back.checked_in_at == visit.checked_in_at
    assert [entry.status for entry in in_line(here, back)] == ["waiting"]
    assert slot(here, visit.slot_id).appointment_id == visit.pk
    assert [t.action for t in history(here, back)] == ["check_in", "leave", "undo"]
    agree(here)


@pytest.mark.parametrize("given", [False, True])
def test_who_comes_back_when_the_time_has_begun(here: World, given: bool) -> None:
    """Nobody can book it by then: it is theirs unless it was booked before."""
    visit = gone(here, visit_now(here, minutes=30))
    if given:
        assert ask_for(here, slot(here, visit.slot_id), here.bob, another(here)).ok
    put(here, visit, minutes=-5)
    assert undo(here, visit).code == ("slot_unavailable" if given else None)
    assert (slot(here, visit.slot_id).appointment_id == visit.pk) is not given
    agree(here)


def put(world: World, visit: Appointment, minutes: int) -> None:
    """Put the slot of a visit, with all who have its time, so many minutes from now."""
    shift(world, [slot(world, visit.slot_id)], dt.datetime.now(dt.UTC) + minutes * MINUTE)
    time = slot(world, visit.slot_id)
    with world.as_owner():
        Appointment.objects.using("owner").filter(slot_id=time.pk).update(
            starts_at=time.starts_at, ends_at=time.ends_at
        )


def test_a_time_that_was_left_is_offered_and_taken_back(here: World) -> None:
    setting(here, "waiting_list.lead_minutes", 0)
    who = waits(here)
    visit = gone(here, visit_now(here, minutes=90))
    assert (open_offer(here).entry_id, open_offer(here).slot_id) == (who.pk, visit.slot_id)
    assert [one.cause for one in freed(here)] == ["visit"]
    assert undo(here, visit).ok, "nobody was told yet"
    assert slot(here, visit.slot_id).appointment_id == visit.pk


def cap(world: World, **limits: int) -> None:
    with world.as_owner():
        Doctor.objects.using("owner").filter(pk=world.doctor.pk).update(**limits)


@pytest.mark.parametrize("minutes", [-5, 30])
def test_undo_does_not_pass_the_cap_of_overbooked_visits(here: World, minutes: int) -> None:
    first = visit_now(here, 30)
    cap(here, max_daily_overbookings=1)
    second = read(here, overbooked(here, first.slot_id).appointment_id)
    put(here, first, minutes)
    gone(here, second)
    assert slot(here, first.slot_id).appointment_id == first.pk
    put(here, first, 30)
    assert overbooked(here, first.slot_id).ok
    put(here, first, minutes)
    assert undo(here, second).code == "overbooking_limit"
    assert read(here, second.pk).status == "cancelled"
    cap(here, max_daily_overbookings=2)
    assert undo(here, second).ok
    back = read(here, second.pk)
    assert (back.status, back.overbooked_reason) == ("scheduled", "urgent")
    assert slot(here, first.slot_id).appointment_id == first.pk


def test_a_missed_overbooked_visit_keeps_its_place_in_the_cap(here: World) -> None:
    first = visit_now(here, 30)
    cap(here, max_daily_overbookings=1)
    second = read(here, overbooked(here, first.slot_id).appointment_id)
    put(here, first, -5)
    assert act(here, second, "no_show").ok
    put(here, first, 30)
    assert overbooked(here, first.slot_id).code == "overbooking_limit"
    put(here, first, -5)
    assert undo(here, second).ok


@pytest.mark.parametrize("minutes", [5, -30])
def test_a_long_visit_is_left_and_taken_up_with_its_room(here: World, minutes: int) -> None:
    here.make_slots(days=0)
    service = make_service(here, 45, pools=[make_pool(here, 1)])
    visit = row(here, serve(here, service, slots_of(here)[0]).appointment_id)
    begin(here, visit, minutes)
    gone(here, visit)
    assert kept_for(here, visit.pk) == []
    assert len(taken(here, visit.pk)) == (1 if minutes > 0 else 0)
    assert undo(here, visit).ok
    assert (len(taken(here, visit.pk)), kept_for(here, visit.pk)) == (3, ["Ultrasound room 1"])
    assert broken(here) == {}


UNDO = "select booking.undo_transition(%s, %s, 3)"
BOOK = "select booking.create_booking(%s, %s, %s, %s, %s)"


def test_who_comes_back_against_everybody_who_books(here: World) -> None:
    visit = gone(here, visit_now(here, minutes=30))
    people = [another(here) for _ in range(6)]
    context = context_of(here, here.bob)

    def booking(desk: Any, patient: Any) -> Any:
        ids = [here.bob.id, here.id, visit.slot_id, patient.pk]
        return ask(desk, context, BOOK, [str(uuid.uuid4()), *ids])

    with desks(12) as lines:
        answers = at_once([
            *(partial(ask, line, context, UNDO, [str(uuid.uuid4()), visit.pk])
              for line in lines[:6]),
            *(partial(booking, line, who) for line, who in zip(lines[6:], people, strict=True)),
        ])  # fmt: skip
    told = Counter(answer.get("code", "success") for answer in answers)
    assert told["success"] == 1, told
    assert told.keys() <= {"success", "slot_unavailable", "stale", "bad_transition"}
    agree(here)
