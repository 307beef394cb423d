"""What the JSON API refuses, and whom: every answer is held against booking/openapi.json."""

import uuid
from typing import Any

import pytest
from django.test import Client

from tests.booking.api import Program
from tests.booking.life import read, visit_tomorrow
from tests.factories import PASSWORD, PatientFactory, World, make_world


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


def test_the_key_is_required(here: World, bob: Program) -> None:
    sent = order(here, here.free_slots(1)[0].pk)
    for bad in ("", '""', "x" * 201, "two words"):
        response = bob.post("/$book", sent, bad)
        assert (response.status_code, code(response)) == (400, "key_missing")
    for path in ("/$cancel", "/$reschedule"):
        assert code(bob.post(path, {})) == "key_missing"
    assert here.free_slots(1)[0].is_available


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
    pk = str(here.free_slots(1)[0].pk)
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
    pk = str(here.free_slots(1)[0].pk)
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
    other.make_slots(days=0)
    visit, theirs = visit_tomorrow(other), str(other.free_slots(1)[0].pk)
    mine = str(here.free_slots(1)[0].pk)
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
