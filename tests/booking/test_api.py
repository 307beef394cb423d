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
from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

from booking.models import Appointment, AppointmentSlot
from booking.services import hold_slot
from clinic.models import Doctor
from tests.booking.api import Program, described
from tests.booking.life import act, read, visit_tomorrow
from tests.factories import PASSWORD, DoctorFactory, PatientFactory, World, make_world
from tests.factories.people import MembershipFactory
from tests.races import at_once


@pytest.fixture
def here(world: World) -> World:
    world.make_slots(days=3)
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
    sent, again = order(here, here.free_slots()[0].pk), key()

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


def test_the_key_is_required(here: World, bob: Program) -> None:
    sent = order(here, here.free_slots()[0].pk)
    for bad in ("", '""', "x" * 201, "two words"):
        response = bob.post("/$book", sent, bad)
        assert (response.status_code, code(response)) == (400, "key_missing")
    for path in ("/$cancel", "/$reschedule"):
        assert code(bob.post(path, {})) == "key_missing"
    assert here.free_slots()[0].is_available


MALFORMED = [
    b"{", b"nonsense", b"[]", b'"text"', b"null", b"\xff\xfe", b"[" * 15000,
    b'{"slot_id": NaN}', b'{"slot_id": "a", "slot_id": "b"}', b'{"seconds": ' + b"9" * 5000 + b"}",
]  # fmt: skip


@pytest.mark.parametrize("sent", MALFORMED)
def test_what_is_no_json_object(bob: Program, sent: bytes) -> None:
    response = bob.post("/$hold", sent)
    assert (response.status_code, code(response)) == (400, "malformed")


def test_other_types_and_sizes(bob: Program) -> None:
    form = bob.post("/$hold", b"slot_id=x", **{"Content-Type": "application/x-www-form-urlencoded"})
    assert (form.status_code, code(form)) == (415, "not_json")
    large = bob.post("/$hold", {"slot_id": "x" * 20000})
    assert (large.status_code, code(large)) == (413, "too_large")


def pointers(response: Any) -> list[str]:
    assert (response.status_code, code(response)) == (422, "invalid_input")
    return [e.get("pointer") or e["parameter"] for e in response.json()["errors"]]


def test_strict_values(here: World, bob: Program) -> None:
    pk = str(here.free_slots()[0].pk)
    for sent, wrong in (
        ({}, ["/slot_id"]),
        ({"slot_id": pk, "extra": 1}, ["/extra"]),
        ({"slot_id": pk.replace("-", "")}, ["/slot_id"]),
        ({"slot_id": 7}, ["/slot_id"]),
        ({"slot_id": [pk]}, ["/slot_id"]),
        ({"slot_id": pk, "seconds": 0}, ["/seconds"]),
        ({"slot_id": pk, "seconds": 901}, ["/seconds"]),
        ({"slot_id": pk, "seconds": True}, ["/seconds"]),
        ({"slot_id": pk, "seconds": 5.5}, ["/seconds"]),
        ({"slot_id": pk, "seconds": None}, ["/seconds"]),
    ):
        assert pointers(bob.post("/$hold", sent)) == wrong, sent
    for more, wrong in (
        ({"appointment_type": "surgery"}, ["/appointment_type"]),
        ({"appointment_type": None}, ["/appointment_type"]),
        ({"visit_reason": "x" * 501}, ["/visit_reason"]),
        ({"visit_reason": "a\0b"}, ["/visit_reason"]),
        ({"visit_reason": "\ud800"}, ["/visit_reason"]),
        ({"user_id": str(here.alice.id), "clinic_id": "x"}, ["/clinic_id", "/user_id"]),
    ):
        assert pointers(bob.post("/$book", order(here, pk, **more), key())) == wrong, more
    cancel = {"appointment_id": pk, "version": "1", "reason": " \t"}
    assert pointers(bob.post("/$cancel", cancel, key())) == ["/version", "/reason"]


def test_strict_query(bob: Program) -> None:
    for query, wrong in (
        ({"from": "2026-11-24"}, "from"),
        ({"from": "2026-11-24T09:00:00"}, "from"),
        ({"from": "2026-13-24T09:00:00Z"}, "from"),
        ({"until": "0001-01-01T00:00:00+23:59"}, "until"),
        ({"until": "2020-01-01T00:00:00Z"}, "until"),
        ({"until": "2199-01-01T00:00:00Z"}, "until"),
        ({"doctor": ["x"]}, "doctor"),
        ({"weekday": [8]}, "weekday"),
        ({"weekday": ["\u0661"]}, "weekday"),
        ({"limit": 101}, "limit"),
        ({"limit": [1, 2]}, "limit"),
        ({"order": "random"}, "order"),
        ({"subject": "a\0"}, "subject"),
        ({"patient": "x"}, "patient"),
    ):
        assert pointers(bob.get("/$find", **query)) == [wrong], query


def test_a_query_of_everything(here: World, bob: Program) -> None:
    with here.as_owner():
        Doctor.objects.using("owner").filter(pk=here.doctor.pk).update(specializations=["Skin"])
        other = DoctorFactory(clinic=here.clinic)
    tomorrow = dt.datetime.now(ZoneInfo("Asia/Singapore")).date() + dt.timedelta(2)
    start = dt.datetime.combine(tomorrow, dt.time(13), ZoneInfo("Asia/Singapore"))
    found = bob.slots(**{
        "from": start.isoformat(), "until": (start + dt.timedelta(hours=2)).isoformat(),
        "doctor": [str(here.doctor.pk), str(other.pk)], "subject": "Skin", "order": "compact",
        "part_of_day": "afternoon", "weekday": [tomorrow.isoweekday()], "minutes": 10,
        "limit": 100, "clinics": "this",
    })  # fmt: skip
    assert len(found) == 8
    assert {one["score"] for one in found} <= {0, 1, 2, 3, 4}
    assert bob.slots(minutes=16) == []


# --- the way in ---------------------------------------------------------------------------------


def test_a_program_signs_in(here: World) -> None:
    """As docs/api.md says it."""
    client = Client(enforce_csrf_checks=True)
    client.get("/login/")
    token = client.cookies["csrftoken"].value
    sent = {"email": here.bob.email, "password": PASSWORD, "csrfmiddlewaretoken": token}
    assert client.post("/login/", sent).status_code == 302
    program = Program(here, client)
    pk = program.slots()[0]["slot_id"]
    refused = program.post("/$hold", {"slot_id": pk})
    assert (refused.status_code, code(refused)) == (403, "csrf_failed")
    token = client.cookies["csrftoken"].value
    assert program.post("/$hold", {"slot_id": pk}, **{"X-CSRFToken": token}).status_code == 200


def test_nobody_and_nowhere(here: World, bob: Program, login: Any) -> None:
    guest = Program(here, Client())
    for response in (guest.get("/$find"), guest.post("/$book", {}, key())):
        assert (response.status_code, code(response)) == (401, "not_signed_in")
        assert "Location" not in response
    nowhere = Program(here, bob.client, code="NOWHERE").get("/$find")
    other = make_world()
    foreign = Program(other, bob.client).get("/$find")
    assert (nowhere.status_code, foreign.status_code) == (404, 404)
    assert nowhere.content == foreign.content
    missing = bob.client.get(f"/c/{here.clinic.code}/api/$fly")
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")


def test_other_methods(here: World, bob: Program) -> None:
    base = f"/c/{here.clinic.code}/api"
    for path, method in (("/$find", "GET"), ("/$book", "POST"), ("/openapi.json", "GET")):
        for other in {"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"} - {method}:
            response = bob.client.generic(other, base + path)
            assert (response.status_code, response["Allow"]) == (405, method)
            assert response["Content-Type"] == "application/problem+json"


def test_who_may(here: World, login: Any) -> None:
    pk = str(here.free_slots()[0].pk)
    for user in (here.chen, here.nur):
        program = Program(here, login(user))
        assert [one["slot_id"] for one in program.slots(limit=1)] == [pk]
        for path, sent in (("/$hold", {"slot_id": pk}), ("/$book", order(here, pk))):
            response = program.post(path, sent, key())
            assert (response.status_code, code(response)) == (403, "not_allowed")
    dana = Program(here, login(here.dana))
    with here.as_owner():
        other = PatientFactory(clinic=here.clinic)
    refused = dana.post("/$book", {"slot_id": pk, "patient_id": str(other.pk)}, key())
    missing = dana.post("/$book", {"slot_id": pk, "patient_id": key()}, key())
    assert (refused.status_code, refused.content) == (404, missing.content)
    assert dana.post("/$book", order(here, pk), key()).status_code == 201


def test_another_clinics_ids_are_as_missing(here: World, bob: Program) -> None:
    other = make_world()
    other.make_slots()
    visit, theirs = visit_tomorrow(other), str(other.free_slots()[0].pk)
    mine = str(here.free_slots()[0].pk)
    none = key()

    def same(path: str, foreign: dict[str, Any], missing: dict[str, Any], what: str) -> None:
        answers = [bob.post(path, sent, key()) for sent in (foreign, missing)]
        assert [a.status_code for a in answers] == [404, 404]
        assert answers[0].content == answers[1].content
        assert code(answers[0]) == what

    same("/$hold", {"slot_id": theirs}, {"slot_id": none}, "slot_not_found")
    same("/$release", {"slot_id": theirs}, {"slot_id": none}, "slot_not_found")
    same("/$book", order(here, theirs), order(here, none), "slot_not_found")
    same(
        "/$book", {"slot_id": mine, "patient_id": str(other.patient.pk)},
        {"slot_id": mine, "patient_id": none}, "patient_not_found",
    )  # fmt: skip
    move = {"slot_id": mine, "version": 1}
    same(
        "/$reschedule", {**move, "appointment_id": str(visit.pk)},
        {**move, "appointment_id": none}, "appointment_not_found",
    )  # fmt: skip
    cancel = {"reason": "x", "version": 1}
    same(
        "/$cancel", {**cancel, "appointment_id": str(visit.pk)},
        {**cancel, "appointment_id": none}, "appointment_not_found",
    )  # fmt: skip
    own = read(here, visit_tomorrow(here, 3).pk)
    away = {"appointment_id": str(own.pk), "version": 1}
    same("/$reschedule", {**away, "slot_id": theirs}, {**away, "slot_id": none}, "slot_not_found")
    assert bob.slots(doctor=[str(other.doctor.pk)]) == bob.slots(doctor=[none]) == []


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
    pk = str(here.free_slots()[0].pk)
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
    pk = here.free_slots()[0].pk
    with here.as_user(here.alice):
        assert hold_slot(slot_id=pk).ok
    assert code(bob.post("/$book", order(here, pk), key())) == "slot_unavailable"
    with here.as_owner():
        AppointmentSlot.objects.using("owner").filter(pk=pk).update(
            held_until=dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
        )
    assert bob.post("/$book", order(here, pk), key()).status_code == 201
