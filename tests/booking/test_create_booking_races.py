"""Bookings at the same moment, on real connections of the site's login."""

import datetime as dt
import uuid
from collections import Counter
from functools import partial
from typing import Any

import pytest

from booking.models import Appointment, AppointmentSlot, BookingRequest
from clinic.models import Doctor, Patient
from tests.factories import DoctorFactory, PatientFactory, World
from tests.races import at_once, book, context_of, desks

Answer = dict[str, Any]


def codes(answers: list[Answer]) -> Counter[str]:
    return Counter(answer.get("code") or answer["status"] for answer in answers)


def patients_of(world: World, count: int) -> list[Patient]:
    with world.as_owner():
        return [world.patient, *PatientFactory.create_batch(count - 1, clinic=world.clinic)]


def stored(world: World, **conditions: Any) -> list[Appointment]:
    with world.as_owner():
        found = Appointment.objects.using("owner").filter(clinic_id=world.id, **conditions)
        return list(found.order_by("starts_at"))


def keys_left(world: World) -> set[str]:
    with world.as_owner():
        found = BookingRequest.objects.using("owner").filter(clinic_id=world.id)
        return set(found.values_list("idempotency_key", flat=True))


def test_64_bookings_of_one_slot(world: World) -> None:
    world.make_slots(days=0)
    slot, context = world.free_slots(1)[0], context_of(world, world.bob)
    patients = patients_of(world, 64)
    with desks(64) as open_desks:
        answers = at_once([
            partial(book, d, context, key=str(p.id), slot=slot.id, patient=p.id)
            for d, p in zip(open_desks, patients, strict=True)
        ])  # fmt: skip
    assert codes(answers) == {"success": 1, "slot_unavailable": 63}
    (visit,) = stored(world)
    won = next(a["result"] for a in answers if a["status"] == "success")
    assert won == {
        "appointment_id": str(visit.id), "slot_id": str(slot.id),
        "appointment_number": visit.appointment_number,
    }  # fmt: skip
    assert keys_left(world) == {str(visit.patient_id)}, "a lost race left its key"


def test_64_bookings_of_64_slots(world: World) -> None:
    world.make_slots(days=3)
    slots, context = world.free_slots()[:64], context_of(world, world.bob)
    patients = patients_of(world, 64)
    with desks(64) as open_desks:
        answers = at_once([
            partial(book, d, context, key=str(s.id), slot=s.id, patient=p.id)
            for d, s, p in zip(open_desks, slots, patients, strict=True)
        ])  # fmt: skip
    assert codes(answers) == {"success": 64}
    numbers = sorted(a["result"]["appointment_number"] for a in answers)
    today = dt.datetime.now(dt.UTC).astimezone(dt.timezone(dt.timedelta(hours=8))).date()
    assert numbers == [f"{world.clinic.code}-{today:%Y%m%d}-{n:04d}" for n in range(1, 65)]
    assert {v.slot_id for v in stored(world)} == {s.id for s in slots}


def test_one_key_16_times_at_once(world: World) -> None:
    world.make_slots(days=0)
    slot, context = world.free_slots(1)[0], context_of(world, world.bob)
    with desks(16) as open_desks:
        answers = at_once([
            partial(book, d, context, key="one", slot=slot.id, patient=world.patient.id)
            for d in open_desks
        ])  # fmt: skip
        again = book(open_desks[0], context, key="one", slot=slot.id, patient=world.patient.id)
    assert codes(answers) == {"success": 16}
    assert Counter(a["idempotent"] for a in answers) == {False: 1, True: 15}
    assert len({str(a["result"]) for a in [*answers, again]}) == 1
    assert len(stored(world)) == 1


def overlapping(
    world: World, doctor: Doctor, minutes: tuple[int, ...], long: int
) -> list[uuid.UUID]:
    """Slots of the doctor tomorrow that begin so many minutes apart and last so long."""
    base = dt.datetime.now(dt.UTC).replace(hour=2, minute=0, second=0, microsecond=0)
    starts = [base + dt.timedelta(days=1, minutes=m) for m in minutes]
    with world.as_owner():
        return [
            AppointmentSlot.objects.using("owner").create(
                clinic=world.clinic, doctor=doctor, slot_date=at.date(), slot_time=at.time(),
                starts_at=at, ends_at=at + dt.timedelta(minutes=long), duration_minutes=long,
            ).id
            for at in starts
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [
        ((0, 15), {"success": 1, "slot_unavailable": 1}),
        ((0, 1, 29), {"success": 1, "slot_unavailable": 2}),
        ((0, 30), {"success": 2}),
        ((0, 30, 60, 90), {"success": 4}),
    ],
)
def test_a_doctor_sees_one_patient_at_a_time(
    world: World, minutes: tuple[int, ...], expected: dict[str, int]
) -> None:
    """Overlapping slots: the exclusion constraint lets one through; back to back, all."""
    slots = overlapping(world, world.doctor, minutes, 30)
    patients, context = patients_of(world, len(slots)), context_of(world, world.bob)
    with desks(len(slots)) as open_desks:
        answers = at_once([
            partial(book, d, context, key=str(s), slot=s, patient=p.id)
            for d, s, p in zip(open_desks, slots, patients, strict=True)
        ])  # fmt: skip
    assert codes(answers) == expected
    assert len(keys_left(world)) == expected["success"] == len(stored(world))
    free = [s.id for s in world.free_slots()]
    assert len(free) == len(slots) - expected["success"], "a lost race kept its slot"


def test_a_patient_is_in_one_place_at_a_time(world: World) -> None:
    """Eight doctors, one patient, one moment: one visit."""
    with world.as_owner():
        doctors = [world.doctor, *DoctorFactory.create_batch(7, clinic=world.clinic)]
    slots = [overlapping(world, doctor, (0,), 30)[0] for doctor in doctors]
    context = context_of(world, world.bob)
    with desks(8) as open_desks:
        answers = at_once([
            partial(book, d, context, key=str(s), slot=s, patient=world.patient.id)
            for d, s in zip(open_desks, slots, strict=True)
        ])  # fmt: skip
    assert codes(answers) == {"success": 1, "patient_overlap": 7}
    assert len(stored(world)) == len(keys_left(world)) == 1
    assert len(world.free_slots()) == 7


def test_the_same_patient_overlaps_at_another_clinic(world: World, other_world: World) -> None:
    """Clinics know nothing of each other: both book."""
    pairs = [(w, overlapping(w, w.doctor, (0,), 30)[0]) for w in (world, other_world)]
    with desks(2) as open_desks:
        answers = at_once([
            partial(book, d, context_of(w, w.bob), key="k", slot=s, patient=w.patient.id
            )
            for d, (w, s) in zip(open_desks, pairs, strict=True)
        ])  # fmt: skip
    assert codes(answers) == {"success": 2}
