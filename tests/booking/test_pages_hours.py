"""The pages of working time: what is shown, previewed, saved, withdrawn, and to whom."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.models import Appointment, AppointmentSlot, LimitPermit
from clinic.models import Doctor, DoctorLeave, ExtraSession, Holiday, WorkingHours
from tests.booking.forms import form_for, new_url
from tests.booking.hours import MONDAY, SATURDAY, calendar, rows, slots, stamp, visit
from tests.factories import DoctorFactory, PatientFactory, World


def hours_url(world: World, doctor: Doctor | None = None, rest: str = "") -> str:
    own = f"{doctor.pk}/" if doctor else rest
    return f"/c/{world.clinic.code}/hours/{own}"


def fields(page: str) -> dict[str, str]:
    """What a browser would send: the values of inputs and selects of the page's own form."""
    form = page[page.index('data-testid="hours-form"') :]
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name = re.search(r' name="([^"]+)"', tag)
        value = re.search(r' value="([^"]*)"', tag)
        if name:
            found[name[1]] = value[1] if value else ""
    for name, body in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form):
        chosen = re.search(r'<option value="([^"]*)" selected', body)
        first = re.search(r'<option value="([^"]*)"', body)
        found[name] = (chosen or first)[1]  # type: ignore[index]
    return found


@pytest.fixture
def alice(world: World, login: Any) -> Client:
    return login(world.alice)


@pytest.fixture
def form(world: World, alice: Client) -> dict[str, str]:
    """The form of Dr Chen's hours from the Monday on, as it is shown."""
    page = alice.get(f"{hours_url(world, world.doctor)}?from={MONDAY}")
    assert page.status_code == 200
    return fields(page.text)


def send(alice: Client, world: World, form: dict[str, str], do: str = "preview") -> Any:
    return alice.post(hours_url(world, world.doctor), form | {"do": do})


def test_the_form_shows_what_is_planned(world: World, form: dict[str, str]) -> None:
    assert form["first"] == f"{MONDAY:%d %b %Y}".lstrip("0")
    assert (form["minutes"], form["daily"], form["stamp"]) == ("15", "40", stamp(world))
    assert (form["hours-6-weekday"], form["hours-6-starts"], form["hours-6-ends"]) == (
        "7", "09:00", "17:00",
    )  # fmt: skip
    assert (form["hours-TOTAL_FORMS"], form["hours-9-starts"]) == ("10", "")


def test_preview_then_save(world: World, alice: Client, form: dict[str, str]) -> None:
    world.make_slots(days=20)
    late = visit(world, MONDAY, dt.time(15))
    before = rows(world)
    changed = form | {f"hours-{n}-ends": "12" for n in range(7)}
    page = send(alice, world, changed)
    assert page.status_code == 200
    assert "Preview: nothing is saved yet" in page.text
    assert page.text.count("<b>was 32</b>") == 56
    assert late.appointment_number in page.text
    assert rows(world) == before
    shown = fields(page.text)
    answer = send(alice, world, shown, "save")
    assert (answer.status_code, answer["Location"]) == (303, hours_url(world))
    over = alice.get(answer["Location"]).text
    assert "Saved the hours of Dr Chen. 1 visit is left outside: see below." in over
    assert f"/c/{world.clinic.code}/appointments/{late.pk}/" in over
    assert slots(world, MONDAY)[-2:] == ["11:45", "15:00"]
    with world.as_owner():
        assert Appointment.objects.using("owner").get(pk=late.pk).status == "scheduled"
    again = send(alice, world, shown, "save")
    assert again.status_code == 303  # the same form twice does it once
    stale = send(alice, world, shown | {"hours-0-ends": "10"})
    assert stale.status_code == 409
    assert "Someone changed these hours first." in stale.text
    assert fields(stale.text)["hours-0-ends"] == "10"
    assert fields(stale.text)["stamp"] == stamp(world)


def test_what_was_not_previewed_is_not_saved(
    world: World, alice: Client, form: dict[str, str]
) -> None:
    before = rows(world)
    shown = fields(send(alice, world, form | {"hours-0-ends": "12:00"}).text)
    for sent in (form, shown | {"hours-1-ends": "12:00"}, shown | {"daily": "3"}):
        page = send(alice, world, sent, "save")
        assert page.status_code == 200
        assert "Preview: nothing is saved yet" in page.text
    assert rows(world) == before


def test_more_rows_keep_what_was_typed(world: World, alice: Client, form: dict[str, str]) -> None:
    page = send(alice, world, form | {"hours-0-starts": "9:7x"}, "hours")
    assert page.status_code == 200
    more = fields(page.text)
    assert (more["hours-TOTAL_FORMS"], more["hours-0-starts"]) == ("13", "9:7x")
    assert "There is a problem" not in page.text
    assert fields(send(alice, world, more, "breaks").text)["breaks-TOTAL_FORMS"] == "6"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"hours-0-starts": "noon"}, "Write a time such as 09:30."),
        ({"hours-0-starts": ""}, "Write both times, or none."),
        ({"hours-0-ends": "9:00"}, "Hours end at another time than they start."),
        ({"hours-0-every_weeks": "2"}, "Name a day in a week that is worked."),
        ({"hours-0-every_weeks": "2", "hours-0-week_of": "some"}, "Write a day, such as 23/11"),
        ({"first": ""}, "Write the first day."),
        ({"until": "1 Jan 2020"}, "The last day is before the first."),
        ({"minutes": "4"}, "Write a number from 5 to 480."),
        ({"before": "many"}, "Write a number from 0 to 240."),
        ({"breaks-0-starts": "12:00", "breaks-0-ends": "11:00"}, "A break ends after it starts"),
        ({"first": "1 Jan 2020"}, "the first day is today or later"),
        ({"hours-8-starts": "10", "hours-8-ends": "11"}, "Two rows overlap in some week."),
    ],
)
def test_what_cannot_be_is_422_and_kept(
    world: World, alice: Client, form: dict[str, str], changed: dict[str, str], said: str
) -> None:
    before = rows(world)
    page = send(alice, world, form | changed, "save")
    assert page.status_code == 422
    assert said in page.text
    typed = fields(page.text)
    assert {name: typed[name] for name in changed} == changed
    assert rows(world) == before


@pytest.mark.parametrize("broken", ["", "x", "-1", "100000"])
def test_a_broken_management_form_is_no_500(
    world: World, alice: Client, form: dict[str, str], broken: str
) -> None:
    for do in ("preview", "hours", "save"):
        answer = send(alice, world, form | {"hours-TOTAL_FORMS": broken}, do)
        assert answer.status_code in (200, 422)


def test_nights_and_alternate_weeks(world: World, alice: Client, form: dict[str, str]) -> None:
    changed = form | {
        "hours-0-starts": "22", "hours-0-ends": "24:00", "hours-0-every_weeks": "2",
        "hours-0-week_of": f"{MONDAY:%d/%m/%Y}",
    }  # fmt: skip
    shown = send(alice, world, changed)
    assert "22:00–00:00" in shown.text
    assert send(alice, world, fields(shown.text), "save").status_code == 303
    assert slots(world, MONDAY)[0] == "22:00"
    assert slots(world, MONDAY + dt.timedelta(days=7)) == []
    assert "Mon 22:00–00:00 every 2 weeks" not in alice.get(hours_url(world)).text  # not yet
    with world.as_owner():
        found = WorkingHours.objects.using("owner").get(doctor=world.doctor, every_weeks=2)
    assert (found.week_of, found.ends) == (MONDAY, dt.time(0))
    again = alice.get(f"{hours_url(world, world.doctor)}?from={MONDAY}").text
    assert fields(again)["hours-0-week_of"] == f"{MONDAY:%d %b %Y}".lstrip("0")
    assert "Other hours are planned from" in again


def test_who_sees_and_changes_what(world: World, other_world: World, login: Any) -> None:
    with world.as_owner():
        colleague = DoctorFactory(clinic=world.clinic, full_name="Dr Colleague")
    wanted = {
        world.alice: (200, 200, 200, 200), world.chen: (200, 200, 403, 403),
        world.bob: (200, 403, 403, 403), world.nur: (403, 403, 403, 403),
        world.dana: (403, 403, 403, 403),
    }  # fmt: skip
    for user, statuses in wanted.items():
        client = login(user)
        pages = (hours_url(world), hours_url(world, world.doctor), hours_url(world, colleague),
                 hours_url(world, rest="add/holiday/"))  # fmt: skip
        assert tuple(client.get(url).status_code for url in pages) == statuses, user.role
    alice = login(world.alice)
    for missing in (hours_url(world, other_world.doctor), f"{hours_url(world)}{uuid.uuid4()}/",
                    hours_url(world, rest="add/party/")):  # fmt: skip
        assert alice.get(missing).status_code == 404
    assert "Change the hours of" not in login(world.bob).get(hours_url(world)).text
    own = login(world.chen).get(hours_url(world)).text
    assert own.count("Change the hours of") == 1
    assert login(other_world.alice).get(hours_url(world)).status_code == 404


def entry(kind: str, world: World, **changed: Any) -> dict[str, Any]:
    sent: dict[str, Any] = {"entry_id": str(uuid.uuid4()), "doctor": str(world.doctor.pk)}
    sent |= {
        "holiday": {"first_day": str(SATURDAY), "last_day": "", "name": "National Day"},
        "session": {"day": str(SATURDAY), "starts": "18", "ends": "1930", "reason": "Jabs"},
        "leave": {"first_day": str(SATURDAY), "last_day": "", "starts": "", "ends": "",
                  "reason": "Course"},
    }[kind]  # fmt: skip
    return sent | changed


MODELS = {"holiday": Holiday, "session": ExtraSession, "leave": DoctorLeave}


@pytest.mark.parametrize("kind", MODELS)
def test_a_single_day_is_previewed_saved_and_withdrawn(
    world: World, alice: Client, kind: str
) -> None:
    world.make_slots(days=20)
    booked = visit(world, SATURDAY, dt.time(9))
    url, sent = hours_url(world, rest=f"add/{kind}/"), entry(kind, world)

    def kept() -> list[Any]:
        with world.as_owner():
            found = MODELS[kind].objects.using("owner")  # type: ignore[attr-defined]
            return list(found.filter(clinic_id=world.id, deleted_at=None))

    page = alice.post(url, sent | {"do": "save"})
    assert page.status_code == 200
    assert "Preview: nothing is saved yet" in page.text
    assert (booked.appointment_number in page.text) == (kind != "session")
    assert kept() == []
    previewed = re.search(r'name="previewed" value="(\w+)"', page.text)[1]  # type: ignore[index]
    for _ in range(2):  # the same form sent twice is one entry
        answer = alice.post(url, sent | {"do": "save", "previewed": previewed})
        assert (answer.status_code, len(kept())) == (303, 1)
    over = alice.get(hours_url(world)).text
    wanted = {"holiday": "National Day", "session": "18:00–19:30", "leave": "Course"}
    assert wanted[kind] in over
    assert f"{SATURDAY:%a} {SATURDAY.day} {SATURDAY:%b %Y}" in over
    clash = alice.post(url, sent | {"entry_id": str(uuid.uuid4())})
    assert (clash.status_code, "overlap others" in clash.text) == (422, True)
    gone = hours_url(world, rest=f"withdraw/{kind}/{sent['entry_id']}/")
    assert alice.get(gone).status_code == 405
    assert [alice.post(gone).status_code for _ in range(2)] == [303, 303]
    assert kept() == []
    assert "09:15" in slots(world, SATURDAY)


@pytest.mark.parametrize(
    ("kind", "changed", "said"),
    [
        ("holiday", {"name": ""}, "Say what it is."),
        ("holiday", {"first_day": "soon"}, "Write a day, such as"),
        ("holiday", {"first_day": "1 Jan 2020"}, "These days are over"),
        ("holiday", {"last_day": "1 Jan 2020"}, "The last day is before the first."),
        ("session", {"doctor": ""}, "Choose a doctor."),
        ("session", {"ends": "18:00"}, "It ends at another time than it starts."),
        ("leave", {"last_day": "1 Jan 2020"}, "Leave ends after it starts."),
    ],
)
def test_what_a_day_cannot_be_is_422(
    world: World, alice: Client, kind: str, changed: dict[str, str], said: str
) -> None:
    page = alice.post(hours_url(world, rest=f"add/{kind}/"), entry(kind, world, **changed))
    assert (page.status_code, said in page.text) == (422, True)


def test_whose_days_a_doctor_changes(world: World, other_world: World, login: Any) -> None:
    with world.as_owner():
        colleague = DoctorFactory(clinic=world.clinic)
    chen, url = login(world.chen), hours_url(world, rest="add/leave/")
    assert chen.post(url, entry("leave", world)).status_code == 200
    assert chen.post(url, entry("leave", world, doctor=str(colleague.pk))).status_code == 403
    strangers = (other_world.doctor.pk, uuid.uuid4())
    for stranger in strangers:
        assert chen.post(url, entry("leave", world, doctor=str(stranger))).status_code == 404
    pk = uuid.uuid4()
    closed = {"first_day": SATURDAY, "last_day": SATURDAY, "name": "Closed"}
    assert calendar(world, "holiday", closed, pk=pk).ok
    assert chen.post(hours_url(world, rest=f"withdraw/holiday/{pk}/")).status_code == 403
    missing = hours_url(world, rest=f"withdraw/leave/{uuid.uuid4()}/")
    assert chen.post(missing).status_code == 404


def test_the_overview_asks_as_often_for_many_doctors_as_for_one(
    world: World, alice: Client
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            assert alice.get(hours_url(world)).status_code == 200
        return len(found)

    one = queries()
    with world.as_owner():
        for n in range(30):
            doctor = DoctorFactory(clinic=world.clinic, full_name=f"Dr {n}")
            WorkingHours.objects.using("owner").create(
                clinic=world.clinic, doctor=doctor, weekday=1, starts=dt.time(9), ends=dt.time(10),
                effective_from=dt.date(2020, 1, 1),
            )  # fmt: skip
    assert queries() == one


def test_a_full_day_asks_the_desk_for_a_reason(world: World, login: Any) -> None:
    world.make_slots(days=1)
    with world.as_owner():
        Doctor.objects.using("owner").filter(pk=world.doctor.pk).update(max_daily_appointments=0)
        patient = PatientFactory(clinic=world.clinic)
    bob, slot = login(world.bob), world.free_slots(1)[0]
    sent = form_for(world, slot) | {"patient": str(patient.pk)}
    page = bob.post(new_url(world), sent)
    assert page.status_code == 409
    assert "The doctor has enough visits that day" in page.text
    assert 'data-testid="permit-form"' in page.text
    empty = bob.post(new_url(world), sent | {"permit": " "})
    assert (empty.status_code, "Say why: the reason is kept." in empty.text) == (409, True)
    done = bob.post(new_url(world), sent | {"permit": "Fever since Monday"})
    assert done.status_code == 303
    with world.as_owner():
        kept = LimitPermit.objects.using("owner").get(clinic_id=world.id)
        taken = AppointmentSlot.objects.using("owner").get(pk=slot.pk)
        Doctor.objects.using("owner").filter(pk=world.doctor.pk).update(is_active=False)
    assert (kept.reason, kept.patient_id, taken.is_available) == (
        "Fever since Monday", patient.pk, False,
    )  # fmt: skip
    other = form_for(world, world.free_slots()[1])
    gone = bob.post(new_url(world), other)
    assert (gone.status_code, "permit-form" in gone.text) == (409, True)
