"""Moving an appointment: the number stays, the old time is let go only for the new one."""

import uuid
from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import ProgrammingError

from booking.models import Appointment, AppointmentSlot
from booking.services.appointments import BookingOutcome, reschedule_appointment
from tests.booking.life import (
    act,
    agree,
    history,
    noon_world,
    read,
    slot,
    undo,
    visit_now,
    visit_tomorrow,
)
from tests.factories import World
from tests.races import ask, at_once, context_of, desks


def moved(
    world: World, visit: Appointment, slot_id: Any, user: Any = None, **given: Any
) -> BookingOutcome:
    given = {"idempotency_key": str(uuid.uuid4()), **given}
    with world.as_user(user or world.bob):
        return reschedule_appointment(appointment_id=visit.pk, slot_id=slot_id, **given)


@pytest.mark.parametrize("who", ["alice", "bob", "dana"])
def test_a_moved_visit_keeps_its_number_and_its_row(world: World, who: str) -> None:
    visit = visit_tomorrow(world)
    target = world.free_slots()[3]
    outcome = moved(world, visit, target.pk, getattr(world, who), reason="later")
    assert (outcome.http_status, outcome.appointment_id, outcome.slot_id) == (
        201, visit.pk, target.pk,
    )  # fmt: skip
    now = read(world, visit.pk)
    assert (now.appointment_number, now.version) == (visit.appointment_number, 2)
    assert (now.starts_at, now.ends_at, now.slot_id) == (
        target.starts_at, target.ends_at, target.pk,
    )  # fmt: skip
    assert (now.appointment_date, now.appointment_time) == (target.slot_date, target.slot_time)
    assert slot(world, visit.slot_id).is_available
    assert slot(world, target.pk).appointment_id == visit.pk
    (told,) = history(world, visit)
    assert (told.action, told.from_slot_id, told.to_slot_id) == (
        "reschedule", visit.slot_id, target.pk,
    )  # fmt: skip
    assert (told.from_starts_at, told.to_starts_at) == (visit.starts_at, target.starts_at)
    assert told.initiator == ("patient" if who == "dana" else "clinic")
    assert told.reason == "later"


@pytest.mark.parametrize("who", ["chen", "nur"])
def test_who_may_not_move(world: World, who: str) -> None:
    visit = visit_tomorrow(world)
    with pytest.raises(ProgrammingError, match="permission denied"):
        moved(world, visit, world.free_slots(1)[0].pk, getattr(world, who))


def test_a_time_that_overlaps_only_the_visit_itself_is_free_for_it(world: World) -> None:
    """The refusal of overlaps leaves out the appointment that is moving."""
    visit = visit_tomorrow(world)
    target = world.free_slots(1)[0]
    with world.as_owner():
        late = visit.starts_at + (target.starts_at - visit.starts_at) / 2
        type(target).objects.using("owner").filter(pk=target.pk).update(
            starts_at=late, ends_at=late + (target.ends_at - target.starts_at)
        )
    assert moved(world, visit, target.pk).ok
    agree(world)


def test_what_cannot_be_had_keeps_the_old_time(world: World, other_world: World) -> None:
    visit, other = visit_tomorrow(world), visit_tomorrow(world)
    other_world.make_slots(days=0)
    foreign = other_world.free_slots(1)[0].pk
    wanted = {
        visit.slot_id: "slot_unavailable",
        other.slot_id: "slot_unavailable",
        uuid.uuid4(): "slot_not_found",
        foreign: "slot_not_found",
        None: "invalid_input",
    }
    for slot_id, code in wanted.items():
        assert moved(world, visit, slot_id).code == code
    assert read(world, visit.pk).version == 1
    assert slot(world, visit.slot_id).appointment_id == visit.pk
    assert history(world, visit) == []
    agree(world)


def test_who_has_arrived_is_not_moved(world: World) -> None:
    here = noon_world()
    visit = visit_now(here)
    assert act(here, visit, "check_in").ok
    assert moved(here, visit, here.free_slots(1)[0].pk).code == "bad_transition"


def test_the_key_and_the_version(world: World) -> None:
    visit = visit_tomorrow(world)
    first, second = world.free_slots()[:2]
    assert moved(world, visit, first.pk, version=2).code == "stale"
    done = moved(world, visit, first.pk, idempotency_key="k", version=1)
    again = moved(world, visit, first.pk, idempotency_key="k", version=1)
    assert (done.ok, done.idempotent, again.ok, again.idempotent) == (True, False, True, True)
    other = moved(world, visit, second.pk, idempotency_key="k", version=2)
    assert (other.code, other.http_status) == ("idempotency_mismatch", 422)


def test_a_move_is_undone_while_the_old_time_is_free(world: World) -> None:
    visit = visit_tomorrow(world)
    target = world.free_slots()[2]
    assert moved(world, visit, target.pk).ok
    assert undo(world, visit).ok
    assert read(world, visit.pk).slot_id == visit.slot_id
    assert slot(world, target.pk).is_available
    assert moved(world, visit, target.pk).ok
    assert visit_tomorrow(world).slot_id == visit.slot_id
    assert undo(world, visit).code == "slot_unavailable"
    assert read(world, visit.pk).slot_id == target.pk
    agree(world)


MOVE = "select booking.reschedule_booking(%s, %s, %s, '')"


def test_many_for_one_time(world: World) -> None:
    visits = [visit_tomorrow(world) for _ in range(8)]
    target = world.free_slots(1)[0].pk
    context = context_of(world, world.bob)
    with desks(8) as lines:
        answers = at_once([
            partial(ask, line, context, MOVE, [str(n), visit.pk, target])
            for n, (line, visit) in enumerate(zip(lines, visits, strict=True))
        ])  # fmt: skip
    told = Counter(answer.get("code", "success") for answer in answers)
    assert told == {"success": 1, "slot_unavailable": 7}
    agree(world)


def test_crossing_moves_neither_swap_nor_deadlock(world: World) -> None:
    """Each wants the other's time: both are refused and keep their own, however they meet."""
    one, two = visit_tomorrow(world), visit_tomorrow(world)
    context = context_of(world, world.bob)
    with desks(2) as lines:
        for n in range(10):
            wishes = ((one, two.slot_id), (two, one.slot_id))
            answers = at_once([
                partial(ask, line, context, MOVE, [f"{n}-{visit.pk}", visit.pk, wish])
                for line, (visit, wish) in zip(lines, wishes, strict=True)
            ])  # fmt: skip
            assert {answer["code"] for answer in answers} == {"slot_unavailable"}
    agree(world)


def test_one_key_sixteen_times(world: World) -> None:
    visit = visit_tomorrow(world)
    target = world.free_slots(1)[0].pk
    context = context_of(world, world.bob)
    with desks(16) as lines:
        answers = at_once([partial(ask, line, context, MOVE, ["k", visit.pk, target])
                           for line in lines])  # fmt: skip
    assert Counter(answer["status"] for answer in answers) == {"success": 16}
    assert Counter(answer["idempotent"] for answer in answers) == {True: 15, False: 1}
    assert len({str(answer["result"]) for answer in answers}) == 1
    assert len(history(world, visit)) == 1


def test_a_time_that_was_no_slot_does_not_come_back(world: World) -> None:
    """An imported visit without one: after a move nothing says where it was, so it stays."""
    visit = visit_tomorrow(world)
    with world.as_owner():
        Appointment.objects.using("owner").filter(pk=visit.pk).update(slot=None)
        AppointmentSlot.objects.using("owner").filter(pk=visit.slot_id).update(
            appointment=None, is_available=True
        )
    target = world.free_slots()[4]
    assert moved(world, visit, target.pk).ok
    assert undo(world, visit).code == "bad_transition"
    now = read(world, visit.pk)
    assert (now.version, now.slot_id, now.starts_at) == (2, target.pk, target.starts_at)
