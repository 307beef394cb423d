"""The booking form and what comes of it, through the views and the real database."""

import datetime as dt
import re
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from booking.models import AppointmentSlot
from booking.services.appointments import book_appointment
from tests.booking.forms import appointments, form_for, new_url
from tests.factories import DoctorFactory, PatientFactory, World

ZONE = ZoneInfo("Asia/Singapore")


@pytest.fixture
def open_world(world: World) -> World:
    world.make_slots(days=1)
    return world


@pytest.fixture
def desk(open_world: World, login: Any) -> Client:
    """Bob at the desk."""
    return login(open_world.bob)


def test_the_form_has_its_hooks_and_a_new_key_each_time(open_world: World, desk: Client) -> None:
    slot = open_world.free_slots(1)[0]
    pages = [desk.get(new_url(open_world), {"slot": slot.id}).text for _ in range(2)]
    for hook in ("booking-form", "patient-search", "book"):
        assert pages[0].count(f'data-testid="{hook}"') == 1
    keys = {re.search(r'name="idempotency_key" value="([^"]+)"', html).group(1) for html in pages}
    assert len(keys) == 2
    assert all(uuid.UUID(key).version == 4 for key in keys)
    assert "15 minutes" in pages[0]


def test_booking(open_world: World, desk: Client) -> None:
    slot = open_world.free_slots(1)[0]
    sent = form_for(open_world, slot, appointment_type="screening", visit_reason="Cough")
    response = desk.post(new_url(open_world), sent)
    (made,) = appointments(open_world)
    day = f"/c/{open_world.clinic.code}/schedule/{slot.slot_date}/"
    assert (response.status_code, response["Location"]) == (303, f"{day}?sel={made.id}")
    assert (made.appointment_type, made.visit_reason) == ("screening", "Cough")
    assert (made.patient_id, made.slot_id) == (open_world.patient.id, slot.id)
    assert made.booked_by_id == open_world.bob.id
    page = desk.get(response["Location"]).text
    notice = re.search(r'data-testid="booked">([^<]+)<', page)
    assert notice
    assert made.appointment_number in notice.group(1)
    assert re.fullmatch(rf"{open_world.clinic.code}-\d{{8}}-0001", made.appointment_number)
    assert 'data-testid="booked"' not in desk.get(response["Location"]).text


def test_the_same_form_again_is_the_same_booking(open_world: World, desk: Client) -> None:
    sent = form_for(open_world, open_world.free_slots(1)[0])
    first, second = (desk.post(new_url(open_world), sent) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert first["Location"] == second["Location"]
    assert len(appointments(open_world)) == 1


def test_the_same_key_with_another_patient_is_422(open_world: World, desk: Client) -> None:
    with open_world.as_owner():
        other = PatientFactory(clinic=open_world.clinic, full_name="Olga Other")
    sent = form_for(open_world, open_world.free_slots(1)[0])
    assert desk.post(new_url(open_world), sent).status_code == 303
    response = desk.post(new_url(open_world), sent | {"patient": other.id})
    (made,) = appointments(open_world)
    assert response.status_code == 422
    assert "This form was already used" in response.text
    assert "Nothing was booked for Olga Other" in response.text
    assert f"/appointments/{made.id}/" in response.text  # Open it
    assert f"?patient={other.id}" in response.text  # Book another
    assert made.patient_id == open_world.patient.id


def test_a_taken_time_is_409_and_keeps_the_patient(
    open_world: World, desk: Client, login: Any
) -> None:
    slot = open_world.free_slots(1)[0]
    with open_world.as_owner():
        other = PatientFactory(clinic=open_world.clinic, full_name="Olga Other")
    login(open_world.alice).post(new_url(open_world), form_for(open_world, slot, patient=other.id))
    sent = form_for(open_world, slot, visit_reason="Cough", appointment_type="screening")
    response = desk.post(new_url(open_world), sent)
    assert response.status_code == 409
    html = response.text
    assert html.count('data-testid="conflict"') == 1
    assert "Alice Admin booked" in html
    assert "Nothing was booked for Dana Doe" in html
    kept = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))
    assert kept["patient"] == str(open_world.patient.id)
    assert (kept["visit_reason"], kept["appointment_type"]) == ("Cough", "screening")
    assert kept["idempotency_key"] != sent["idempotency_key"]
    offered = re.findall(r'<button class="btn small" name="slot" value="([^"]+)"', html)
    assert len(offered) == 3
    assert str(slot.id) not in offered
    again = desk.post(new_url(open_world), {**kept, "slot": offered[0]})
    assert again.status_code == 303
    newest = appointments(open_world)[-1]
    assert (str(newest.slot_id), newest.visit_reason) == (offered[0], "Cough")


def test_a_patient_booked_then_already_is_offered_other_times(
    open_world: World, desk: Client
) -> None:
    slot = open_world.free_slots(1)[0]
    twin = twin_of(open_world, slot)
    desk.post(new_url(open_world), form_for(open_world, slot))
    response = desk.post(new_url(open_world), form_for(open_world, twin))
    assert response.status_code == 409
    assert "The patient is already booked then" in response.text
    offered = re.findall(r'<button class="btn small" name="slot" value="([^"]+)"', response.text)
    assert offered
    assert {str(slot.id), str(twin.id)}.isdisjoint(offered)


def twin_of(world: World, slot: AppointmentSlot) -> AppointmentSlot:
    """The same time with another doctor."""
    with world.as_owner():
        doctor = DoctorFactory(clinic=world.clinic, full_name="Dr Twin")
        return AppointmentSlot.objects.using("owner").create(
            clinic=world.clinic, doctor=doctor, slot_date=slot.slot_date,
            slot_time=slot.slot_time, starts_at=slot.starts_at, ends_at=slot.ends_at,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"is_blocked": True}, "That time is blocked"),
        ({"is_available": False}, "That time has just been taken"),
        (
            {"starts_at": dt.datetime(2026, 1, 5, 1, tzinfo=dt.UTC),
             "ends_at": dt.datetime(2026, 1, 5, 1, 15, tzinfo=dt.UTC)},
            "That time has passed",
        ),
    ],
)  # fmt: skip
def test_a_time_that_is_not_free_is_said_at_once(
    open_world: World, desk: Client, change: dict[str, Any], text: str
) -> None:
    slot = open_world.free_slots(1)[0]
    with open_world.as_owner():
        AppointmentSlot.objects.using("owner").filter(id=slot.id).update(**change)
    for response in (
        desk.get(new_url(open_world), {"slot": slot.id, "patient": open_world.patient.id}),
        desk.post(new_url(open_world), form_for(open_world, slot)),
    ):
        assert response.status_code == 409
        assert text in response.text
        assert "Dana Doe" in response.text


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"patient": ""}, "Choose a patient from the list."),
        ({"patient": "x"}, "Choose a patient from the list."),
        ({"q": "Dana D", "picked": "Dana Doe"}, "Choose a patient from the list."),
        ({"appointment_type": "surgery"}, "Choose a type."),
        ({"visit_reason": "x" * 501}, "Keep the reason under 500 characters."),
        ({"idempotency_key": ""}, "This field is required."),
        ({"visit_reason": "a\0b"}, "Null characters are not allowed."),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    open_world: World, desk: Client, change: dict[str, str], text: str
) -> None:
    slot = open_world.free_slots(1)[0]
    typed = {"visit_reason": "Knee pain", "q": "da"} | change
    response = desk.post(new_url(open_world), form_for(open_world, slot, **typed))
    assert response.status_code == 422
    assert text in response.text
    assert "<title>Error: " in response.text
    assert f'value="{typed["visit_reason"]}"' in response.text
    assert appointments(open_world) == []


def test_finding_without_javascript(open_world: World, desk: Client) -> None:
    slot = open_world.free_slots(1)[0]
    sent = form_for(open_world, slot, patient="", q="da", find="1", visit_reason="Cough")
    response = desk.post(new_url(open_world), sent)
    assert response.status_code == 200
    option = f'<input type="radio" name="patient" value="{open_world.patient.id}">'
    assert option in response.text
    assert response.text.count('data-testid="patient-option"') == 1
    assert 'value="Cough"' in response.text
    assert f'name="idempotency_key" value="{sent["idempotency_key"]}"' in response.text


def test_a_patient_who_comes_that_day_already_is_warned_of(open_world: World, desk: Client) -> None:
    slots = open_world.free_slots()
    desk.post(new_url(open_world), form_for(open_world, slots[0]))
    at = f"{slots[0].starts_at.astimezone(ZONE):%H:%M} with Dr Chen"
    later = next(s for s in slots[2:] if s.slot_date == slots[0].slot_date)
    page = desk.get(new_url(open_world), {"slot": later.id, "patient": open_world.patient.id})
    assert f"Already booked that day: {at}" in page.text
    options = f"/c/{open_world.clinic.code}/patients/options/"
    assert f"Already booked that day: {at}" in desk.get(options, {"q": "da", "slot": later.id}).text
    assert desk.post(new_url(open_world), form_for(open_world, later)).status_code == 303


def test_another_clinics_slot_or_patient_is_404(
    open_world: World, other_world: World, desk: Client
) -> None:
    other_world.make_slots(days=1)
    own, foreign = open_world.free_slots(1)[0], other_world.free_slots(1)[0]
    assert desk.post(new_url(open_world), form_for(open_world, foreign)).status_code == 404
    sent = form_for(open_world, own, patient=other_world.patient.id)
    assert desk.post(new_url(open_world), sent).status_code == 404
    assert appointments(open_world) == []


@pytest.mark.parametrize("slot", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_a_form_without_a_slot_is_404(open_world: World, desk: Client, slot: str) -> None:
    assert desk.get(new_url(open_world), {"slot": slot}).status_code == 404
    assert desk.post(new_url(open_world), {"slot": slot}).status_code == 404


def test_text_of_people_is_escaped(open_world: World, desk: Client) -> None:
    nasty = '"><img src=x onerror=alert(1)>'
    slots = open_world.free_slots()
    with open_world.as_owner():
        patient = PatientFactory(clinic=open_world.clinic, full_name=f"Nas{nasty}")
    sent = form_for(open_world, slots[0], patient=patient.id, visit_reason=nasty)
    page = desk.get(desk.post(new_url(open_world), sent)["Location"]).text
    options = desk.get(f"/c/{open_world.clinic.code}/patients/options/", {"q": "nas"}).text
    search = desk.get(f"/c/{open_world.clinic.code}/patients/", {"q": "nas"}).text
    for html in (page, options, search):
        assert "<img" not in html
        assert "&lt;img" in html


def test_a_request_that_lost_the_race_is_told_so(open_world: World, desk: Client) -> None:
    """The form was open when Alice booked through the service."""
    slot = open_world.free_slots(1)[0]
    with open_world.as_user(open_world.alice):
        book_appointment(
            idempotency_key="a", user_id=open_world.alice.id, clinic_id=open_world.id,
            slot_id=slot.id, patient_id=open_world.patient.id,
        )  # fmt: skip
    headers = {"HX-Request": "true", "HX-Target": "panel"}
    response = desk.post(new_url(open_world), form_for(open_world, slot), headers=headers)
    assert response.status_code == 409
    assert (response["HX-Retarget"], response["HX-Reswap"]) == ("#grid", "innerHTML")
    assert response.text.count('data-testid="conflict"') == 1
    assert response.text.count('data-testid="appointment"') == 1
