"""A long visit that goes frees several times: each is offered, and all are taken back with it."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connections

from booking.models import AppointmentSlot
from booking.services.appointments import cancel_appointment, reschedule_appointment
from messaging.models import Notification
from tests.booking.life import act, noon_world, slot, undo
from tests.booking.serving import begin, broken, make_service, row, serve, slots_of, taken
from tests.booking.waiting import (
    cancel,
    entry,
    freed,
    notices,
    offers,
    setting,
    slot_of,
    waits,
    work,
)
from tests.factories import World


def long_visit(world: World, minutes: int = 45) -> tuple[Any, list[AppointmentSlot]]:
    """A visit well ahead, and the slots that it has; its id."""
    first = slot_of(world)
    every = slots_of(world)
    at = [s.pk for s in every].index(first.pk)
    made = serve(world, make_service(world, minutes), first)
    assert made.ok, made
    return made.appointment_id, every[at : at + minutes // 15]


def offered(world: World) -> dict[Any, Any]:
    """{slot: entry} of what is on offer."""
    return {o.slot_id: o.entry_id for o in offers(world, status="open")}


def outcomes(world: World) -> list[str]:
    with world.as_user(world.bob), connections["default"].cursor() as cursor:
        cursor.execute(
            "select outcome from booking.freed_outcomes(now() - interval '1 hour',"
            " now() + interval '1 hour')"
        )
        return [outcome for (outcome,) in cursor.fetchall()]


def test_every_time_of_a_long_visit_is_offered(world: World) -> None:
    waiting = [waits(world) for _ in range(4)]
    visit, times = long_visit(world)
    assert cancel(world, visit).ok
    made = offered(world)
    assert made.keys() == {time.pk for time in times}
    assert set(made.values()) == {e.pk for e in waiting[:3]}
    assert [f.cause for f in freed(world)] == ["visit"] * 3
    assert {slot(world, time.pk).held_until is None for time in times} == {False}


def test_a_move_by_less_than_its_length_frees_what_it_left(world: World) -> None:
    for _ in range(4):
        waits(world)
    visit, times = long_visit(world)
    with world.as_user(world.bob):
        assert reschedule_appointment(
            idempotency_key="m", appointment_id=visit, slot_id=times[2].pk, reason=""
        ).ok
    assert offered(world).keys() == {time.pk for time in times[:2]}
    assert broken(world) == {}
    assert undo(world, row(world, visit)).ok
    assert len(taken(world, visit)) == 3
    every = slots_of(world)
    at = [s.pk for s in every].index(times[2].pk)
    assert offered(world).keys() == {s.pk for s in every[at + 1 : at + 3]}, "freed by the undo"


def test_undo_takes_all_of_them_back(world: World) -> None:
    waiting = [waits(world) for _ in range(3)]
    visit, _ = long_visit(world)
    assert cancel(world, visit).ok
    assert undo(world, row(world, visit)).ok
    assert [o.status for o in offers(world)] == ["withdrawn"] * 3
    assert [n.status for n in notices(world)] == ["withdrawn"] * 3
    assert {entry(world, e.pk).status for e in waiting} == {"waiting"}
    assert len(taken(world, visit)) == 3
    assert broken(world) == {}
    assert outcomes(world) == ["undone"] * 3


@pytest.mark.parametrize("which", [0, 2])
def test_one_that_was_told_keeps_all_of_them(world: World, which: int) -> None:
    for _ in range(3):
        waits(world)
    visit, times = long_visit(world)
    assert cancel(world, visit).ok
    (told,) = offers(world, slot_id=times[which].pk)
    with world.as_owner():
        Notification.objects.using("owner").filter(pk=told.notice_id).update(status="sent")
    assert undo(world, row(world, visit)).code == "slot_unavailable"
    assert offered(world).keys() == {time.pk for time in times}
    assert sorted(n.status for n in notices(world)) == ["pending", "pending", "sent"]


def test_an_undo_that_fails_leaves_the_offers_as_they_were(world: World) -> None:
    for _ in range(3):
        waits(world)
    visit, _ = long_visit(world)
    assert cancel(world, visit).ok
    before = offered(world)
    with world.as_owner():
        type(world.doctor).objects.using("owner").filter(pk=world.doctor.pk).update(
            license_expiry=dt.date(2020, 1, 1)
        )
    assert undo(world, row(world, visit)).code == "doctor_unavailable"
    assert offered(world) == before
    assert {n.status for n in notices(world)} == {"pending"}


def test_what_a_missed_long_visit_leaves_is_offered_and_comes_back() -> None:
    here = noon_world()
    here.make_slots(days=0)
    setting(here, "waiting_list.lead_minutes", 0)
    for _ in range(3):
        waits(here, earliest=slots_of(here)[0].slot_date - dt.timedelta(days=2))
    visit = row(here, serve(here, make_service(here, 45), slots_of(here)[0]).appointment_id)
    begin(here, visit, minutes=5)
    assert act(here, visit, "no_show").ok
    assert len(offered(here)) == 2, "what is still to come of it"
    assert undo(here, visit).ok
    assert offered(here) == {}
    assert len(taken(here, visit.pk)) == 3
    assert broken(here) == {}


def test_booked_and_cancelled_in_one_transaction_is_not_offered(world: World) -> None:
    waits(world)
    visit, times = long_visit(world)
    service = row(world, visit).service_id
    with world.as_user(world.bob), connections["default"].cursor() as cursor:
        assert cancel_appointment(idempotency_key="c", appointment_id=visit, reason="Swap").ok
        cursor.execute(
            "select booking.create_booking(%s, %s, %s, %s, %s, null, 'consultation', %s)"
            " ->> 'status'",
            [str(uuid.uuid4()), world.bob.id, world.id, times[0].pk, world.patient.pk, service],
        )
        assert cursor.fetchone() == ("success",)
    assert (offers(world), freed(world)) == ([], [])
    assert work(world) == 0
