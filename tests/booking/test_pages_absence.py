"""The pages of an absence, as a browser without JavaScript sends them."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from booking.models import Absence, AbsenceRow
from booking.services.appointments import cancel_appointment
from booking.wording import span_words
from tests.booking.absent import absence_of, due, places_of, rows, start, states
from tests.booking.away import Away, make_away
from tests.booking.life import read

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
RADIO = re.compile(r'<input type="radio" name="([^"]+)" value="([^"]+)"( checked)?>')
SELECT = re.compile(r'<select name="(place-[^"]+)".*?</select>', re.S)


def base(away: Away) -> str:
    return f"/c/{away.world.clinic.code}/absences/"


def fields(text: str, testid: str = "absence-form") -> dict[str, str]:
    """What a browser would send of the form as it was answered."""
    form = text.split(f'data-testid="{testid}"')[1].split("</form>")[0]
    found = dict(HIDDEN.findall(form))
    found |= {name: value for name, value, checked in RADIO.findall(form) if checked}
    for select in SELECT.finditer(form):
        chosen = re.search(r'value="([^"]+)" selected', select[0])
        found[select[1]] = chosen[1] if chosen else ""
    return found


@pytest.fixture
def away() -> Away:
    return make_away(4)


@pytest.fixture
def desk(away: Away, login: Any) -> Client:
    return login(away.world.bob)


def record(away: Away, desk: Client, **more: str) -> Any:
    page = desk.get(base(away))
    key = dict(HIDDEN.findall(page.text))["idempotency_key"]
    typed = {
        "idempotency_key": key, "doctor": str(away.world.doctor.id),
        "first_day": away.day.isoformat(), "reason": "sick", **more,
    }  # fmt: skip
    return desk.post(base(away), typed)


def open_absence(away: Away) -> tuple[str, Any]:
    outcome = start(away)
    return f"{base(away)}{outcome.absence_id}/", outcome


def test_time_of_an_absent_doctor_is_not_offered(away: Away, desk: Client) -> None:
    url = f"/c/{away.world.clinic.code}/schedule/{away.day}/"
    free = f'data-doctor-id="{away.world.doctor.id}"'
    assert desk.get(url).text.count(free) == 36
    start(away)
    shown = desk.get(url).text
    assert shown.count(free) == 0
    assert shown.count('<span class="slot">Away</span>') == 36
    assert shown.count('data-testid="appointment"') == 4
    with away.world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(
            "select booking.generate_slots(%s, %s, %s)", [away.world.doctor.id, away.day, away.day]
        )
    assert desk.get(url).text.count('<span class="slot">Away</span>') == 36


def test_the_schedule_leads_there_and_one_press_records_it(away: Away, desk: Client) -> None:
    day = desk.get(f"/c/{away.world.clinic.code}/schedule/{away.day}/").text
    doctor = away.world.doctor.id
    link = f'href="{base(away)}?day={away.day}&amp;doctor={doctor}"'
    assert link in day
    form = desk.get(base(away), {"day": away.day.isoformat(), "doctor": doctor}).text
    assert f'<option value="{doctor}" selected>' in form
    assert f'name="first_day" value="{away.day.day} {away.day:%b %Y}"' in form
    answer = record(away, desk)
    assert answer.status_code == 303
    page = desk.get(answer["Location"]).text
    assert "Dr Chen is away" in page
    assert "To be decided: 4" in page
    assert "4 cover" in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"first_day": "soon"}, "Write a day"),
        ({"first_day": ""}, "Write a day"),
        ({"doctor": ""}, "Choose a doctor"),
        ({"first_time": "99"}, "Write a time"),
        ({"first_day": "2020-01-01"}, "The absence must end after it begins"),
        ({"last_day": "2199-01-01"}, "Write a year at most"),
        ({"last_day": "31/12/9999"}, "Write a day, such as"),
        ({"note": "x" * 501}, "500"),
    ],
)
def test_what_is_wrong_is_said_and_kept(
    away: Away, desk: Client, wrong: dict[str, str], said: str
) -> None:
    answer = record(away, desk, **{"note": "Flu", **wrong})
    assert answer.status_code == 422
    assert said in answer.text
    if "note" not in wrong:
        assert 'value="Flu"' in answer.text


def test_part_of_a_day(away: Away, desk: Client) -> None:
    answer = record(away, desk, first_time="08:15", last_time="08:45")
    with away.world.as_owner():
        absence = Absence.objects.using("owner").get()
    assert absence.ends_at - absence.starts_at == dt.timedelta(minutes=30)
    assert "To be decided: 2" in desk.get(answer["Location"]).text


def test_an_absence_that_is_recorded_is_offered_instead(away: Away, desk: Client) -> None:
    page, _ = open_absence(away)
    answer = record(away, desk)
    assert answer.status_code == 409
    assert f'href="{page}"' in answer.text


def test_everything_as_proposed_with_one_press(away: Away, desk: Client) -> None:
    page, _ = open_absence(away)
    answer = desk.post(page, fields(desk.get(page).text))
    assert answer.status_code == 303
    assert states(away) == ["covered"] * 4
    after = desk.get(page).text
    assert "Nothing is left to be decided" in after
    assert after.count('data-testid="settled-row"') == 4
    assert "Dr Other00 covers" in after
    assert "Undo everything" in after


def test_each_row_has_its_own_choice(away: Away, desk: Client) -> None:
    page, _ = open_absence(away)
    sent = fields(desk.get(page).text)
    names = [name for name in sent if name.startswith("choice-")]
    assert len(names) == 4
    for name, kind in zip(names, ("move", "ask", "cancel", "later"), strict=True):
        sent[name] = kind
    assert desk.post(page, sent).status_code == 303
    found = {str(visit): row.state for visit, row in rows(away).items()}
    assert [found[name[7:]] for name in names] == ["moved", "asked", "cancelled", "open"]
    text = desk.get(page).text
    assert "To be decided: 1" in text
    assert "Waiting for an answer: 1" in text
    assert "Settled: 2" in text
    places_of(away)


def test_marking_all_changes_nothing_yet(away: Away, desk: Client) -> None:
    page, absence = open_absence(away)
    sent = fields(desk.get(page).text)
    for kind, word in (("cancel", "4 cancel"), ("ask", "4 ask"), ("proposed", "4 cover")):
        answer = desk.post(page, {**sent, "all": kind})
        assert answer.status_code == 200
        assert word in answer.text
        sent = fields(answer.text)
    assert states(away) == ["open"] * 4
    assert absence_of(away, absence).version == 1


def test_an_interrupted_person_goes_on_later(away: Away, desk: Client, login: Any) -> None:
    page, _ = open_absence(away)
    sent = fields(desk.get(page).text)
    first = next(name for name in sent if name.startswith("choice-"))
    place = sent[f"place-{first[7:]}"]
    assert desk.post(page, {**sent, first: "move", "save": "1"}).status_code == 303
    again = fields(login(away.world.alice).get(page).text)
    assert (again[first], again[f"place-{first[7:]}"]) == ("move", place)


def test_a_lost_place_is_marked_with_another(away: Away, desk: Client) -> None:
    page, _ = open_absence(away)
    sent = fields(desk.get(page).text)
    lost, gone = [name[7:] for name in sent if name.startswith("choice-")][:2]
    with away.world.as_user(away.world.alice):
        assert cancel_appointment(idempotency_key="c", appointment_id=gone, reason="Better").ok
    sent[f"cover-{lost}"] = sent[f"cover-{gone}"] = str(away.visits()[0].slot_id)
    assert desk.post(page, sent).status_code == 303
    text = desk.get(page).text
    assert "2 visits settled" in text
    assert "2 visits could not be settled" in text
    assert "To be decided: 1" in text
    assert 'class="lost"' in text
    assert "Cancelled meanwhile" in text
    assert desk.post(page, fields(text)).status_code == 303
    assert "Nothing is left" in desk.get(page).text


def test_who_comes_second_sees_it_done(away: Away, desk: Client, login: Any) -> None:
    page, _ = open_absence(away)
    late = login(away.world.alice)
    sent = fields(late.get(page).text)
    assert desk.post(page, fields(desk.get(page).text)).status_code == 303
    answer = late.post(page, sent)
    assert answer.status_code == 409
    assert "Somebody else worked on this absence first" in answer.text
    assert "Nothing is left to be decided" in answer.text


def test_answers_of_asked_patients(away: Away, desk: Client) -> None:
    page, _ = open_absence(away)
    sent = fields(desk.get(page).text)
    desk.post(page, {n: "ask" if n.startswith("choice-") else v for n, v in sent.items()})
    text = desk.get(page).text
    visits = re.findall(r'name="visit" value="([^"]+)"', text)
    assert len(visits) == 4
    for visit, said in zip(visits, ("agreed", "declined"), strict=False):
        keys = dict(HIDDEN.findall(desk.get(page).text.split('data-testid="asked-row"')[1]))
        assert (
            desk.post(f"{page}answer/", {**keys, "visit": visit, "answer": said}).status_code == 303
        )
    assert read(away.world, visits[0]).version == 2
    text = desk.get(page).text
    assert "The patient declined what was offered" in text
    assert "Waiting for an answer: 2" in text


def test_who_never_answered_is_still_told_of_when_the_day_is_over(away: Away, desk: Client) -> None:
    page, _ = open_absence(away)
    sent = fields(desk.get(page).text)
    desk.post(page, {n: "ask" if n.startswith("choice-") else v for n, v in sent.items()})
    past = timezone.now() - dt.timedelta(days=1)
    with away.world.as_owner():
        Absence.objects.using("owner").update(starts_at=past - dt.timedelta(days=1), ends_at=past)
        AbsenceRow.objects.using("owner").update(held_until=past)
    text = desk.get(page).text
    assert "Nothing is left to be decided" in text
    assert text.count("; no answer came") == 4
    assert 'data-testid="asked-row"' not in text


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ((23, 0), (24, 0), "Mon 23 Nov, all day"),
        ((23, 0), (26, 0), "Mon 23 Nov to Wed 25 Nov"),
        ((23, 0), (23, 14), "Mon 23 Nov, until 14:15"),
        ((23, 13), (24, 0), "Mon 23 Nov, from 13:15"),
        ((23, 13), (23, 14), "Mon 23 Nov, 13:15 to 14:15"),
        ((23, 13), (25, 0), "Mon 23 Nov 13:15 to Wed 25 Nov 00:00"),
    ],
)
def test_time_away_in_words(start: tuple[int, int], end: tuple[int, int], said: str) -> None:
    (first, opens), (last, closes) = start, end
    clocks = (
        dt.datetime(2026, 11, day, hour, 15 if hour else 0)
        for day, hour in ((first, opens), (last, closes))
    )
    assert span_words(*clocks, "D j M") == said


def test_undo_and_too_late(away: Away, desk: Client) -> None:
    before = places_of(away)
    page, _ = open_absence(away)
    desk.post(page, fields(desk.get(page).text))
    sent = dict(HIDDEN.findall(desk.get(page).text))
    assert desk.post(f"{page}undo/", sent).status_code == 303
    assert places_of(away) == before
    text = desk.get(page).text
    assert "This absence was taken back" in text
    assert "Visits: 4" in text
    assert text.count("As before: ") == 4
    assert "Changed meanwhile" not in text
    page, _ = open_absence(away)
    desk.post(page, fields(desk.get(page).text))
    sent = dict(HIDDEN.findall(desk.get(page).text))
    due(away)
    answer = desk.post(f"{page}undo/", sent)
    assert answer.status_code == 409
    assert "it can no longer be taken back as a whole" in answer.text
    assert "Undo everything" not in answer.text


@pytest.mark.parametrize("path", ["", "{pk}/", "{pk}/answer/", "{pk}/undo/"])
def test_who_may_not_and_where_it_is_not(away: Away, login: Any, path: str) -> None:
    outcome = start(away)
    url = base(away) + path.format(pk=outcome.absence_id)
    for user in (away.world.chen, away.world.nur, away.world.dana):
        assert login(user).post(url, {}).status_code == 403
    other = make_away(1)
    foreign = login(other.world.bob)
    if path:
        assert foreign.post(base(other) + path.format(pk=outcome.absence_id)).status_code == 404
    assert foreign.get(url).status_code == 404


@pytest.mark.parametrize("path", ["", "answer/", "undo/"])
def test_nonsense_is_422(away: Away, desk: Client, path: str) -> None:
    page, _ = open_absence(away)
    answer = desk.post(page + path, {"version": "x", "choice-x": "move", "visit": "y"})
    assert answer.status_code == 422
    assert "out of date" in answer.text
    assert states(away) == ["open"] * 4


def test_as_many_queries_for_one_as_for_many(desk: Client, away: Away, login: Any) -> None:
    counts = []
    for size in (1, 30):
        other = make_away(size)
        page, _ = open_absence(other)
        client = login(other.world.bob)
        client.get(page)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(page).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 12
