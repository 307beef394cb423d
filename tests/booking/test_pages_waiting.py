"""The pages of the waiting list: add, change, take off, offer, and answer on the phone."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.models import AppointmentSlot, WaitingListEntry
from tests.booking.life import read, undo
from tests.booking.waiting import (
    TODAY,
    answer,
    cancel,
    come_free,
    entry,
    offers,
    open_offer,
    patient,
    run_out,
    slot_of,
    visit,
    visits_of,
    waits,
)
from tests.factories import DoctorFactory, PatientFactory, World


@pytest.fixture
def bob(world: World, login: Any) -> Client:
    client: Client = login(world.bob)
    return client


def url(world: World, rest: str = "") -> str:
    return f"/c/{world.clinic.code}/waiting-list/{rest}"


def wish(**changed: Any) -> dict[str, Any]:
    """A form as the page sends it."""
    data = {
        "idempotency_key": str(uuid.uuid4()), "doctor": "", "appointment_type": "consultation",
        "earliest": TODAY.isoformat(), "latest": (TODAY + dt.timedelta(days=20)).isoformat(),
        "day_part": "any", "priority": "3", "note": "",
    }  # fmt: skip
    return data | changed


def entries(world: World) -> list[WaitingListEntry]:
    with world.as_owner():
        found = WaitingListEntry.objects.using("owner").filter(clinic_id=world.id)
        return list(found.order_by("created_at"))


def text(response: Any) -> str:
    """What a page says, without its markup."""
    body = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", body)


def test_the_list_is_ranked(world: World, bob: Client) -> None:
    for name, priority in (("Cora Late", 3), ("Abe Urgent", 1), ("Ben Soon", 2)):
        waits(world, patient(world, full_name=name), priority=priority)
    html = bob.get(url(world)).content.decode()
    assert [html.index(name) for name in ("Abe", "Ben", "Cora")] == sorted(
        html.index(name) for name in ("Abe", "Ben", "Cora")
    )
    assert "Any doctor · Consultation" in html
    assert "Nothing is on offer" in html


def test_adding_a_patient(world: World, bob: Client) -> None:
    found = bob.get(url(world, "new/"), {"q": "Dana"})
    assert f"?patient={world.patient.pk}" in found.content.decode()
    form = bob.get(url(world, "new/"), {"patient": world.patient.pk})
    assert (form.status_code, "Dana Doe" in form.content.decode()) == (200, True)
    data = wish(
        patient=world.patient.pk, doctor=world.doctor.pk, weekdays=["1", "5"],
        day_part="morning", priority="1", note="Needs the lift",
    )  # fmt: skip
    done = bob.post(url(world, "new/"), data)
    assert (done.status_code, done["Location"]) == (303, url(world))
    (made,) = entries(world)
    assert (made.patient_id, made.doctor_id, made.weekdays, made.day_part, made.priority) == (
        world.patient.pk, world.doctor.pk, [1, 5], "morning", 1,
    )  # fmt: skip
    assert (made.note, made.added_by_id, made.status) == ("Needs the lift", world.bob.pk, "waiting")
    again = bob.post(url(world, "new/"), data)
    assert (again.status_code, len(entries(world))) == (303, 1), "the same form sent twice"
    twice = bob.post(url(world, "new/"), wish(patient=world.patient.pk, doctor=world.doctor.pk))
    assert (twice.status_code, "on the waiting list for that" in text(twice)) == (409, True)
    other = patient(world)
    mixed = bob.post(url(world, "new/"), data | {"patient": other.pk})
    assert (mixed.status_code, len(entries(world))) == (422, 1)


def test_from_the_booking_form(world: World, bob: Client) -> None:
    time = slot_of(world)
    form = f"/c/{world.clinic.code}/appointments/new/"
    assert 'name="wait"' in bob.get(form, {"slot": time.pk}).text
    nobody = bob.post(form, {"slot": time.pk, "q": "Dana", "wait": "1"})
    assert nobody.status_code == 303
    page = bob.get(nobody["Location"]).text
    assert 'value="Dana"' in page
    assert f"slot={time.pk}" in page, "the search keeps what was looked for"
    chosen = bob.post(form, {"slot": time.pk, "patient": world.patient.pk, "wait": "1"})
    assert chosen["Location"] == url(world, f"new/?slot={time.pk}&patient={world.patient.pk}")
    html = bob.get(chosen["Location"]).text
    assert f'<option value="{world.doctor.pk}" selected>' in html
    assert f"{time.slot_date + dt.timedelta(days=28):%d/%m/%Y}" in html


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"earliest": ""}, "Write the earliest day"),
        ({"latest": "soon"}, "Write a day, such as 23/11 or tomorrow."),
        ({"latest": "2020-01-01", "earliest": "2019-01-01"}, "The latest day has passed."),
        ({"earliest": "2030-01-02", "latest": "2030-01-01"}, "before the earliest"),
        ({"doctor": str(uuid.uuid4())}, "Choose a doctor from the list."),
        ({"note": "x" * 501}, "Keep the note under 500 characters."),
        ({"day_part": "night"}, "Select a valid choice"),
        ({"weekdays": ["8"]}, "Select a valid choice"),
        ({"priority": "0"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    world: World, bob: Client, changed: dict[str, Any], said: str
) -> None:
    data = wish(patient=world.patient.pk, **{"note": "Lift", **changed})
    page = bob.post(url(world, "new/"), data)
    assert (page.status_code, said in text(page)) == (422, True), text(page)
    html = page.content.decode()
    assert "<title>Error: " in html
    assert all(f'value="{data[name]}"' in html for name in ("earliest", "latest", "note"))
    assert data["idempotency_key"] in html
    assert entries(world) == []


def test_changing_what_somebody_waits_for(world: World, bob: Client) -> None:
    who = waits(world)
    page = bob.get(url(world, f"{who.pk}/"))
    assert 'name="version" value="1"' in page.content.decode()
    done = bob.post(url(world, f"{who.pk}/"), wish(version=1, priority="1", weekdays=["3"]))
    assert done.status_code == 303
    now = entry(world, who.pk)
    assert (now.priority, now.weekdays, now.version) == (1, [3], 2)
    stale = bob.post(url(world, f"{who.pk}/"), wish(version=1, note="Typed"))
    html = stale.content.decode()
    assert (stale.status_code, 'name="version" value="2"' in html, "Typed" in html) == (
        409, True, True,
    )  # fmt: skip
    assert entry(world, who.pk).note == ""
    assert bob.post(url(world, f"{who.pk}/"), wish()).status_code == 422


def test_an_entry_is_left_alone_while_something_is_offered(world: World, bob: Client) -> None:
    who = waits(world)
    come_free(world)
    page = bob.get(url(world, f"{who.pk}/")).content.decode()
    assert "disabled" in page
    assert bob.post(url(world, f"{who.pk}/"), wish(version=2)).status_code == 409


def test_open_offers_and_the_phone(world: World, bob: Client) -> None:
    first, second = waits(world, patient(world, sms_consent=False)), waits(world)
    come_free(world)
    page = bob.get(url(world))
    offer = open_offer(world)
    assert "Open offers (1)" in text(page)
    assert "No messages: call 9123 4567" in text(page)
    assert re.search(r"3[34] min left", text(page))
    action = re.search(r'action="([^"]*/answer/)"', page.content.decode())
    assert action
    data = {"idempotency_key": "one", "answer": "declined"}
    assert bob.post(action[1], data).status_code == 303
    assert open_offer(world).entry_id == second.pk
    assert "SMS at" in text(bob.get(url(world)))
    stale = bob.post(action[1], {"idempotency_key": "two", "answer": "accepted"})
    assert (stale.status_code, "has been answered" in text(stale)) == (409, True)
    booked = bob.post(
        url(world, f"offers/{open_offer(world).pk}/answer/"),
        {"idempotency_key": "three", "answer": "accepted"},
    )  # fmt: skip
    (made,) = visits_of(world, second.patient_id)
    assert booked.status_code == 303
    assert f"Booked {made.appointment_number}" in text(bob.get(url(world)))
    assert bob.post(action[1], {"answer": "accepted"}).status_code == 422
    assert entry(world, first.pk).status == "waiting"
    assert offer.pk != made.pk


def test_offering_by_hand(world: World, bob: Client) -> None:
    who = waits(world)
    time = slot_of(world)
    page = bob.get(url(world, f"{who.pk}/"))
    assert f'value="{world.free_slots(1)[0].pk}"' in page.content.decode()
    data = {"idempotency_key": "k", "slot": str(time.pk)}
    assert bob.post(url(world, f"{who.pk}/offer/"), data).status_code == 303
    assert open_offer(world).slot_id == time.pk
    again = bob.post(url(world, f"{who.pk}/offer/"), data)
    assert (again.status_code, len(offers(world))) == (303, 1)
    second = bob.post(url(world, f"{who.pk}/offer/"), data | {"idempotency_key": "l"})
    assert (second.status_code, "offered to this patient already" in text(second)) == (409, True)


def test_only_free_times_that_fit_are_proposed(world: World, bob: Client) -> None:
    slot_of(world)
    with world.as_owner():
        nobody = DoctorFactory(clinic=world.clinic, full_name="Dr Free")
    who = waits(world, doctor_id=nobody.pk)
    assert "No free time fits" in text(bob.get(url(world, f"{who.pk}/")))
    early = waits(world, day_part="morning")
    page = bob.get(url(world, f"{early.pk}/")).content.decode()
    whens = re.findall(r"Offer \w+ \d+ \w+, (\d\d):", page)
    assert whens
    assert all(int(hour) < 12 for hour in whens)


def test_taking_off_the_list(world: World, bob: Client) -> None:
    who = waits(world)
    page = url(world, f"{who.pk}/withdraw/")
    assert bob.post(page, {"version": "9"}).status_code == 409
    assert bob.post(page, {}).status_code == 422
    assert bob.post(page, {"version": "1"}).status_code == 303
    assert entry(world, who.pk).status == "withdrawn"
    assert "Withdrawn" in text(bob.get(url(world, f"{who.pk}/")))
    assert bob.get(page).status_code == 405


def test_the_fill_rate_and_its_definition(world: World, bob: Client) -> None:
    """Five times come free: accepted, booked by another, undone, lost, and one still open."""
    who = waits(world)
    times = [slot_of(world, which=n) for n in range(5)]
    visits = [visit(world, time) for time in times]
    assert cancel(world, visits[0]).ok
    assert answer(world, open_offer(world), "accepted").ok
    assert entry(world, who.pk).status == "booked"
    for gone in visits[1:]:
        assert cancel(world, gone).ok
    visit(world, times[1])
    assert undo(world, read(world, visits[2])).ok
    begun = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    with world.as_owner():
        AppointmentSlot.objects.using("owner").filter(pk=times[3].pk).update(
            starts_at=begun, ends_at=begun + dt.timedelta(minutes=15)
        )
    said = text(bob.get(url(world)))
    assert (
        "33% · 4 times came free · 1 offered · 1 accepted · 1 booked otherwise · 1 lost"
        " · 1 still open" in said
    )
    assert "how many somebody on the waiting list accepted" in said


def test_a_time_freed_twice_counts_twice(world: World, bob: Client) -> None:
    time = slot_of(world)
    for _ in range(2):
        assert cancel(world, visit(world, time)).ok
    said = text(bob.get(url(world)))
    assert "0% · 2 times came free · 0 offered · 0 accepted · 1 booked otherwise" in said


def test_nothing_came_free(world: World, bob: Client) -> None:
    assert "None yet · 0 times came free" in text(bob.get(url(world)))


def test_who_may_not(world: World, other_world: World, login: Any) -> None:
    who = waits(world)
    for user in (world.nur, world.chen, world.dana):
        assert login(user).get(url(world)).status_code == 403
    stranger = login(other_world.bob)
    assert stranger.get(url(world)).status_code == 404
    assert stranger.get(url(other_world, f"{who.pk}/")).status_code == 404
    key = {"idempotency_key": "k"}
    assert stranger.post(url(other_world, f"{who.pk}/withdraw/"), {"version": 1}).status_code == 404
    assert stranger.post(
        url(other_world, f"{who.pk}/offer/"), key | {"slot": str(uuid.uuid4())}
    ).status_code == 404  # fmt: skip
    assert stranger.post(
        url(other_world, f"offers/{who.pk}/answer/"), key | {"answer": "accepted"}
    ).status_code == 404  # fmt: skip
    assert stranger.post(
        url(other_world, "new/"), wish(patient=world.patient.pk)
    ).status_code == 404  # fmt: skip
    assert entry(world, who.pk).status == "waiting"


def test_as_many_queries_for_30_as_for_one(world: World, bob: Client) -> None:
    waits(world)
    come_free(world)
    bob.get(url(world))
    with CaptureQueriesContext(connection) as one:
        bob.get(url(world))
    with world.as_owner():
        people = PatientFactory.create_batch(29, clinic=world.clinic)
    for each in people:
        waits(world, each)
    for which in range(1, 6):
        come_free(world, which=which)
    assert len(offers(world, status="open")) == 6
    with CaptureQueriesContext(connection) as thirty:
        bob.get(url(world))
    assert len(one) == len(thirty)


def test_an_offer_that_is_over_says_so_until_the_job_comes(world: World, bob: Client) -> None:
    waits(world)
    come_free(world)
    run_out(world, open_offer(world), seconds=90)
    page = bob.get(url(world))
    assert "over" in text(page)
    late = bob.post(
        url(world, f"offers/{open_offer(world).pk}/answer/"),
        {"idempotency_key": "k", "answer": "accepted"},
    )
    assert (late.status_code, "The time to answer this offer is over" in text(late)) == (409, True)


def test_who_cancels_is_told_what_becomes_of_the_time(world: World, bob: Client) -> None:
    for which, said in enumerate(("is offered to the waiting list", "is free again")):
        if said.startswith("is offered"):
            waits(world)
        gone = visit(world, slot_of(world, which=which))
        page = f"/c/{world.clinic.code}/appointments/{gone}/cancel/"
        data = {"idempotency_key": str(uuid.uuid4()), "version": "1", "reason": "Booked by mistake"}
        there = bob.post(page, data)["Location"]
        assert said in text(bob.get(there))
    assert len(offers(world)) == 1


def test_a_doctor_who_left_stays_on_the_form(world: World, bob: Client) -> None:
    """Saving something else must not turn "Dr Gone" into any doctor."""
    with world.as_owner():
        gone = DoctorFactory(clinic=world.clinic, full_name="Dr Gone", is_active=False)
    who = waits(world, doctor_id=gone.pk)
    page = bob.get(url(world, f"{who.pk}/")).content.decode()
    assert f'<option value="{gone.pk}" selected>Dr Gone</option>' in page
    data = wish(version=1, doctor=gone.pk, priority="1")
    assert bob.post(url(world, f"{who.pk}/"), data).status_code == 303
    assert entry(world, who.pk).doctor_id == gone.pk
