"""The day page: who sees what, in how many questions, and never another clinic's."""

import datetime as dt
import re
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from booking.models import Appointment, AppointmentSlot
from booking.services.appointments import book_appointment
from tests.factories import DoctorFactory, PatientFactory, World
from tests.factories.people import MembershipFactory

ZONE = ZoneInfo("Asia/Singapore")


def tomorrow() -> dt.date:
    return dt.datetime.now(ZONE).date() + dt.timedelta(1)


@pytest.fixture
def open_world(world: World) -> World:
    """A clinic with free times from tomorrow on."""
    world.make_slots(days=1)
    return world


def page_of(world: World, path: str = "") -> str:
    return f"/c/{world.clinic.code}/{path}"


def day_of(world: World, day: dt.date | None = None) -> str:
    return page_of(world, f"schedule/{day or tomorrow()}/")


def booked(world: World, slot: AppointmentSlot, patient: Any = None) -> Any:
    """An appointment made by Bob, as its id."""
    with world.as_user(world.bob):
        outcome = book_appointment(
            idempotency_key=str(uuid.uuid4()), user_id=world.bob.id, clinic_id=world.id,
            slot_id=slot.id, patient_id=(patient or world.patient).id,
        )  # fmt: skip
    assert outcome.ok
    return outcome.appointment_id


def slots_on(world: World, day: dt.date) -> list[AppointmentSlot]:
    return [slot for slot in world.free_slots() if slot.slot_date == day]


def count(html: str, testid: str) -> int:
    return html.count(f'data-testid="{testid}"')


def test_schedule_goes_to_today_in_the_clinics_zone(open_world: World, login: Any) -> None:
    response = login(open_world.bob).get(page_of(open_world, "schedule/"))
    today = dt.datetime.now(ZONE).date()
    assert (response.status_code, response["Location"]) == (302, day_of(open_world, today))


@pytest.mark.parametrize(("words", "days"), [("tomorrow", 1), ("today", 0), (" ", 0)])
def test_go_to_a_day_in_words(open_world: World, login: Any, words: str, days: int) -> None:
    response = login(open_world.bob).get(page_of(open_world, "schedule/"), {"day": words})
    day = dt.datetime.now(ZONE).date() + dt.timedelta(days)
    assert response["Location"] == day_of(open_world, day)


def test_reception_sees_free_times_and_appointments(open_world: World, login: Any) -> None:
    day = tomorrow()
    first, *free = slots_on(open_world, day)
    pk = booked(open_world, first)
    html = login(open_world.bob).get(day_of(open_world, day)).text
    assert count(html, "slot-free") == len(free)
    assert count(html, "appointment") == 1
    assert f'data-appointment-id="{pk}" data-status="scheduled"' in html
    assert "Dana Doe" in html
    assert f'data-slot-id="{first.id}"' not in html


@pytest.mark.parametrize("path", ["", "?sel={pk}", "?cancelled=1", "?patient={patient}"])
def test_questions_do_not_grow_with_the_day(open_world: World, login: Any, path: str) -> None:
    day = tomorrow()
    slots = slots_on(open_world, day)
    pk = booked(open_world, slots[0])
    client = login(open_world.bob)
    url = day_of(open_world, day) + path.format(pk=pk, patient=open_world.patient.id)
    with CaptureQueriesContext(connection) as one:
        assert client.get(url).status_code == 200
    with open_world.as_owner():
        people = [PatientFactory(clinic=open_world.clinic) for _ in range(29)]
        DoctorFactory(clinic=open_world.clinic, full_name="Dr Two")
    for slot, person in zip(slots[1:30], people, strict=True):
        booked(open_world, slot, person)
    with CaptureQueriesContext(connection) as thirty:
        assert count(client.get(url).text, "appointment") == 30
    assert len(one) == len(thirty) <= 13  # the patient of ?patient= goes on record


def test_a_doctor_sees_own_appointments_and_may_not_book(open_world: World, login: Any) -> None:
    day = tomorrow()
    with open_world.as_owner():
        other = DoctorFactory(clinic=open_world.clinic, full_name="Dr Other")
        starts = dt.datetime.combine(day, dt.time(9), ZONE)
        foreign = AppointmentSlot.objects.using("owner").create(
            clinic=open_world.clinic, doctor=other, slot_date=day, slot_time=dt.time(9),
            starts_at=starts, ends_at=starts + dt.timedelta(minutes=15),
        )  # fmt: skip
        person = PatientFactory(clinic=open_world.clinic, full_name="Somebody Else")
    mine = booked(open_world, slots_on(open_world, day)[3])
    booked(open_world, foreign, person)
    html = login(open_world.chen).get(day_of(open_world, day)).text
    assert count(html, "appointment") == 1
    assert f'data-appointment-id="{mine}"' in html
    assert "Somebody Else" not in html
    assert html.count(">Taken<") == 1
    assert count(html, "slot-free") == 0
    assert "appointments/new/" not in html


@pytest.mark.parametrize(
    ("who", "status"), [("alice", 200), ("bob", 200), ("chen", 200), ("nur", 200), ("dana", 403)]
)
def test_who_may_look(open_world: World, login: Any, who: str, status: int) -> None:
    response = login(getattr(open_world, who)).get(day_of(open_world))
    assert response.status_code == status
    if status == 403:
        assert "You do not have access to this" in response.text


@pytest.mark.parametrize("who", ["chen", "nur", "dana"])
def test_who_may_not_book(open_world: World, login: Any, who: str) -> None:
    slot = open_world.free_slots(1)[0]
    pk = booked(open_world, open_world.free_slots()[1])
    client = login(getattr(open_world, who))
    new = page_of(open_world, "appointments/new/")
    assert client.get(new, {"slot": slot.id}).status_code == 403
    assert client.post(new, {"slot": slot.id}).status_code == 403
    cancel = page_of(open_world, f"appointments/{pk}/cancel/")
    assert client.post(cancel, {"idempotency_key": "k", "reason": "x"}).status_code == 403
    options = page_of(open_world, "patients/options/")
    assert client.get(options, {"q": "da"}).status_code == 403


PATHS = [
    "schedule/", "schedule/{day}/", "schedule/{day}/?sel={pk}", "appointments/{pk}/",
    "appointments/new/?slot={slot}", "patients/", "patients/?q=da", "patients/options/?q=da",
]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_another_clinics_pages_are_not_there(
    open_world: World, other_world: World, login: Any, path: str
) -> None:
    slots = open_world.free_slots()
    known = {"day": tomorrow(), "pk": booked(open_world, slots[0]), "slot": slots[1].id}
    path = path.format(**known)
    mallory = login(other_world.bob)
    missing = mallory.get(page_of(open_world, path))
    assert missing.status_code == 404
    assert open_world.clinic.name not in missing.text or other_world.clinic.name in missing.text
    assert Client().get(page_of(open_world, path)).status_code == 302


@pytest.mark.parametrize(
    "path", ["schedule/{day}/?sel={pk}", "appointments/{pk}/", "appointments/new/?slot={slot}"]
)
def test_another_clinics_objects_are_as_good_as_missing(
    open_world: World, other_world: World, login: Any, path: str
) -> None:
    slots = open_world.free_slots()
    known = {"day": tomorrow(), "pk": booked(open_world, slots[0]), "slot": slots[1].id}
    nothing = {"day": tomorrow(), "pk": uuid.uuid4(), "slot": uuid.uuid4()}
    mallory = login(other_world.bob)
    foreign = mallory.get(page_of(other_world, path.format(**known)))
    missing = mallory.get(page_of(other_world, path.format(**nothing)))
    assert foreign.status_code == missing.status_code == 404
    assert plain(foreign.text) == plain(missing.text)


def plain(html: str) -> str:
    """A page without what differs on each request."""
    return re.sub(r"[0-9a-f-]{36}|value=\"\w{64}\"", "", html)


def test_another_clinics_patient_is_not_carried_along(
    open_world: World, other_world: World, login: Any
) -> None:
    html = login(open_world.bob).get(day_of(open_world), {"patient": other_world.patient.id}).text
    assert "Booking for" not in html
    assert "Mallory P" not in html


def test_a_patient_is_carried_to_the_free_times(open_world: World, login: Any) -> None:
    url = day_of(open_world)
    html = login(open_world.bob).get(url, {"patient": open_world.patient.id}).text
    assert "Booking for <b>Dana Doe</b>" in html
    slot = slots_on(open_world, tomorrow())[0]
    assert f"?slot={slot.id}&amp;patient={open_world.patient.id}" in html


def test_a_panel_alone_for_htmx(open_world: World, login: Any) -> None:
    pk = booked(open_world, open_world.free_slots(1)[0])
    client = login(open_world.bob)
    headers = {"HX-Request": "true", "HX-Target": "panel"}
    response = client.get(day_of(open_world), {"sel": pk}, headers=headers)
    assert "<html" not in response.text
    assert "<table" not in response.text
    assert "Dana Doe" in response.text
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize("path", ["schedule/{day}/", "patients/?q=da", "patients/options/?q=da"])
def test_nothing_of_a_patient_is_kept_by_a_cache(open_world: World, login: Any, path: str) -> None:
    response = login(open_world.bob).get(page_of(open_world, path.format(day=tomorrow())))
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]


def test_pages_name_the_zone_and_carry_a_strict_policy(open_world: World, login: Any) -> None:
    response = login(open_world.bob).get(day_of(open_world))
    assert "Times in Asia/Singapore (UTC+08)" in response.text
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|<style", response.text)


@pytest.mark.parametrize("day", ["2026-02-30", "0001-01-01", "9999-12-31", "2026-1-1"])
def test_a_day_that_is_none(open_world: World, login: Any, day: str) -> None:
    client = login(open_world.bob)
    assert client.get(page_of(open_world, f"schedule/{day}/")).status_code == 404


@pytest.mark.parametrize(
    "query", ["sel=x", "slot=x", "patient=x", "doctor=x,y", "page=x", "page=99", "page=²"]
)
def test_nonsense_in_the_address_is_passed_over(open_world: World, login: Any, query: str) -> None:
    response = login(open_world.bob).get(f"{day_of(open_world)}?{query}")
    assert response.status_code == 200
    assert count(response.text, "slot-free") > 0


def test_seven_doctors_come_on_two_pages(open_world: World, login: Any) -> None:
    with open_world.as_owner():
        for number in range(6):
            DoctorFactory(clinic=open_world.clinic, full_name=f"Dr No{number}")
    client = login(open_world.bob)
    first = client.get(day_of(open_world)).text
    second = client.get(day_of(open_world), {"page": 2}).text
    assert "Doctors 1–6 of 7" in first
    assert "Doctors 7–7 of 7" in second
    assert (first.count('scope="col"'), second.count('scope="col"')) == (7, 2)


def test_cancelled_are_hidden_until_asked_for(open_world: World, login: Any) -> None:
    slot = slots_on(open_world, tomorrow())[0]
    pk = booked(open_world, slot)
    with open_world.as_owner():
        Appointment.objects.using("owner").filter(id=pk).update(
            status="cancelled", cancelled_at=dt.datetime.now(dt.UTC), cancellation_reason="Ill"
        )
    client = login(open_world.bob)
    html = client.get(day_of(open_world)).text
    assert count(html, "appointment") == 0
    assert "Show cancelled (1)" in html
    html = client.get(day_of(open_world), {"cancelled": 1}).text
    assert count(html, "appointment") == 1
    assert "Hide cancelled" in html


def test_a_person_with_two_roles_acts_in_the_chosen_one(open_world: World, login: Any) -> None:
    with open_world.as_owner():
        MembershipFactory(clinic=open_world.clinic, user=open_world.nur, role="staff")
    client = login(open_world.nur)
    chosen = {"clinic": open_world.clinic.code, "role": "nurse"}
    assert client.post("/clinics/", chosen)["Location"] == page_of(open_world, "schedule/")
    assert count(client.get(day_of(open_world)).text, "slot-free") == 0
    client.post("/clinics/", chosen | {"role": "staff"})
    assert count(client.get(day_of(open_world)).text, "slot-free") > 0


@pytest.mark.parametrize("typed", ["31/2", "99/99", "soonish", "<b>", "\0"])
def test_a_day_that_is_none_is_said_where_one_was(
    open_world: World, login: Any, typed: str
) -> None:
    """Nobody books on today who meant another day."""
    shown = re.search(r"\d{4}-\d\d-\d\d", day_of(open_world))
    assert shown
    bob = login(open_world.bob)
    here = re.search("<h1>.*?</h1>", bob.get(day_of(open_world)).text)
    page = bob.get(f"/c/{open_world.clinic.code}/schedule/", {"day": typed, "shown": shown[0]})
    assert page.status_code == 422
    assert f"“{escape(typed)}” is no day. Write a day" in page.text
    assert here
    assert here[0] in page.text
