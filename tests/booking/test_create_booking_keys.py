"""Idempotency keys, and input that is not what it should be."""

import uuid
from typing import Any

import pytest
from django.db import DataError, connection

from booking.models import Appointment, AppointmentSlot, BookingRequest
from booking.services.appointments import BookingOutcome, book_appointment, cancel_appointment
from tests.factories import PatientFactory, World, make_world


@pytest.fixture(scope="module")
def desk(django_db_setup: None) -> World:
    """One clinic for all tests here: each takes the next free slot and a patient of its own."""
    world = make_world()
    world.make_slots(days=1)
    return world


@pytest.fixture
def someone(desk: World) -> Any:
    with desk.as_owner():
        return PatientFactory(clinic=desk.clinic)


def booked(
    world: World, patient: Any, key: str, user: Any = None, **changed: Any
) -> BookingOutcome:
    user = user or world.bob
    request = {
        "idempotency_key": key, "user_id": user.id, "clinic_id": world.id,
        "slot_id": changed.get("slot_id") or world.free_slots(1)[0].id, "patient_id": patient.id,
    }  # fmt: skip
    with world.as_user(user):
        return book_appointment(**request | changed)


def kept(world: World, key: str) -> bool:
    with world.as_owner():
        found = BookingRequest.objects.using("owner").filter(clinic_id=world.id)
        return found.filter(idempotency_key=key).exists()


def test_a_repeat_gets_the_same_answer(desk: World, someone: Any) -> None:
    slot, key = desk.free_slots(1)[0].id, str(uuid.uuid4())
    first = booked(desk, someone, key, slot_id=slot)
    again = booked(desk, someone, key, slot_id=slot)
    assert (first.http_status, again.http_status) == (201, 200)
    assert (first.idempotent, again.idempotent) == (False, True)
    assert first.appointment_id == again.appointment_id
    assert first.appointment_number == again.appointment_number
    with desk.as_owner():
        visits = Appointment.objects.using("owner").filter(patient_id=someone.id)
        assert visits.count() == 1


@pytest.mark.parametrize("change", ["patient_id", "slot_id", "visit_reason", "appointment_type"])
def test_a_key_is_for_one_request(desk: World, someone: Any, change: str) -> None:
    """422, and nothing of the first booking in the answer."""
    key, slot = str(uuid.uuid4()), desk.free_slots(1)[0].id
    first = booked(desk, someone, key, slot_id=slot)
    other = {
        "patient_id": desk.patient.id, "slot_id": desk.free_slots(1)[0].id,
        "visit_reason": "another", "appointment_type": "screening",
    }[change]  # fmt: skip
    second = booked(desk, someone, key, **{"slot_id": slot, change: other})
    assert first.ok
    assert (second.code, second.http_status) == ("idempotency_mismatch", 422)
    assert (second.appointment_id, second.appointment_number, second.slot_id) == (None,) * 3


def test_a_key_is_its_users(desk: World, someone: Any) -> None:
    """Another user's same key is another key: no mismatch, no look at the first booking."""
    key = str(uuid.uuid4())
    assert booked(desk, someone, key).ok
    second = booked(desk, desk.patient, key, desk.alice)
    assert second.ok
    assert not second.idempotent


def test_a_key_is_its_clinics(desk: World, someone: Any, other_world: World) -> None:
    key = str(uuid.uuid4())
    other_world.make_slots(days=0)
    assert booked(desk, someone, key).ok
    assert not booked(other_world, other_world.patient, key).idempotent


def test_a_key_is_its_operations(desk: World, someone: Any) -> None:
    key = str(uuid.uuid4())
    first = booked(desk, someone, key)
    assert first.appointment_id
    with desk.as_user(desk.bob):
        second = cancel_appointment(
            idempotency_key=key, appointment_id=first.appointment_id, reason="ill"
        )
    assert second.ok
    assert not second.idempotent


def test_a_refusal_leaves_no_key(desk: World, someone: Any) -> None:
    """The slot was blocked; once it is free, the same key may be tried again."""
    key, slot = str(uuid.uuid4()), desk.free_slots(1)[0]
    with desk.as_owner():
        AppointmentSlot.objects.using("owner").filter(pk=slot.pk).update(is_blocked=True)
    assert booked(desk, someone, key, slot_id=slot.id).code == "slot_blocked"
    assert not kept(desk, key)
    with desk.as_owner():
        AppointmentSlot.objects.using("owner").filter(pk=slot.pk).update(is_blocked=False)
    assert booked(desk, someone, key, slot_id=slot.id).ok


GOOD_KEYS = ["x", " ", "a" * 255, "🦉" * 255, "\u202e\u0000".strip("\x00"), "%s' or 1=1 --", "\n"]


@pytest.mark.parametrize("key", GOOD_KEYS, ids=range(len(GOOD_KEYS)))
def test_any_text_of_255_characters_is_a_key(desk: World, someone: Any, key: str) -> None:
    assert booked(desk, someone, key).ok
    assert kept(desk, key)


@pytest.mark.parametrize("key", ["", "a" * 256, "🦉" * 256, "a" * 1_000_000])
def test_other_keys_are_invalid(desk: World, someone: Any, key: str) -> None:
    outcome = booked(desk, someone, key)
    assert (outcome.code, outcome.http_status) == ("invalid_input", 422)
    assert not kept(desk, key)


def test_keys_are_compared_byte_by_byte(desk: World, someone: Any) -> None:
    name = str(uuid.uuid4())
    outcomes = [booked(desk, someone, key) for key in (name, name.upper(), f"{name} ", f" {name}")]
    assert [outcome.idempotent for outcome in outcomes] == [False] * 4
    assert len({outcome.appointment_id for outcome in outcomes}) == 4


@pytest.mark.parametrize(
    "changed",
    [
        {"appointment_type": "surgery"},
        {"appointment_type": ""},
        {"appointment_type": None},
        {"appointment_type": "consultation'; drop table clinic.patients; --"},
        {"visit_reason": "x" * 2001},
        {"patient_id": None},
    ],
)
def test_input_that_is_not_valid(desk: World, someone: Any, changed: dict[str, Any]) -> None:
    key = str(uuid.uuid4())
    assert booked(desk, someone, key, **changed).code == "invalid_input"
    assert not kept(desk, key)


@pytest.mark.parametrize("changed", [{"visit_reason": "x" * 2000}, {"visit_reason": ""}])
def test_input_that_just_is(desk: World, someone: Any, changed: dict[str, Any]) -> None:
    assert booked(desk, someone, str(uuid.uuid4()), **changed).ok


@pytest.mark.parametrize("name", ["idempotency_key", "visit_reason", "appointment_type"])
def test_a_nul_never_reaches_the_database(desk: World, someone: Any, name: str) -> None:
    with pytest.raises(DataError):
        booked(desk, someone, str(uuid.uuid4()), **{name: "a\x00b"})
    assert booked(desk, someone, str(uuid.uuid4())).ok


def test_null_arguments_are_refused_not_booked(desk: World) -> None:
    """SQL may leave out what Python may not."""
    slot = desk.free_slots(1)[0].id
    good = ["k", desk.bob.id, desk.id, slot, desk.patient.id]
    told = []
    for at in range(5):
        args = [None if i == at else arg for i, arg in enumerate(good)]
        with desk.as_user(desk.bob), connection.cursor() as cursor:
            cursor.execute(
                "select booking.create_booking(%s, %s, %s, %s, %s)::jsonb ->> 'code'", args
            )
            told.append(cursor.fetchone()[0])
    assert told == ["invalid_input", "not_allowed", "not_allowed", "invalid_input", "invalid_input"]
