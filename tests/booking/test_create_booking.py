"""What create_booking decides, one call at a time, as the site's login."""

import datetime as dt
import itertools
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import ProgrammingError, connection
from django.utils import timezone

from booking.models import Appointment, AppointmentSlot, BookingRequest
from booking.services.appointments import BookingOutcome, book_appointment
from clinic.models import DoctorLeave
from clinic.tenancy.context import tenant_context
from tests.factories import PatientFactory, World


@pytest.fixture
def ready(world: World) -> World:
    world.make_slots(days=0)
    return world


def booked(
    world: World, user: Any = None, role: str | None = None, **changed: Any
) -> BookingOutcome:
    """book_appointment of the first free slot for Dana by Bob, but for what is changed."""
    user = user or world.bob
    request = {
        "idempotency_key": "key", "user_id": user.id, "clinic_id": world.id,
        "slot_id": changed.get("slot_id") or world.free_slots(1)[0].id,
        "patient_id": world.patient.id,
    }  # fmt: skip
    with world.as_user(user, role):
        return book_appointment(**request | changed)


def requests(world: World) -> list[str]:
    with world.as_owner():
        found = BookingRequest.objects.using("owner").filter(clinic_id=world.id)
        return list(found.values_list("idempotency_key", flat=True))


def test_a_booking_is_written_whole(ready: World) -> None:
    slot = ready.free_slots(1)[0]
    outcome = booked(ready, visit_reason="Knee", appointment_type="follow-up")
    with ready.as_owner():
        visit = Appointment.objects.using("owner").get(clinic_id=ready.id)
        slot.refresh_from_db(using="owner")
    assert (outcome.http_status, outcome.appointment_id, outcome.slot_id) == (
        201,
        visit.id,
        slot.id,
    )
    assert outcome.appointment_number == visit.appointment_number
    assert (visit.status, visit.visit_reason, visit.source) == ("scheduled", "Knee", "phone")
    assert (visit.appointment_type, visit.version) == ("follow-up", 1)
    assert (visit.doctor_id, visit.patient_id) == (ready.doctor.id, ready.patient.id)
    assert visit.booked_by_id == ready.bob.id
    assert (visit.starts_at, visit.ends_at) == (slot.starts_at, slot.ends_at)
    assert (visit.appointment_date, visit.appointment_time) == (slot.slot_date, slot.slot_time)
    assert (slot.is_available, slot.appointment_id) == (False, visit.id)


@pytest.mark.parametrize("who", ["alice", "bob", "dana"])
def test_who_may_book(ready: World, who: str) -> None:
    outcome = booked(ready, getattr(ready, who))
    assert outcome.ok
    with ready.as_owner():
        visit = Appointment.objects.using("owner").get(clinic_id=ready.id)
    assert visit.source == ("online" if who == "dana" else "phone")


@pytest.mark.parametrize(("who", "role"), [("chen", "doctor"), ("nur", "nurse"), ("bob", "worker")])
def test_who_may_not_book(ready: World, who: str, role: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        booked(ready, getattr(ready, who), role)
    assert requests(ready) == []


def test_a_patient_books_for_nobody_else(ready: World) -> None:
    with ready.as_owner():
        other: Any = PatientFactory(clinic=ready.clinic)
    outcome = booked(ready, ready.dana, patient_id=other.id)
    assert outcome.code == "patient_not_found"
    assert outcome == booked(ready, ready.dana, patient_id=uuid.uuid4())
    assert booked(ready, ready.dana).ok


@pytest.mark.parametrize("who", ["bob", "alice", "dana"])
def test_nobody_books_in_anothers_name(ready: World, other_world: World, who: str) -> None:
    for pretended in (ready.nur.id, other_world.bob.id, uuid.uuid4()):
        outcome = booked(ready, getattr(ready, who), user_id=pretended)
        assert (outcome.code, outcome.http_status) == ("not_allowed", 403)
    assert requests(ready) == []


def test_a_superadmin_may_book_in_anothers_name(ready: World) -> None:
    outcome = booked(ready, ready.alice, "superadmin", user_id=ready.bob.id)
    assert outcome.ok


def test_without_a_clinic_nobody_books(ready: World) -> None:
    slot = ready.free_slots(1)[0].id
    args = [uuid.uuid4(), ready.bob.id, ready.id, slot, ready.patient.id]
    elsewhere = tenant_context(clinic=uuid.uuid4(), user=ready.bob.id, role="staff")
    with elsewhere, connection.cursor() as cursor:
        cursor.execute("select booking.create_booking(%s::text, %s, %s, %s, %s)", args)
        answer = cursor.fetchone()[0]
    assert '"not_allowed"' in answer


OWN, THEIRS, MISSING = "own", "theirs", "missing"


@pytest.mark.parametrize(
    ("clinic", "slot", "patient"), list(itertools.product((OWN, THEIRS), repeat=3))
)
def test_mixed_clinics_are_as_good_as_missing(
    ready: World, other_world: World, clinic: str, slot: str, patient: str
) -> None:
    """The eight triples: each foreign id gets the answer of an id that does not exist."""
    other_world.make_slots(days=0)
    ids: dict[str, Callable[[str], Any]] = {
        "clinic_id": {OWN: ready.id, THEIRS: other_world.id, MISSING: uuid.uuid4()}.get,
        "slot_id": {OWN: ready.free_slots(1)[0].id, THEIRS: other_world.free_slots(1)[0].id,
                    MISSING: uuid.uuid4()}.get,
        "patient_id": {OWN: ready.patient.id, THEIRS: other_world.patient.id,
                       MISSING: uuid.uuid4()}.get,
    }  # fmt: skip
    triple = dict(zip(ids, (clinic, slot, patient), strict=True))
    outcome = booked(ready, **{name: ids[name](whose) for name, whose in triple.items()})
    if triple == dict.fromkeys(ids, OWN):
        assert outcome.ok
        return
    as_missing = {name: MISSING if whose == THEIRS else OWN for name, whose in triple.items()}
    assert outcome == booked(ready, **{name: ids[name](w) for name, w in as_missing.items()})
    assert outcome.status == "error"
    for world in (ready, other_world):
        assert requests(world) == []
        with world.as_owner():
            assert not Appointment.objects.using("owner").filter(clinic_id=world.id).exists()


def moved(slot: AppointmentSlot, seconds: int) -> dict[str, Any]:
    """Times of a slot that begins so many seconds from now."""
    at = timezone.now() + dt.timedelta(seconds=seconds)
    return {"starts_at": at, "ends_at": at + dt.timedelta(minutes=slot.duration_minutes)}


CHANGES: dict[str, tuple[str, Callable[[World, AppointmentSlot], dict[str, Any]]]] = {
    "past": ("slot_past", lambda w, s: {"slot": moved(s, -86400)}),
    "just begun": ("slot_past", lambda w, s: {"slot": moved(s, -1)}),
    "soon": ("", lambda w, s: {"slot": moved(s, 5)}),
    "blocked": ("slot_blocked", lambda w, s: {"slot": {"is_blocked": True}}),
    "taken": ("slot_unavailable", lambda w, s: {"slot": {"is_available": False}}),
    "inactive doctor": ("doctor_unavailable", lambda w, s: {"doctor": {"is_active": False}}),
    "deleted doctor": (
        "doctor_unavailable", lambda w, s: {"doctor": {"deleted_at": timezone.now()}}
    ),
    "licence ended": (
        "doctor_unavailable",
        lambda w, s: {"doctor": {"license_expiry": s.slot_date - dt.timedelta(days=1)}},
    ),
    "licence's last day": ("", lambda w, s: {"doctor": {"license_expiry": s.slot_date}}),
    "inactive patient": ("patient_not_found", lambda w, s: {"patient": {"is_active": False}}),
    "deleted patient": (
        "patient_not_found", lambda w, s: {"patient": {"deleted_at": timezone.now()}}
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_stands_against_a_booking(ready: World, change: str) -> None:
    code, changes = CHANGES[change]
    slot = ready.free_slots(1)[0]
    with ready.as_owner():
        for name, values in changes(ready, slot).items():
            rows: dict[str, Any] = {"slot": slot, "doctor": ready.doctor, "patient": ready.patient}
            type(rows[name]).objects.using("owner").filter(pk=rows[name].pk).update(**values)
    outcome = booked(ready, slot_id=slot.id)
    assert (outcome.code or "") == code
    assert requests(ready) == ([] if code else ["key"])


@pytest.mark.parametrize(
    ("before", "after", "deleted", "code"),
    [
        (0, 0, False, "doctor_unavailable"),
        (-1, 1, False, "doctor_unavailable"),
        (14, 60, False, "doctor_unavailable"),
        (15, 60, False, None),
        (-60, -15, False, None),
        (0, 0, True, None),
    ],
)
def test_leave_stands_against_a_booking(
    ready: World, before: int, after: int, deleted: bool, code: str | None
) -> None:
    """Leave from `before` minutes after the slot's start to `after` minutes after its end."""
    slot = ready.free_slots(1)[0]
    with ready.as_owner():
        DoctorLeave.objects.using("owner").create(
            clinic=ready.clinic, doctor=ready.doctor,
            starts_at=slot.starts_at + dt.timedelta(minutes=before),
            ends_at=slot.ends_at + dt.timedelta(minutes=after),
            deleted_at=timezone.now() if deleted else None,
        )  # fmt: skip
    assert booked(ready, slot_id=slot.id).code == code
