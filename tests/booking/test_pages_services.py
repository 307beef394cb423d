"""Booking a service at the desk: what is offered, what is shown, what is said when it cannot be."""

import re
import uuid
from typing import Any

import pytest
from django.test import Client

from booking.models import AppointmentSlot, Service
from tests.booking.serving import (
    broken,
    make_pool,
    make_service,
    move,
    row,
    serve,
    slots_of,
    taken,
)
from tests.factories import DoctorFactory, PatientFactory, World


@pytest.fixture
def slots(world: World) -> list[AppointmentSlot]:
    world.make_slots(days=0)
    return slots_of(world)


@pytest.fixture
def scan(world: World) -> Service:
    """Three quarters of an hour in the one ultrasound room."""
    return make_service(world, 45, buffers=(0, 15), pools=[make_pool(world, 1)])


@pytest.fixture
def desk(world: World, login: Any) -> Client:
    client: Client = login(world.bob)
    return client


def at(world: World, path: str) -> str:
    return f"/c/{world.clinic.code}/{path}"


def send(desk: Client, world: World, slot: AppointmentSlot, kind: Any, **more: Any) -> Any:
    return desk.post(at(world, "appointments/new/"), {
        "idempotency_key": str(uuid.uuid4()), "slot": slot.id, "patient": world.patient.id,
        "appointment_type": kind, "visit_reason": "", **more,
    })  # fmt: skip


def kinds(html: str) -> list[str]:
    return re.findall(r"<option[^>]*>([^<]+)</option>", html)


def test_the_form_offers_what_the_doctor_gives(
    world: World, desk: Client, slots: list[AppointmentSlot], scan: Service
) -> None:
    with world.as_owner():
        other = DoctorFactory(clinic=world.clinic)
    make_service(world, 30, name="Endoscopy", doctors=[other])
    make_service(world, 20, name="Old check", is_active=False)
    page = desk.get(at(world, "appointments/new/"), {"slot": slots[4].id}).text
    assert kinds(page) == [
        "Consultation, 15 min, until 10:15", "Follow-up, 15 min, until 10:15",
        "Vaccination, 15 min, until 10:15", "Screening, 15 min, until 10:15",
        "Ultrasound, 45 min, until 10:45",
    ]  # fmt: skip
    assert "buffer" not in page.lower()


def test_booking_one(
    world: World, desk: Client, slots: list[AppointmentSlot], scan: Service
) -> None:
    response = send(desk, world, slots[4], scan.id)
    assert response.status_code == 303
    page = desk.get(response["Location"]).text
    assert "<dt>Type</dt><dd>Ultrasound</dd>" in page
    assert '<dd data-testid="places">Ultrasound room 1</dd>' in page
    assert "10:00–10:45 (45 min)" in page
    card = re.search(r'<td[^>]*rowspan="(\d+)"[^>]*><div class="cell"><a class="appt', page)
    assert card, "it spans its rows"
    assert card[1] == "3"
    assert page.count('<span class="slot">Kept free</span>') == 1
    offered = re.findall(r'data-testid="slot-free"[^>]*data-start="[^"]*T(\d\d:\d\d)', page)
    assert offered[3:5] == ["09:45", "11:00"], "nor are its slots, nor what is kept free, offered"


def test_no_room_is_named(
    world: World, desk: Client, slots: list[AppointmentSlot], scan: Service
) -> None:
    with world.as_owner():
        patient = PatientFactory(clinic=world.clinic)
        doctor = DoctorFactory(clinic=world.clinic)
        theirs = AppointmentSlot.objects.using("owner").create(
            clinic=world.clinic, doctor=doctor, slot_date=slots[4].slot_date, slot_time="10:00",
            starts_at=slots[4].starts_at, ends_at=slots[4].ends_at,
        )  # fmt: skip
    with world.as_owner():
        pool = scan.needs.using("owner").get().pool
    assert serve(world, make_service(world, 15, doctors=[doctor], pools=[pool]), theirs,
                 patient=patient).ok  # fmt: skip
    response = send(desk, world, slots[3], scan.id)
    assert response.status_code == 409
    assert "Nothing is free for it then" in response.text
    assert "No ultrasound room is free then." in response.text
    offered = re.findall(r'aria-label="Book ([^"]+) with', response.text)
    assert offered[:3] == ["10:15", "10:30", "10:45"], "nor while the room is taken"
    kept = re.search(r'name="appointment_type" value="([^"]+)"', response.text)
    assert kept
    assert kept[1] == str(scan.id), "the choice is kept"


def test_where_it_does_not_fit(
    world: World, desk: Client, slots: list[AppointmentSlot], scan: Service
) -> None:
    with world.as_owner():
        patient = PatientFactory(clinic=world.clinic)
    assert serve(world, None, slots[6], patient=patient).ok
    response = send(desk, world, slots[4], scan.id)
    assert response.status_code == 409
    assert "It does not fit there" in response.text
    assert "There is not enough free time with Dr Chen from 10:00 on." in response.text
    offered = re.findall(r'aria-label="Book ([^"]+) with', response.text)
    assert offered == ["10:45", "11:00", "11:15"], "only where it fits"
    assert serve(world, scan, slots[7]).ok
    assert broken(world) == {}


def test_a_slot_that_a_long_visit_covers(
    world: World, desk: Client, slots: list[AppointmentSlot], scan: Service
) -> None:
    assert serve(world, scan, slots[4]).ok
    response = desk.get(at(world, "appointments/new/"), {"slot": slots[5].id})
    assert response.status_code == 409
    assert "You booked 10:15 with Dr Chen" in response.text


@pytest.mark.parametrize("kind", ["", "massage", "x" * 50])
def test_nonsense_is_not_booked(
    world: World, desk: Client, slots: list[AppointmentSlot], scan: Service, kind: str
) -> None:
    response = send(desk, world, slots[4], kind, visit_reason="Cough")
    assert response.status_code == 422
    assert "Cough" in response.text


def test_a_service_of_nobody(
    world: World, desk: Client, slots: list[AppointmentSlot], scan: Service
) -> None:
    response = send(desk, world, slots[4], uuid.uuid4())
    assert response.status_code == 409
    assert "Dr Chen does not give this service." in response.text


def test_a_move_is_refused_in_words(
    world: World, desk: Client, slots: list[AppointmentSlot], scan: Service
) -> None:
    visit = serve(world, scan, slots[4]).appointment_id
    with world.as_owner():
        locum = DoctorFactory(clinic=world.clinic)
        theirs = AppointmentSlot.objects.using("owner").create(
            clinic=world.clinic, doctor=locum, slot_date=slots[4].slot_date, slot_time="10:00",
            starts_at=slots[4].starts_at, ends_at=slots[4].ends_at,
        )  # fmt: skip
    sent = {"idempotency_key": "m", "version": 1, "slot": theirs.id}
    response = desk.post(at(world, f"appointments/{visit}/move/"), sent)
    assert response.status_code == 409
    assert "This doctor does not give that service." in response.text
    assert move(world, visit, slots[12]).ok
    assert taken(world, visit)[0] == "12:00"
    assert row(world, visit).version == 2
