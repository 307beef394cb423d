"""The JSON API: every answer is held against booking/openapi.json by tests.booking.api."""

import datetime as dt
import uuid
from collections.abc import Iterator
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.db import connection
from openapi_spec_validator import OpenAPIV31SpecValidator

from booking.models import Appointment, AppointmentSlot
from booking.services.appointments import hold_slot
from clinic.models import Doctor
from tests.booking.api import Program, described
from tests.booking.life import act, read, visit_tomorrow
from tests.factories import DoctorFactory, PatientFactory, World, make_world
from tests.factories.people import MembershipFactory
from tests.races import at_once


@pytest.fixture
def here(world: World) -> World:
    world.make_slots(days=1)
    return world


@pytest.fixture
def bob(here: World, login: Any) -> Program:
    return Program(here, login(here.bob))


def order(world: World, slot_id: Any, **more: Any) -> dict[str, Any]:
    return {"slot_id": str(slot_id), "patient_id": str(world.patient.pk), **more}


def key() -> str:
    return str(uuid.uuid4())


def code(response: Any) -> str:
    return response.json()["code"]


def test_the_description_is_valid() -> None:
    OpenAPIV31SpecValidator(described()).validate()


def test_the_description_is_served(bob: Program) -> None:
    assert bob.get("/openapi.json").json() == described()


def test_find_hold_book(here: World, bob: Program) -> None:
    found = bob.slots(limit=5)
    assert [one["slot_id"] for one in found] == [
        str(s.pk) for s in sorted(here.free_slots(), key=lambda s: s.starts_at)[:5]
    ]
    first = found[0]
    assert first["starts_at"].endswith("+08:00")
    assert first["clinic"] == {
        "code": here.clinic.code, "name": here.clinic.name, "zone": "Asia/Singapore"
    }  # fmt: skip
    held = bob.post("/$hold", {"slot_id": first["slot_id"]})
    assert held.status_code == 200
    until = dt.datetime.fromisoformat(held.json()["held_until"])
    assert dt.timedelta(minutes=4) < until - dt.datetime.now(dt.UTC) <= dt.timedelta(minutes=5)
    booked = bob.post("/$book", order(here, first["slot_id"], visit_reason="Cough"), key())
    assert booked.status_code == 201
    visit = read(here, booked.json()["appointment_id"])
    assert (str(visit.slot_id), visit.visit_reason) == (first["slot_id"], "Cough")
    assert visit.appointment_number == booked.json()["appointment_number"]
    assert first["slot_id"] not in [one["slot_id"] for one in bob.slots()]


def test_a_repeat_gets_the_same_bytes(here: World, bob: Program) -> None:
    times, again = bob.slots(), key()
    sent = order(here, times[0]["slot_id"])
    first = bob.post("/$book", sent, again)
    second = bob.post("/$book", sent, again)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.content == first.content
    assert second["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    # Quoted, as the draft has it, it is the same key; whatever became of the visit meanwhile too.
    visit = read(here, first.json()["appointment_id"])
    moved = {"appointment_id": str(visit.pk), "slot_id": times[1]["slot_id"], "version": 1}
    assert bob.post("/$reschedule", moved, key()).status_code == 201
    third = bob.post("/$book", sent, f'"{again}"')
    assert (third.status_code, third.content) == (200, first.content)
    other = bob.post("/$book", order(here, times[2]["slot_id"]), again)
    assert (other.status_code, code(other)) == (422, "idempotency_mismatch")
    with here.as_owner():
        assert Appointment.objects.using("owner").filter(clinic_id=here.id).count() == 1


def test_move_and_cancel(here: World, bob: Program) -> None:
    visit, to = visit_tomorrow(here), bob.slots()[5]["slot_id"]
    sent = {"appointment_id": str(visit.pk), "slot_id": to, "version": visit.version}
    again = key()
    first = bob.post("/$reschedule", sent, again)
    assert (first.status_code, first.json()["slot_id"]) == (201, to)
    second = bob.post("/$reschedule", sent, again)
    assert (second.status_code, second.content) == (200, first.content)
    cancel = {"appointment_id": str(visit.pk), "version": visit.version, "reason": "Well again"}
    stale = bob.post("/$cancel", cancel, key())
    assert (stale.status_code, code(stale)) == (409, "stale")
    sent = {"appointment_id": str(visit.pk), "version": 2, "reason": "Well again"}
    again = key()
    first = bob.post("/$cancel", sent, again)
    assert first.status_code == 201
    second = bob.post("/$cancel", sent, again)
    assert (second.status_code, second.content) == (200, first.content)
    assert read(here, visit.pk).status == "cancelled"
    gone = bob.post("/$cancel", {**sent, "version": 3}, key())
    assert (gone.status_code, code(gone)) == (409, "bad_transition")


def test_six_at_once_make_one(here: World, login: Any) -> None:
    sent, again = order(here, here.free_slots(1)[0].pk), key()

    def ask(program: Program) -> Any:
        try:
            return program.post("/$book", sent, again)
        finally:
            connection.close()  # a thread of the site ends with its request

    programs = [Program(here, login(here.bob)) for _ in range(6)]
    answers = at_once([partial(ask, program) for program in programs])
    assert sorted(a.status_code for a in answers) == [200] * 5 + [201]
    assert len({a.content for a in answers}) == 1


def test_taken_and_held(here: World, bob: Program, login: Any) -> None:
    first, second = (one["slot_id"] for one in bob.slots()[:2])
    assert bob.post("/$book", order(here, first), key()).status_code == 201
    with here.as_owner():
        other = PatientFactory(clinic=here.clinic)
    taken = bob.post("/$book", {"slot_id": first, "patient_id": str(other.pk)}, key())
    assert (taken.status_code, code(taken)) == (409, "slot_unavailable")
    alice = Program(here, login(here.alice))
    assert alice.post("/$hold", {"slot_id": second}).status_code == 200
    assert code(bob.post("/$hold", {"slot_id": second})) == "slot_unavailable"
    assert code(bob.post("/$release", {"slot_id": second})) == "slot_not_found"
    assert code(bob.post("/$book", {"slot_id": second, "patient_id": str(other.pk)}, key())) == (
        "slot_unavailable"
    )
    assert second not in [one["slot_id"] for one in bob.slots()]
    assert second in [one["slot_id"] for one in alice.slots()]
    released = alice.post("/$release", {"slot_id": second})
    assert (released.status_code, released.json()["held_until"]) == (200, None)
    assert second in [one["slot_id"] for one in bob.slots()]


def test_five_holds_and_no_more(here: World, bob: Program) -> None:
    times = [one["slot_id"] for one in bob.slots()[:6]]
    for one in times[:5]:
        assert bob.post("/$hold", {"slot_id": one, "seconds": 30}).status_code == 200
    refused = bob.post("/$hold", {"slot_id": times[5]})
    assert (refused.status_code, code(refused)) == (409, "hold_limit")


def test_a_query_of_everything(here: World, bob: Program) -> None:
    with here.as_owner():
        Doctor.objects.using("owner").filter(pk=here.doctor.pk).update(specializations=["Skin"])
        other = DoctorFactory(clinic=here.clinic)
    day = here.free_slots()[-1].slot_date
    start = dt.datetime.combine(day, dt.time(13), ZoneInfo("Asia/Singapore"))
    found = bob.slots(**{
        "from": start.isoformat(), "until": (start + dt.timedelta(hours=2)).isoformat(),
        "doctor": [str(here.doctor.pk), str(other.pk)], "subject": "Skin", "order": "compact",
        "part_of_day": "afternoon", "weekday": [day.isoweekday()], "minutes": 10,
        "limit": 100, "clinics": "this",
    })  # fmt: skip
    assert len(found) == 8
    assert {one["score"] for one in found} <= {0, 1, 2, 3, 4}
    assert bob.slots(minutes=16) == []


def test_all_clinics_of_the_person(here: World, bob: Program) -> None:
    there = make_world()
    with there.as_owner():
        type(there.clinic).objects.using("owner").filter(pk=there.id).update(
            time_zone="Europe/London"
        )
        MembershipFactory(clinic=there.clinic, user=here.bob, role="nurse")
    there.make_slots()
    found = bob.slots(clinics="all", limit=100)
    assert {one["clinic"]["code"] for one in found} == {here.clinic.code, there.clinic.code}
    at = [dt.datetime.fromisoformat(one["starts_at"]) for one in found]
    assert at == sorted(at)
    london = next(one for one in found if one["clinic"]["zone"] == "Europe/London")
    assert london["starts_at"][-6:] in ("+00:00", "+01:00")
    assert {one["clinic"]["code"] for one in bob.slots()} == {here.clinic.code}


# --- when it cannot be done now -----------------------------------------------------------------


@pytest.fixture
def locked(here: World, admin_url: str) -> Iterator[str]:
    """A free slot on which somebody else's transaction sits."""
    pk = str(here.free_slots(1)[0].pk)
    with psycopg.connect(admin_url) as other:
        other.execute("select from clinic.appointment_slots where id = %s for update", [pk])
        yield pk


def test_busy(here: World, bob: Program, locked: str) -> None:
    response = bob.post("/$book", order(here, locked), key())
    assert (response.status_code, code(response)) == (503, "busy")


def test_stale_after_somebody_else(here: World, bob: Program) -> None:
    visit = visit_tomorrow(here)
    assert act(here, visit, "confirm", here.alice).ok
    to = bob.slots()[3]["slot_id"]
    for path, more in (("/$reschedule", {"slot_id": to}), ("/$cancel", {"reason": "x"})):
        sent = {"appointment_id": str(visit.pk), "version": visit.version, **more}
        response = bob.post(path, sent, key())
        assert (response.status_code, code(response)) == (409, "stale")
    assert read(here, visit.pk).status == "confirmed"


def test_a_hold_of_another_user_ends_by_itself(here: World, bob: Program) -> None:
    pk = here.free_slots(1)[0].pk
    with here.as_user(here.alice):
        assert hold_slot(slot_id=pk).ok
    assert code(bob.post("/$book", order(here, pk), key())) == "slot_unavailable"
    with here.as_owner():
        AppointmentSlot.objects.using("owner").filter(pk=pk).update(
            held_until=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
        )
    assert bob.post("/$book", order(here, pk), key()).status_code == 201
