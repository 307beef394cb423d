"""The page of free times: its filters, why there is nothing, other clinics, move mode."""

import datetime as dt
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from booking.models import AppointmentSlot
from clinic.models import Doctor, DoctorLeave
from tests.booking.life import read, slot, visit_tomorrow
from tests.factories import DoctorFactory, World, make_world
from tests.factories.people import MembershipFactory, WorkingHoursFactory

ZONE = ZoneInfo("Asia/Singapore")


@pytest.fixture
def here(world: World) -> World:
    world.make_slots(days=8)
    return world


@pytest.fixture
def desk(here: World, login: Any) -> Client:
    return login(here.bob)


def url(world: World, **query: Any) -> str:
    return f"/c/{world.clinic.code}/find/"


def ids(html: str) -> list[str]:
    """Slot ids in the order of the page."""
    return re.findall(r'data-slot-id="([0-9a-f-]{36})"', html)


def times(world: World, html: str) -> list[dt.datetime]:
    return [slot(world, pk).starts_at.astimezone(ZONE) for pk in ids(html)]


def test_twelve_times_by_day_and_doctor(here: World, desk: Client) -> None:
    page = desk.get(url(here))
    assert page.status_code == 200
    html = page.text
    assert "Next 12 free times" in html
    first = [str(s.pk) for s in sorted(here.free_slots(), key=lambda s: s.starts_at)][:12]
    assert ids(html) == first
    assert f'href="/c/{here.clinic.code}/appointments/new/?slot={first[0]}"' in html
    assert "Later days" in html


def test_filters(here: World, desk: Client) -> None:
    html = desk.get(url(here), {"part": "afternoon", "weekday": ["2", "4"]}).text
    found = times(here, html)
    assert len(found) == 12
    assert all(at.hour >= 12 and at.isoweekday() in (2, 4) for at in found)
    day = found[-1].date()
    html = desk.get(url(here), {"from": day.isoformat(), "to": day.isoformat()}).text
    assert {at.date() for at in times(here, html)} == {day}
    html = desk.get(url(here), {"kind": "vaccination"}).text
    assert "&amp;kind=vaccination" in html


def test_a_fragment_for_htmx(here: World, desk: Client) -> None:
    headers = {"HX-Request": "true", "HX-Target": "times"}
    page = desk.get(url(here), headers=headers)
    assert "<html" not in page.text
    assert len(ids(page.text)) == 12
    assert "HX-Target" in page["Vary"]


def test_bad_filters_keep_what_was_typed(here: World, desk: Client) -> None:
    page = desk.get(url(here), {"from": "soonish"})
    assert page.status_code == 422
    assert 'value="soonish"' in page.text
    assert "Write a day, such as 23/11" in page.text
    assert desk.get(url(here), {"who": "nobody"}).status_code == 422
    assert desk.get(url(here), {"from": "tomorrow", "to": "yesterday"}).status_code == 422
    assert desk.get(url(here), {"weekday": "8"}).status_code == 422


def test_nothing_says_why_and_what_is_nearest(here: World, desk: Client) -> None:
    html = desk.get(url(here), {"part": "evening"}).text
    assert "Nothing is free in the evening." in html
    assert 'data-testid="nearest"' in html
    with here.as_owner():
        berg = DoctorFactory(clinic=here.clinic, full_name="Dr Berg")
        starts = dt.datetime.combine(
            dt.datetime.now(ZONE).date() + dt.timedelta(120), dt.time(9), ZONE
        )
        AppointmentSlot.objects.using("owner").create(
            clinic=here.clinic, doctor=berg, slot_date=starts.date(), slot_time=dt.time(9),
            starts_at=starts, ends_at=starts + dt.timedelta(minutes=15),
        )  # fmt: skip
    html = desk.get(url(here), {"who": str(berg.pk)}).text
    assert f"Dr Berg has no clinic until {starts:%a} {starts.day} {starts:%b}." in html
    with here.as_owner():
        Doctor.objects.using("owner").filter(pk=berg.pk).update(is_active=False)
    assert desk.get(url(here), {"who": str(berg.pk)}).status_code == 422


def test_a_full_book_says_so(here: World, desk: Client) -> None:
    with here.as_owner():
        slots = AppointmentSlot.objects.using("owner").filter(clinic_id=here.id)
        last = slots.order_by("-starts_at").first()
        slots.exclude(pk=last.pk).update(is_available=False)
    day = last.starts_at.astimezone(ZONE).date()
    html = desk.get(url(here), {"who": str(here.doctor.pk), "to": (day - dt.timedelta(2))}).text
    assert f"Dr Chen is fully booked until {day:%a} {day.day} {day:%b}." in html


def test_a_result_becomes_move_to(here: World, desk: Client) -> None:
    visit = visit_tomorrow(here)
    day_url = f"/c/{here.clinic.code}/schedule/{visit.appointment_date}/"
    day = desk.get(day_url, {"moving": visit.pk}).text
    assert f"/find/?from={visit.appointment_date}&amp;moving={visit.pk}" in day
    html = desk.get(url(here), {"moving": visit.pk}).text
    assert 'data-testid="slot-move"' in html
    assert f"/appointments/{visit.pk}/move/" in html
    key = re.search(r'name="idempotency_key" value="([^"]+)"', html)
    to = ids(html)[3]
    sent = {"idempotency_key": key and key[1], "version": visit.version, "slot": to}
    response = desk.post(f"/c/{here.clinic.code}/appointments/{visit.pk}/move/", sent)
    assert response.status_code == 303
    assert str(read(here, visit.pk).slot_id) == to


def test_a_doctor_sees_times_and_books_none(here: World, login: Any) -> None:
    html = login(here.chen).get(url(here)).text
    assert len(ids(html)) == 12
    assert "appointments/new" not in html
    assert login(here.dana).get(url(here)).status_code == 403


def london(guest: World) -> World:
    """A clinic in London in which the guest's Bob works as well."""
    there = make_world()
    with there.as_owner():
        type(there.clinic).objects.using("owner").filter(pk=there.id).update(
            time_zone="Europe/London", name="London Clinic"
        )
        MembershipFactory(clinic=there.clinic, user=guest.bob, role="staff")
    there.make_slots(days=1)
    return there


def test_clinics_of_the_group_each_in_its_zone(here: World, login: Any) -> None:
    there = london(here)
    stranger = make_world()
    stranger.make_slots(days=1)
    desk = login(here.bob)
    html = desk.get(url(here)).text
    assert "All my clinics" in html
    assert "London Clinic" not in html.split('id="times"')[1]
    with here.as_owner():
        DoctorLeave.objects.using("owner").create(
            clinic=here.clinic, doctor=here.doctor, starts_at=dt.datetime.now(dt.UTC),
            ends_at=dt.datetime.now(dt.UTC) + dt.timedelta(days=2, hours=12),
        )  # fmt: skip
    html = desk.get(url(here), {"where": "all"}).text
    assert "Europe/London" in html
    theirs = {str(s.pk) for s in there.free_slots()}
    assert set(ids(html)) & theirs
    assert f'href="/c/{there.clinic.code}/appointments/new/?slot=' in html
    assert not set(ids(html)) & {str(s.pk) for s in stranger.free_slots()}
    assert stranger.clinic.code not in html


def test_one_clinic_offers_no_choice_of_clinics(here: World, desk: Client) -> None:
    assert "All my clinics" not in desk.get(url(here)).text
    assert desk.get(url(here), {"where": "all"}).status_code == 200


def test_fill_gaps_first(here: World, desk: Client) -> None:
    visit = visit_tomorrow(here, 4)
    html = desk.get(url(here), {"pack": "1", "to": visit.appointment_date.isoformat()}).text
    found = [slot(here, pk) for pk in ids(html)]
    beside = {visit.starts_at - dt.timedelta(minutes=15), visit.ends_at}
    assert beside <= {one.starts_at for one in found}


def test_hours_of_another_doctor_count(here: World, desk: Client) -> None:
    with here.as_owner():
        other = DoctorFactory(
            clinic=here.clinic, full_name="Dr Skin", specializations=["Dermatology"]
        )
        WorkingHoursFactory(clinic=here.clinic, doctor=other, weekday=1)
    html = desk.get(url(here)).text
    assert 'value="subject:Dermatology"' in html
    html = desk.get(url(here), {"who": "subject:Dermatology"}).text
    assert "Nothing is free with whom you asked for within a year." in html
