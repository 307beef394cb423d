"""Cancelling through the views: with a reason, once, in one's own clinic; the time is free."""

from typing import Any

import pytest
from django.test import Client

from booking.models import Appointment
from tests.booking.forms import appointments, form_for, new_url
from tests.factories import World


@pytest.fixture
def open_world(world: World) -> World:
    world.make_slots(days=1)
    return world


@pytest.fixture
def desk(open_world: World, login: Any) -> Client:
    """Bob at the desk."""
    return login(open_world.bob)


def cancel_url(world: World, pk: Any) -> str:
    return f"/c/{world.clinic.code}/appointments/{pk}/cancel/"


@pytest.fixture
def made(open_world: World, desk: Client) -> Appointment:
    desk.post(new_url(open_world), form_for(open_world, open_world.free_slots(1)[0]))
    return appointments(open_world)[0]


@pytest.mark.parametrize("field", ["reason", "other"])
def test_cancelling(open_world: World, desk: Client, made: Appointment, field: str) -> None:
    sent = {"idempotency_key": "c1", field: "Patient asked to cancel"}
    response = desk.post(cancel_url(open_world, made.id), sent)
    day = f"/c/{open_world.clinic.code}/schedule/{made.appointment_date}/"
    there = f"{day}?sel={made.id}&slot={made.slot_id}"
    assert (response.status_code, response["Location"]) == (303, there)
    (now,) = appointments(open_world)
    assert (now.status, now.cancellation_reason) == ("cancelled", "Patient asked to cancel")
    assert now.cancelled_by_id == open_world.bob.id
    page = desk.get(response["Location"]).text
    assert f"Cancelled {made.appointment_number}." in page
    assert f'data-slot-id="{made.slot_id}"' in page
    assert "Undo: cancelled" in page
    sent = form_for(open_world, open_world.free_slots(1)[0])
    assert sent["slot"] == made.slot_id
    assert desk.post(new_url(open_world), sent).status_code == 303


def test_cancelling_needs_a_reason(open_world: World, desk: Client, made: Appointment) -> None:
    response = desk.post(cancel_url(open_world, made.id), {"idempotency_key": "c1", "other": " "})
    assert response.status_code == 422
    assert "Say why it is cancelled." in response.text
    assert [a.status for a in appointments(open_world)] == ["scheduled"]


def test_cancelling_twice_is_409(open_world: World, desk: Client, made: Appointment) -> None:
    url = cancel_url(open_world, made.id)
    assert desk.post(url, {"idempotency_key": "c1", "reason": "Ill"}).status_code == 303
    response = desk.post(url, {"idempotency_key": "c2", "reason": "Ill"})
    assert response.status_code == 409
    assert "It can no longer be cancelled." in response.text
    assert desk.get(url).status_code == 405


def test_another_clinics_appointment_is_not_cancelled(
    open_world: World, other_world: World, made: Appointment, login: Any
) -> None:
    mallory = login(other_world.alice)
    sent = {"idempotency_key": "c1", "reason": "x"}
    assert mallory.post(cancel_url(other_world, made.id), sent).status_code == 404
    assert mallory.post(cancel_url(open_world, made.id), sent).status_code == 404
    assert [a.status for a in appointments(open_world)] == ["scheduled"]
