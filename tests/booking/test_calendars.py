"""Calendars behind secret addresses: what they show, what a change does to them, who gets in."""

import datetime as dt
import re
import uuid
from typing import Any

import icalendar
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from audit.models import AuditLog
from booking.calendars import make_feed, revoke_feed
from booking.models import Appointment, CalendarFeed
from booking.services.appointments import cancel_appointment, reschedule_appointment
from clinic.errors import NotAllowed, NotFound
from clinic.models import Clinic, Doctor, Membership, SystemSetting
from tests.booking.life import act, read, undo, visit_tomorrow
from tests.factories import DoctorFactory, PatientFactory, World, make_world

GONE = b"There is no such calendar.\n"


@pytest.fixture
def here(world: World) -> World:
    world.make_slots(days=1)
    return world


@pytest.fixture(autouse=True)
def nobody_was_here(here: World) -> None:
    """Tests come from one address; the misses of one are not those of the next."""
    with here.as_owner(), here_cursor() as cursor:
        cursor.execute("set local role clinic_authenticator")
        cursor.execute("delete from app.login_failures where email = ''")


def here_cursor() -> Any:
    from django.db import connections

    return connections["owner"].cursor()


def doctors(world: World, user: Any = None) -> str:
    """The secret of Dr Chen's calendar."""
    with world.as_user(user or world.chen):
        return make_feed(doctor_id=world.doctor.pk)


def danas(world: World) -> str:
    with world.as_user(world.dana):
        return make_feed(patient_id=world.patient.pk)


def get(token: str, **headers: str) -> Any:
    return Client().get(f"/calendar/{token}.ics", headers=headers)


def parsed(token: str) -> icalendar.Calendar:
    response = get(token)
    assert response.status_code == 200, response.content
    return icalendar.Calendar.from_ical(response.content)


def event(token: str, visit: Appointment) -> Any:
    found = [e for e in parsed(token).walk("VEVENT") if str(e["UID"]).startswith(str(visit.pk))]
    assert len(found) == 1
    return found[0]


def test_a_calendar(here: World) -> None:
    visit = visit_tomorrow(here)
    response = get(doctors(here))
    assert response["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    assert response["Cache-Control"] == "private, no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    text = response.content.decode()
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    calendar = icalendar.Calendar.from_ical(text)
    assert (calendar["METHOD"], calendar["VERSION"]) == ("PUBLISH", "2.0")
    assert "PRODID" in calendar
    (found,) = calendar.walk("VEVENT")
    assert found["UID"] == f"{visit.pk}@rowan.invalid"
    assert (found["SEQUENCE"], found["STATUS"]) == (0, "CONFIRMED")
    assert found["DTSTART"].dt == visit.starts_at
    assert found["DTEND"].dt == visit.ends_at
    assert re.search(r"DTSTART:\d{8}T\d{6}Z\r\n", text)
    assert found["LAST-MODIFIED"].dt == visit.updated_at.replace(microsecond=0)
    assert abs(found["DTSTAMP"].dt - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
    assert visit.appointment_number in found["DESCRIPTION"]
    assert list(calendar.errors) == []
    assert "Set-Cookie" not in response


def test_no_name_unless_the_clinic_allows_it(here: World) -> None:
    visit = visit_tomorrow(here)
    token = doctors(here)
    assert "Dana" not in get(token).content.decode()
    with here.as_owner():
        allowed = SystemSetting.objects.using("owner").create(
            clinic=here.clinic, category="calendar", key="patient_names", value=True
        )
    assert event(token, visit)["SUMMARY"] == "Consultation: Dana Doe"
    with here.as_owner():
        SystemSetting.objects.using("owner").filter(pk=allowed.pk).update(value="true")
    assert "Dana" not in get(token).content.decode()  # a word is no yes


def test_the_patients_calendar_says_little(here: World) -> None:
    visit = visit_tomorrow(here)
    with here.as_owner():
        SystemSetting.objects.using("owner").create(
            clinic=here.clinic, category="calendar", key="patient_names", value=True
        )
    token = danas(here)
    text = get(token).content.decode()
    assert "Consultation" not in text
    assert "Dana" not in text
    assert event(token, visit)["SUMMARY"] == f"Appointment, {here.clinic.name}"


def test_a_move_raises_sequence_and_keeps_the_uid(here: World) -> None:
    visit, token = visit_tomorrow(here), doctors(here)
    first = event(token, visit)
    with here.as_user(here.bob):
        assert reschedule_appointment(
            idempotency_key=str(uuid.uuid4()), appointment_id=visit.pk,
            slot_id=here.free_slots()[9].pk,
        ).ok  # fmt: skip
    now, second = read(here, visit.pk), event(token, visit)
    assert second["UID"] == first["UID"]
    assert second["SEQUENCE"] > first["SEQUENCE"]
    assert second["DTSTART"].dt == now.starts_at != first["DTSTART"].dt
    assert second["STATUS"] == "CONFIRMED"
    assert second["LAST-MODIFIED"].dt >= first["LAST-MODIFIED"].dt


def test_a_cancelled_visit_stays_and_an_undo_raises_again(here: World) -> None:
    visit, token = visit_tomorrow(here), danas(here)
    sequences = [event(token, visit)["SEQUENCE"]]
    with here.as_user(here.bob):
        assert cancel_appointment(
            idempotency_key=str(uuid.uuid4()), appointment_id=visit.pk, reason="Well"
        ).ok
    off = event(token, visit)
    assert (off["STATUS"], off["TRANSP"]) == ("CANCELLED", "TRANSPARENT")
    assert off["SUMMARY"].startswith("Cancelled: ")
    sequences.append(off["SEQUENCE"])
    assert undo(here, visit).ok
    on = event(token, visit)
    assert (on["STATUS"], on["UID"]) == ("CONFIRMED", off["UID"])
    sequences.append(on["SEQUENCE"])
    assert act(here, visit, "confirm").ok
    sequences.append(event(token, visit)["SEQUENCE"])
    assert sequences == sorted(set(sequences))


def test_whose_visits_and_how_far_back(here: World) -> None:
    visit = visit_tomorrow(here)
    with here.as_owner():
        other = PatientFactory(clinic=here.clinic)
        berg = DoctorFactory(clinic=here.clinic, full_name="Dr Berg")
    away = {"clinic": here.clinic, "duration_minutes": 15, "appointment_time": dt.time(9)}
    kept = {}
    with here.as_owner():
        for name, days, doctor, patient in (
            ("old", -31, here.doctor, other), ("recent", -29, here.doctor, other),
            ("far", 300, here.doctor, other), ("others", 2, berg, other),
        ):  # fmt: skip
            starts = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
            kept[name] = Appointment.objects.using("owner").create(
                patient=patient, doctor=doctor, appointment_number=name, starts_at=starts,
                ends_at=starts + dt.timedelta(minutes=15), appointment_date=starts.date(), **away,
            )  # fmt: skip
    uids = {str(e["UID"])[:36] for e in parsed(doctors(here)).walk("VEVENT")}
    assert uids == {str(pk) for pk in (visit.pk, kept["recent"].pk, kept["far"].pk)}
    assert {str(e["UID"])[:36] for e in parsed(danas(here)).walk("VEVENT")} == {str(visit.pk)}


def test_text_is_escaped_and_folded(here: World) -> None:
    nasty = "Café; Süd, \\ line\nBEGIN:VALARM " + "長い" * 40
    with here.as_owner():
        Clinic.objects.using("owner").filter(pk=here.id).update(branch_name=nasty[:100])
    visit_tomorrow(here)
    calendar = parsed(doctors(here))
    (found,) = calendar.walk("VEVENT")
    assert nasty[:100] in found["LOCATION"]
    assert calendar.walk("VALARM") == []


def test_nothing_changed_is_not_sent(here: World) -> None:
    visit, token = visit_tomorrow(here), doctors(here)
    first = get(token)
    again = get(token, **{"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["Cache-Control"] == "private, no-store"
    act(here, visit, "confirm")
    changed = get(token, **{"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


# --- who gets in --------------------------------------------------------------------------------


def test_the_token_is_long_and_kept_nowhere(here: World) -> None:
    first, second = doctors(here), doctors(here)
    assert first != second
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", second)
    with here.as_owner():
        rows = list(CalendarFeed.objects.using("owner").filter(clinic_id=here.id).values())
        logs = list(AuditLog.objects.using("owner").filter(clinic_id=here.id).values())
    assert second not in repr(rows) + repr(logs)
    hashes = [bytes(row["token_hash"]) for row in rows]
    assert not any(value.hex() in repr(logs) for value in hashes)
    assert {len(value) for value in hashes} == {32}


def test_one_live_address_each(here: World) -> None:
    first = doctors(here)
    assert get(first).status_code == 200
    second = doctors(here, here.alice)
    assert (get(first).status_code, get(second).status_code) == (404, 200)


def same_as_missing(token: str) -> None:
    missing, found = get("A" * 43), get(token)
    assert (found.status_code, found.content) == (404, GONE)
    assert missing.content == found.content
    ours = {name: value for name, value in found.items() if name != "X-Request-Id"}
    assert ours == {name: value for name, value in missing.items() if name != "X-Request-Id"}


def test_revoked_is_as_missing(here: World) -> None:
    token = doctors(here)
    with here.as_owner():
        (row,) = CalendarFeed.objects.using("owner").filter(clinic_id=here.id)
    with here.as_user(here.chen):
        revoke_feed(feed_id=row.pk)
    same_as_missing(token)
    with here.as_owner():
        row = CalendarFeed.objects.using("owner").get(pk=row.pk)
    assert (row.revoked_by_id, row.fetches) == (here.chen.id, 0)


@pytest.mark.parametrize("what", ["doctor", "doctor gone", "membership", "user", "clinic"])
def test_an_address_ends_with_its_owner(here: World, what: str) -> None:
    token = doctors(here)
    now = dt.datetime.now(dt.UTC)
    changes: dict[str, Any] = {
        "doctor": (Doctor, {"pk": here.doctor.pk}, {"is_active": False}),
        "doctor gone": (Doctor, {"pk": here.doctor.pk}, {"deleted_at": now}),
        "membership": (Membership, {"user": here.chen}, {"is_active": False}),
        "user": (type(here.chen), {"pk": here.chen.pk}, {"is_active": False}),
        "clinic": (Clinic, {"pk": here.id}, {"is_active": False}),
    }
    model, which, values = changes[what]
    assert get(token).status_code == 200
    with here.as_owner():
        assert model.objects.using("owner").filter(**which).update(**values) == 1
    same_as_missing(token)


@pytest.mark.parametrize(
    "token", ["", "x", "A" * 42, "A" * 44, "A" * 42 + "%0a", "A" * 42 + "=", "%00" * 43, "é" * 43]
)
def test_what_cannot_be_a_token_asks_for_none(here: World, token: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        response = get(token)
    assert response.status_code == 404
    assert not [q for q in asked if "calendar_clinic" in q["sql"]]


def test_guessing_is_slowed_and_the_right_ones_go_on(here: World) -> None:
    token = doctors(here)
    answers = [get(uuid.uuid4().hex + "A" * 11) for _ in range(12)]
    assert [a.status_code for a in answers] == [404] * 10 + [429] * 2
    assert answers[-1]["Retry-After"] == "900"
    assert get(token).status_code == 200


def test_an_address_is_answered_sixty_times_an_hour(here: World) -> None:
    token = doctors(here)
    assert get(token).status_code == 200
    with here.as_owner():
        rows = CalendarFeed.objects.using("owner").filter(clinic_id=here.id)
        rows.update(fetches=59)
    assert [get(token).status_code for _ in range(3)] == [200, 429, 429]
    with here.as_owner():
        rows.update(counted_from=dt.datetime.now(dt.UTC) - dt.timedelta(minutes=61))
    assert get(token).status_code == 200


def test_only_reading(here: World) -> None:
    token = doctors(here)
    assert Client().post(f"/calendar/{token}.ics").status_code == 405
    assert Client().head(f"/calendar/{token}.ics").status_code == 200


def test_who_may_make_and_revoke(here: World) -> None:
    other = make_world()
    with here.as_owner():
        berg = DoctorFactory(clinic=here.clinic, full_name="Dr Berg")
        stranger = PatientFactory(clinic=here.clinic)
    for user, whose in (
        (here.chen, {"doctor_id": berg.pk}), (here.chen, {"patient_id": here.patient.pk}),
        (here.dana, {"patient_id": stranger.pk}), (here.dana, {"doctor_id": here.doctor.pk}),
        (here.alice, {"doctor_id": other.doctor.pk}), (here.alice, {"doctor_id": uuid.uuid4()}),
        (here.alice, {"patient_id": other.patient.pk}),
    ):  # fmt: skip
        with pytest.raises(NotFound), here.as_user(user):
            make_feed(**whose)
    for user in (here.bob, here.nur):
        with pytest.raises((NotAllowed, Exception)) as refused, here.as_user(user):
            make_feed(doctor_id=here.doctor.pk)
        assert "permission denied" in str(refused.value)
    doctors(here)
    with here.as_owner():
        (row,) = CalendarFeed.objects.using("owner").filter(clinic_id=here.id)
    for world, user in ((here, here.dana), (other, other.alice), (other, other.chen)):
        with pytest.raises(NotFound), world.as_user(user):
            revoke_feed(feed_id=row.pk)
    with here.as_user(here.alice):
        revoke_feed(feed_id=row.pk)


def test_a_token_of_one_clinic_opens_no_other(here: World) -> None:
    other = make_world()
    other.make_slots(days=0)
    theirs = visit_tomorrow(other)
    token = doctors(here)
    visit_tomorrow(here)
    assert str(theirs.pk) not in get(token).content.decode()
    from booking.calendars import Visitor, fetch
    from clinic.tenancy.context import tenant_context

    with tenant_context(clinic=other.id, role="worker"), connection.cursor() as cursor:
        cursor.execute("select booking.calendar(%s)", [token])
        assert cursor.fetchone() == (None,)
    assert fetch(token, Visitor("", "", ""))["limited"] is False  # type: ignore[index]


# --- the page -----------------------------------------------------------------------------------


def page(world: World) -> str:
    return f"/c/{world.clinic.code}/calendar/"


def test_the_page_shows_an_address_once(here: World, login: Any) -> None:
    chen = login(here.chen)
    assert "There is none." in chen.get(page(here)).text
    made = chen.post(page(here), {"doctor": here.doctor.pk})
    assert made.status_code == 200
    assert "no-store" in made["Cache-Control"]
    address = re.search(r'value="(http://testserver/calendar/[^"]+)"', made.text)
    assert address
    assert Client().get(address[1].removeprefix("http://testserver")).status_code == 200
    shown = chen.get(page(here)).text
    assert "last fetched" in shown
    assert "/calendar/" + address[1].rsplit("/", 1)[1] not in shown
    revoke = re.search(r'action="([^"]+/revoke/)"', shown)
    assert revoke
    assert chen.post(revoke[1]).status_code == 303
    assert Client().get(address[1].removeprefix("http://testserver")).status_code == 404


def test_who_sees_which_page(here: World, login: Any) -> None:
    doctors(here)
    danas(here)
    for user, count in ((here.alice, 2), (here.chen, 1), (here.dana, 1)):
        text = login(user).get(page(here)).text
        assert text.count('data-testid="calendar-feed"') == count, user
    for user in (here.bob, here.nur):
        assert login(user).get(page(here)).status_code == 403
        assert login(user).post(page(here), {"doctor": here.doctor.pk}).status_code == 403
    chen = login(here.chen)
    assert chen.post(page(here), {"patient": here.patient.pk}).status_code == 404
    assert chen.post(page(here), {}).status_code == 422
    assert chen.post(page(here) + f"{uuid.uuid4()}/revoke/").status_code == 404


def test_an_administrator_makes_one_for_a_patient(here: World, login: Any) -> None:
    alice = login(here.alice)
    text = alice.get(page(here), {"record": here.patient.patient_number}).text
    assert f'name="patient" value="{here.patient.pk}"' in text
    assert alice.post(page(here), {"patient": here.patient.pk}).status_code == 200
    assert "Dana" not in alice.get(page(here), {"record": "nobody"}).text.split("Make an")[1]
