"""Long visits, rooms and one doctor at two clinics, at once: one wins what there is one of."""

import random
import uuid
from collections import Counter
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from booking.models import AppointmentSlot
from booking.services.appointments import cancel_appointment, change_status
from clinic.models import Doctor, Patient
from tests.booking.life import undo
from tests.booking.serving import broken, make_pool, make_service, move, row, serve, slots_of
from tests.factories import PatientFactory, World, make_world
from tests.races import ask, at_once, context_of, desks

BOOK = "select booking.create_booking(%s, %s, %s, %s, %s, null, 'consultation', %s)"
MOVE = "select booking.reschedule_booking(%s, %s, %s, 'later')"


def codes(answers: list[Any]) -> Counter[str]:
    return Counter(answer.get("code") or answer["status"] for answer in answers)


def patients_of(world: World, count: int) -> list[Patient]:
    with world.as_owner():
        return PatientFactory.create_batch(count, clinic=world.clinic)


def doctors_of(world: World, count: int) -> list[Doctor]:
    """More doctors, with slots tomorrow."""
    doctors = [world.add_doctor() for _ in range(count)]
    for doctor in doctors:
        world.make_slots(days=0, doctor=doctor)
    return doctors


def booked(world: World, desk: Any, slot: Any, patient: Any, service: Any) -> Any:
    context = context_of(world, world.bob)
    return ask(desk, context, BOOK, [str(uuid.uuid4()), context.user_id, world.id, slot.id,
                                     patient.id, service.id])  # fmt: skip


def test_64_overlapping_long_visits_of_one_doctor(world: World) -> None:
    world.make_slots(days=0)
    service = make_service(world, 120)
    slots, patients = slots_of(world)[:8], patients_of(world, 64)
    with desks(64) as open_desks:
        answers = at_once([
            partial(booked, world, desk, slots[n % 8], patient, service)
            for n, (desk, patient) in enumerate(zip(open_desks, patients, strict=True))
        ])  # fmt: skip
    assert codes(answers) == {"success": 1, "slot_unavailable": 63}
    assert broken(world) == {}


def test_as_many_win_as_there_are_rooms(world: World) -> None:
    """64 visits of 16 doctors at one time, five rooms."""
    doctors = doctors_of(world, 16)
    service = make_service(world, 30, buffers=(0, 5), doctors=doctors, pools=[make_pool(world, 5)])
    slots = [slots_of(world, doctor)[3] for doctor in doctors]
    patients = patients_of(world, 64)
    with desks(64) as open_desks:
        answers = at_once([
            partial(booked, world, desk, slots[n % 16], patient, service)
            for n, (desk, patient) in enumerate(zip(open_desks, patients, strict=True))
        ])  # fmt: skip
    won = codes(answers)
    assert won["success"] == 5
    assert won.keys() == {"success", "slot_unavailable", "resource_unavailable"}
    assert broken(world) == {}


def test_two_pools_in_opposite_order_do_not_deadlock(world: World) -> None:
    doctors = doctors_of(world, 2)
    one, other = make_pool(world, 1, "Scan room"), make_pool(world, 1, "Theatre")
    services = [
        make_service(world, 30, doctors=[doctors[0]], pools=[one, other]),
        make_service(world, 30, doctors=[doctors[1]], pools=[other, one]),
    ]
    for start in range(0, 20, 2):
        with desks(8) as open_desks:
            answers = at_once([
                partial(booked, world, desk, slots_of(world, doctors[n % 2])[start], patient,
                        services[n % 2])
                for n, (desk, patient) in enumerate(zip(open_desks, patients_of(world, 8),
                                                        strict=True))
            ])  # fmt: skip
        assert codes(answers)["success"] == 1
    assert broken(world) == {}


def test_crossing_moves_with_rooms(world: World) -> None:
    """Two long visits move into each other's time, and a third into both, again and again."""
    doctors = [world.doctor, *doctors_of(world, 1)]
    world.make_slots(days=0)
    service = make_service(world, 60, buffers=(0, 15), doctors=doctors, pools=[make_pool(world, 2)])
    slots = [slots_of(world, doctor) for doctor in doctors]
    begin = [slots[0][0], slots[1][8], slots[0][16], slots[1][22]]
    visits = [
        serve(world, service, slot, patient=patient).appointment_id
        for slot, patient in zip(begin, patients_of(world, 4), strict=True)
    ]
    told: Counter[str] = Counter()
    context = context_of(world, world.bob)
    with desks(8) as open_desks:
        for turn in range(12):
            targets = [slots[(n + turn) % 2][(n * 4 + turn * 3) % 26] for n in range(8)]
            told += codes(at_once([
                partial(ask, desk, context, MOVE, [str(uuid.uuid4()), visits[n % 4], target.id])
                for n, (desk, target) in enumerate(zip(open_desks, targets, strict=True))
            ]))  # fmt: skip
    assert told["success"] > 10, told
    assert broken(world) == {}


@pytest.fixture(scope="module")
def busy_world() -> tuple[World, Any, list[AppointmentSlot], list[Patient]]:
    world = make_world()
    doctors = [world.doctor, *doctors_of(world, 1)]
    world.make_slots(days=0)
    services = [
        make_service(world, 45, buffers=(10, 10), doctors=doctors, pools=[make_pool(world, 1)]),
        make_service(world, 30, doctors=doctors),
        None,
    ]
    slots = [slot for doctor in doctors for slot in slots_of(world, doctor)[:12]]
    return world, services, slots, patients_of(world, 4)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_whatever_happens_everything_agrees(busy_world: Any, seed: int) -> None:
    """Any sequence of booking, moving, cancelling, leaving and taking it back."""
    world, services, slots, patients = busy_world
    chance = random.Random(seed)
    visits: list[Any] = []
    for _ in range(14):
        what = chance.choice(["book", "book", "move", "cancel", "undo", "confirm"])
        if what == "book" or not visits:
            outcome = serve(world, chance.choice(services), chance.choice(slots),
                            patient=chance.choice(patients))  # fmt: skip
            visits += [outcome.appointment_id] if outcome.ok else []
        elif what == "move":
            move(world, chance.choice(visits), chance.choice(slots))
        elif what == "undo":
            undo(world, row(world, chance.choice(visits)))
        else:
            with world.as_user(world.bob):
                change(what, chance.choice(visits))
    assert broken(world) == {}
    for visit in visits:
        with world.as_user(world.bob):
            change("cancel", visit)
    assert broken(world) == {}
    with world.as_owner():
        left = AppointmentSlot.objects.using("owner").filter(is_available=False)
        assert not left.exists(), "everything is free again"


def change(what: str, visit: Any) -> None:
    key = {"idempotency_key": str(uuid.uuid4()), "appointment_id": visit}
    if what == "cancel":
        cancel_appointment(reason="ill", **key)
    else:
        change_status(action=what, **key)
