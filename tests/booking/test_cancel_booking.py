"""Cancelling: who may, when, and what happens at the same moment."""

import datetime as dt
import uuid
from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import ProgrammingError
from django.utils import timezone

from booking.models import Appointment, AppointmentSlot, BookingRequest
from booking.services.appointments import BookingOutcome, book_appointment, cancel_appointment
from tests.factories import PatientFactory, World
from tests.races import at_once, book, cancel, context_of, desks


@pytest.fixture
def visit(world: World) -> Any:
    """An appointment of Dana tomorrow."""
    world.make_slots(days=0)
    with world.as_user(world.bob):
        outcome = book_appointment(
            idempotency_key="b", user_id=world.bob.id, clinic_id=world.id,
            slot_id=world.free_slots(1)[0].id, patient_id=world.patient.id,
        )  # fmt: skip
    with world.as_owner():
        return Appointment.objects.using("owner").get(id=str(outcome.appointment_id))


def cancelled(
    world: World, visit: Any, user: Any = None, *, key: str = "c", reason: str = " ill ",
    role: str | None = None,
) -> BookingOutcome:  # fmt: skip
    with world.as_user(user or world.bob, role):
        return cancel_appointment(
            idempotency_key=key, appointment_id=getattr(visit, "id", visit), reason=reason
        )


def slot_of(world: World, visit: Any) -> AppointmentSlot:
    with world.as_owner():
        return AppointmentSlot.objects.using("owner").get(id=visit.slot_id)


def cancel_keys(world: World) -> int:
    with world.as_owner():
        found = BookingRequest.objects.using("owner").filter(clinic_id=world.id)
        return found.filter(operation="cancel").count()


@pytest.mark.parametrize("who", ["alice", "bob", "dana"])
def test_a_cancelled_visit_keeps_its_row_and_frees_its_slot(
    world: World, visit: Any, who: str
) -> None:
    user = getattr(world, who)
    outcome = cancelled(world, visit, user)
    assert (outcome.http_status, outcome.appointment_id) == (201, visit.id)
    with world.as_owner():
        visit.refresh_from_db(using="owner")
    assert (visit.status, visit.cancellation_reason, visit.version) == ("cancelled", "ill", 2)
    assert visit.cancelled_by_id == user.id
    assert timezone.now() - visit.cancelled_at < dt.timedelta(minutes=1)
    slot = slot_of(world, visit)
    assert (slot.is_available, slot.appointment_id) == (True, None)


@pytest.mark.parametrize(("who", "role"), [("chen", "doctor"), ("nur", "nurse"), ("bob", "worker")])
def test_who_may_not_cancel(world: World, visit: Any, who: str, role: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        cancelled(world, visit, getattr(world, who), role=role)
    assert not slot_of(world, visit).is_available


def test_a_patient_cancels_nobody_elses_visit(world: World, visit: Any) -> None:
    with world.as_owner():
        other: Any = PatientFactory(clinic=world.clinic)
        Appointment.objects.using("owner").filter(pk=visit.pk).update(patient_id=other.id)
    outcome = cancelled(world, visit, world.dana)
    assert (outcome.code, outcome.http_status) == ("appointment_not_found", 404)
    assert outcome == cancelled(world, uuid.uuid4(), world.dana)
    assert cancel_keys(world) == 0


def test_another_clinics_visit_is_as_good_as_missing(
    world: World, visit: Any, other_world: World
) -> None:
    outcome = cancelled(other_world, visit)
    assert outcome.code == "appointment_not_found"
    assert outcome == cancelled(other_world, uuid.uuid4())
    with world.as_owner():
        visit.refresh_from_db(using="owner")
    assert visit.status == "scheduled"


@pytest.mark.parametrize(
    "changed", [{"reason": ""}, {"reason": " \n\t "}, {"reason": "x" * 2001}, {"key": ""},
                {"key": "k" * 256}]
)  # fmt: skip
def test_input_that_is_not_valid(world: World, visit: Any, changed: Any) -> None:
    assert cancelled(world, visit, **changed).code == "invalid_input"
    assert not slot_of(world, visit).is_available


@pytest.mark.parametrize("status", ["in_progress", "completed", "no_show", "rescheduled"])
def test_what_is_over_cannot_be_cancelled(world: World, visit: Any, status: str) -> None:
    with world.as_owner():
        Appointment.objects.using("owner").filter(pk=visit.pk).update(status=status)
    outcome = cancelled(world, visit)
    assert (outcome.code, outcome.http_status) == ("bad_transition", 409)
    assert cancel_keys(world) == 0


def test_what_has_passed_cannot_be_cancelled(world: World, visit: Any) -> None:
    ended = timezone.now() - dt.timedelta(seconds=5)
    with world.as_owner():
        Appointment.objects.using("owner").filter(pk=visit.pk).update(
            ends_at=ended, starts_at=ended - dt.timedelta(minutes=visit.duration_minutes)
        )
    assert cancelled(world, visit).code == "bad_transition"


def test_a_repeat_gets_the_same_answer(world: World, visit: Any) -> None:
    first, again = cancelled(world, visit), cancelled(world, visit)
    assert (first.idempotent, again.idempotent) == (False, True)
    assert first.appointment_number == again.appointment_number
    assert cancelled(world, visit, reason="another").code == "idempotency_mismatch"
    assert cancelled(world, visit, key="new").code == "bad_transition"


def codes(answers: list[dict[str, Any]]) -> Counter[str]:
    return Counter(answer.get("code") or answer["status"] for answer in answers)


@pytest.mark.parametrize("one_key", [True, False])
def test_16_cancel_at_once(world: World, visit: Any, one_key: bool) -> None:
    context = context_of(world, world.bob)
    with desks(16) as open_desks:
        answers = at_once([
            partial(cancel, d, context, key="k" if one_key else f"k{i}", appointment=visit.id)
            for i, d in enumerate(open_desks)
        ])  # fmt: skip
    assert codes(answers) == ({"success": 16} if one_key else {"success": 1, "bad_transition": 15})
    assert cancel_keys(world) == 1
    with world.as_owner():
        visit.refresh_from_db(using="owner")
    assert visit.version == 2


def test_16_book_what_was_just_cancelled(world: World, visit: Any) -> None:
    assert cancelled(world, visit).ok
    with world.as_owner():
        patients: list[Any] = PatientFactory.create_batch(16, clinic=world.clinic)
    with desks(16) as open_desks:
        answers = at_once([
            partial(book, d, context_of(world, world.bob), key=str(p.id), slot=visit.slot_id,
                    patient=p.id)
            for d, p in zip(open_desks, patients, strict=True)
        ])  # fmt: skip
    assert codes(answers) == {"success": 1, "slot_unavailable": 15}
    with world.as_owner():
        on_slot = Appointment.objects.using("owner").filter(slot_id=visit.slot_id)
        assert sorted(on_slot.values_list("status", flat=True)) == ["cancelled", "scheduled"]


def test_cancelling_while_others_book(world: World, visit: Any) -> None:
    """Twelve rounds: one gives the slot up while seven want it. No deadlock, one holder."""
    context, current = context_of(world, world.bob), visit.id
    with world.as_owner():
        patients: list[Any] = PatientFactory.create_batch(7, clinic=world.clinic)
    with desks(8) as (canceller, *others):
        for turn in range(12):
            jobs = [partial(cancel, canceller, context, key=f"c{turn}", appointment=current)]
            jobs += [
                partial(book, d, context, key=f"{turn}.{p.id}", slot=visit.slot_id, patient=p.id)
                for d, p in zip(others, patients, strict=True)
            ]
            gone, *answers = at_once(jobs)
            assert gone["status"] == "success"
            assert set(codes(answers)) <= {"success", "slot_unavailable"}
            taken = holder(world, visit.slot_id)
            assert codes(answers)["success"] == len(taken) <= 1
            if not taken:
                taken = [book(canceller, context, key=f"r{turn}", slot=visit.slot_id,
                              patient=world.patient.id)["result"]["appointment_id"]]  # fmt: skip
            (current,) = taken


def holder(world: World, slot: Any) -> list[uuid.UUID]:
    """The appointments that take the slot's time; the slot must say the same."""
    with world.as_owner():
        alive = Appointment.objects.using("owner").filter(slot_id=slot, status="scheduled")
        found = list(alive.values_list("id", flat=True))
        row = AppointmentSlot.objects.using("owner").get(id=slot)
    assert (row.is_available, row.appointment_id) == (not found, found[0] if found else None)
    return found
