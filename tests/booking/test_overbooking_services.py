"""Deliberate overlaps of a visit with a service: as long as that takes, with its room."""

import datetime as dt
import uuid
from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db.models import F

from booking.models import Appointment, AppointmentResource, AppointmentSlot, Service
from booking.services.appointments import hold_slot
from booking.services.despite import book_overlapping
from clinic.models import Doctor
from tests.booking.life import act, noon_world, read, slot, undo, visit_now, visit_tomorrow
from tests.booking.overbooking import another, gone, overbooked
from tests.booking.serving import (
    broken,
    kept_for,
    make_pool,
    make_service,
    move,
    serve,
    shift,
    taken,
)
from tests.factories import DoctorFactory, World
from tests.races import ask, at_once, context_of, desks

OVERBOOK = "select booking.overbook_slot(%s, %s, %s, 'urgent', p_service_id => %s)"


@pytest.fixture
def scan(world: World) -> Service:
    """45 minutes, ten more to tidy up, in one of two rooms."""
    world.make_slots(days=0)
    return make_service(world, 45, buffers=(0, 10), pools=[make_pool(world, 2)])


def test_it_lasts_as_long_and_keeps_a_room(world: World, scan: Service) -> None:
    first = visit_tomorrow(world)
    done = overbooked(world, first.slot_id, service_id=scan.pk)
    assert done.ok, done
    second = read(world, done.appointment_id)
    assert (second.service_id, second.duration_minutes, second.overbooked_reason) == (
        scan.pk, 45, "urgent",
    )  # fmt: skip
    assert second.appointment_type == scan.appointment_type
    assert (second.busy_to - second.ends_at).total_seconds() == 600
    assert kept_for(world, second.pk) == ["Ultrasound room 1"]
    assert taken(world, second.pk) == [], "the slots stay with whoever has them"
    assert broken(world) == {}


def test_what_stands_against_it(world: World, scan: Service) -> None:
    first = visit_tomorrow(world)
    with world.as_owner():
        Doctor.objects.using("owner").filter(pk=world.doctor.pk).update(max_daily_overbookings=9)
        other = DoctorFactory(clinic=world.clinic)
    told = [overbooked(world, first.slot_id, service_id=scan.pk) for _ in range(3)]
    assert [one.code for one in told] == [None, None, "resource_unavailable"]
    assert told[2].message == "No ultrasound room is free then."
    elsewhere = make_service(world, 30, doctors=[other])
    assert overbooked(world, first.slot_id, service_id=elsewhere.pk).code == "service_unavailable"
    assert overbooked(world, first.slot_id, service_id=uuid.uuid4()).code == "service_unavailable"
    assert broken(world) == {}


def test_a_held_time_before_a_visit_is_not_taken(world: World, scan: Service) -> None:
    held, next_to_it = world.free_slots()[4:6]
    assert serve(world, None, next_to_it).ok
    with world.as_user(world.bob):
        assert hold_slot(slot_id=held.pk).ok
    assert overbooked(world, held.pk, service_id=scan.pk).code == "slot_unavailable"


def test_it_does_not_run_through_blocked_time(world: World, scan: Service) -> None:
    first = visit_tomorrow(world)
    with world.as_owner():
        AppointmentSlot.objects.using("owner").filter(
            doctor=world.doctor, starts_at=first.ends_at
        ).update(is_blocked=True, block_reason="Theatre")
    assert overbooked(world, first.slot_id, service_id=scan.pk).code == "slot_blocked"
    assert overbooked(world, first.slot_id).ok, "a short visit is over by then"


def test_the_patient_is_busy_for_all_of_it(world: World, scan: Service) -> None:
    first, whom = visit_tomorrow(world), world.add_patient()
    after = next(free for free in world.free_slots() if free.starts_at > first.ends_at)
    assert serve(world, None, after, patient=whom).ok
    given: dict[str, Any] = {"patient_id": whom.pk}
    assert overbooked(world, first.slot_id, **given, service_id=scan.pk).code == "patient_overlap"
    assert overbooked(world, first.slot_id, **given).ok, "a short visit is over by then"


def test_cancelled_the_room_is_free_and_undone_it_is_kept(world: World, scan: Service) -> None:
    first = visit_tomorrow(world)
    second = read(world, overbooked(world, first.slot_id, service_id=scan.pk).appointment_id)
    assert gone(world, second).ok
    assert kept_for(world, second.pk) == []
    assert undo(world, second).ok
    back = read(world, second.pk)
    assert (back.overbooked_reason, back.ends_at) == ("urgent", second.ends_at)
    assert kept_for(world, second.pk) == ["Ultrasound room 1"]
    assert taken(world, second.pk) == []
    assert gone(world, back).ok
    for _ in range(2):
        assert overbooked(world, first.slot_id, service_id=scan.pk).ok
    assert undo(world, second).code == "resource_unavailable"
    assert broken(world) == {}


def test_moved_to_a_free_time_it_takes_its_slots(world: World, scan: Service) -> None:
    first = visit_tomorrow(world)
    second = read(world, overbooked(world, first.slot_id, service_id=scan.pk).appointment_id)
    target = world.free_slots()[8]
    assert move(world, second.pk, target).ok
    assert len(taken(world, second.pk)) == 4, "55 minutes"
    assert undo(world, read(world, second.pk)).ok
    back = read(world, second.pk)
    assert (back.overbooked_reason, back.slot_id) == ("urgent", first.slot_id)
    assert (taken(world, second.pk), kept_for(world, second.pk)) == ([], ["Ultrasound room 1"])
    assert slot(world, target.pk).is_available
    assert broken(world) == {}


def test_alone_it_is_ordinary_and_takes_its_slots(world: World, scan: Service) -> None:
    first = visit_tomorrow(world)
    second = read(world, overbooked(world, first.slot_id, service_id=scan.pk).appointment_id)
    assert gone(world, second).ok
    assert gone(world, first).ok
    assert undo(world, second).ok
    assert read(world, second.pk).overbooked_reason == ""
    assert len(taken(world, second.pk)) == 4
    assert undo(world, first).code == "slot_unavailable"
    assert broken(world) == {}


def earlier(world: World, slot_id: Any, minutes: int) -> None:
    """All visits of a slot, with their rooms, so many minutes earlier."""
    by = dt.timedelta(minutes=minutes)
    time = slot(world, slot_id)
    shift(world, [time], time.starts_at - by)
    span = {name: F(name) - by for name in ("busy_from", "busy_to")}
    with world.as_owner():
        Appointment.objects.using("owner").filter(slot_id=slot_id).update(
            starts_at=F("starts_at") - by, ends_at=F("ends_at") - by, **span
        )
        AppointmentResource.objects.using("owner").filter(clinic_id=world.id).update(**span)


@pytest.mark.parametrize("action", ["no_show", "leave"])
def test_who_is_there_after_all_gets_the_room_again(action: str) -> None:
    world = noon_world()
    scan = make_service(world, 45, pools=[make_pool(world, 1)])
    first = visit_now(world, minutes=30)
    second = overbooked(world, first.slot_id, service_id=scan.pk).appointment_id
    earlier(world, first.slot_id, 60)
    if action == "leave":
        assert act(world, read(world, second), "check_in").ok
    assert act(world, read(world, second), action).ok
    assert kept_for(world, second) == []
    assert undo(world, read(world, second)).ok
    assert (taken(world, second), kept_for(world, second)) == ([], ["Ultrasound room 1"])


def test_in_two_places_with_a_service(world: World, scan: Service) -> None:
    mine = visit_tomorrow(world)
    target = next(free for free in another(world) if free.starts_at == mine.starts_at)
    with world.as_owner():
        doctor = Doctor.objects.using("owner").get(pk=target.doctor_id)
    other = make_service(world, 30, doctors=[doctor], pools=[make_pool(world, 1, "Treatment room")])
    with world.as_user(world.bob):
        done = book_overlapping(
            idempotency_key="k", slot_id=target.pk, patient_id=world.patient.pk,
            overlap_reason="Child as well", service_id=other.pk,
        )  # fmt: skip
    assert done.ok, done
    both = read(world, done.appointment_id)
    assert (both.service_id, both.duration_minutes) == (other.pk, 30)
    assert (len(taken(world, both.pk)), kept_for(world, both.pk)) == (2, ["Treatment room 1"])
    assert gone(world, both).ok
    assert undo(world, both).ok
    assert read(world, both.pk).overlap_reason == "Child as well"
    assert (len(taken(world, both.pk)), kept_for(world, both.pk)) == (2, ["Treatment room 1"])
    assert broken(world) == {}


def test_the_last_room_is_won_once(world: World) -> None:
    world.make_slots(days=0)
    scan = make_service(world, 45, pools=[make_pool(world, 1)])
    first, context = visit_tomorrow(world), context_of(world, world.alice)
    people = [world.add_patient() for _ in range(6)]
    with desks(6) as lines:
        told = at_once([
            partial(ask, line, context, OVERBOOK, [str(n), first.slot_id, who.pk, scan.pk])
            for n, (line, who) in enumerate(zip(lines, people, strict=True))
        ])  # fmt: skip
    codes = Counter(answer.get("code", "success") for answer in told)
    assert codes == {"success": 1, "resource_unavailable": 5}
    assert broken(world) == {}
