"""The pages of series, through the views and the real database."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from booking.models import Appointment
from booking.services.appointments import cancel_appointment
from tests.booking.life import act, read, visit_tomorrow
from tests.booking.repeats import (
    DAY,
    WEEK,
    a_series,
    away,
    cancelled,
    everything,
    instant,
    mondays,
    moved,
    moves,
    next_monday,
    take,
    visits,
    zone,
)
from tests.factories import PatientFactory, World, make_world


@pytest.fixture
def desk(world: World, login: Any) -> Client:
    """Bob at the desk."""
    return login(world.bob)


def url(world: World, path: str) -> str:
    return f"/c/{world.clinic.code}/{path}"


def rule(world: World, first: dt.date, **changed: Any) -> dict[str, Any]:
    """Four Mondays at nine, as the form sends them."""
    return {
        "patient": str(world.patient.id), "doctor": str(world.doctor.id), "every": "1",
        "days": str(first.isoweekday()), "at": "9:00", "from": f"{first:%d/%m/%Y}",
        "end": "count", "count": "4", "until": "", **changed,
    }  # fmt: skip


def fields(page: str) -> dict[str, str]:
    """What the form of the dates sends as it stands: hidden fields and checked choices."""
    form = page[page.index('data-testid="series-form"') :]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    checked = re.findall(r'<input type="radio" name="(d\d+)" value="([^"]*)" checked', form)
    ticked = re.findall(r'name="cancel" value="(\d+)" checked', form)
    return dict(hidden + checked) | ({"cancel": ticked} if ticked else {})  # type: ignore[dict-item]


def states(page: str) -> list[str]:
    return re.findall(r'data-testid="date" data-state="([^"]*)"', page)


def test_from_the_booking_form_to_a_series(world: World, desk: Client) -> None:
    world.make_slots(days=1)
    slot = world.free_slots()[2]
    new = url(world, "appointments/new/")
    assert 'data-testid="repeat"' in desk.get(new, {"slot": slot.id}).text
    sent = {
        "idempotency_key": "k", "slot": slot.id, "patient": world.patient.id, "repeat": "1",
        "appointment_type": "consultation",
    }  # fmt: skip
    response = desk.post(new, sent)
    assert response.status_code == 303
    assert everything(world) == (0, 0, 0)
    faster = desk.post(new, sent, headers={"HX-Request": "true"})
    assert faster["HX-Redirect"] == response["Location"]
    page = desk.get(response["Location"]).text
    here = slot.starts_at.astimezone(zone(world))
    assert f'name="at" value="{here:%H:%M}"' in page
    assert f'name="from" value="{here:%d/%m/%Y}"' in page
    assert len(states(page)) == 12
    done = desk.post(url(world, "series/new/"), fields(page) | {"appointment_type": "follow-up"})
    assert done.status_code == 303
    page = desk.get(done["Location"]).text
    assert 'data-testid="booked"' in page
    assert "12 visits · " in page
    assert page.count('data-testid="series-visit"') == 12
    assert everything(world)[:2] == (12, 1)


def test_without_a_patient_there_is_no_series(world: World, desk: Client) -> None:
    world.make_slots(days=0)
    slot = world.free_slots(1)[0]
    sent = {"idempotency_key": "k", "slot": slot.id, "repeat": "1",
            "appointment_type": "consultation"}  # fmt: skip
    page = desk.post(url(world, "appointments/new/"), sent)
    assert page.status_code == 422
    assert "Choose a patient from the list." in page.text


def test_each_date_has_its_choice(world: World, desk: Client) -> None:
    first = next_monday()
    with world.as_owner():
        other = PatientFactory(clinic=world.clinic)
    take(world, instant(world, first + WEEK), other)
    for day in range(12, 17):
        away(world, first + day * DAY)
    page = desk.get(url(world, "series/new/"), rule(world, first)).text
    assert states(page) == ["Free", "Taken", "Doctor on leave", "Free"]
    assert "4 dates: 2 free, 2 not" in page
    chosen = fields(page)
    assert [chosen[f"d{n}"] for n in (1, 2, 3)] == [
        instant(world, first).isoformat(), instant(world, first + WEEK, dt.time(9, 15)).isoformat(),
        "skip",
    ]  # fmt: skip
    done = desk.post(
        url(world, "series/new/"),
        chosen | {"appointment_type": "screening", "visit_reason": "Back pain"},
    )
    assert done.status_code == 303
    with world.as_owner():
        made = Appointment.objects.using("owner").filter(series__isnull=False)
        rows = list(made.order_by("starts_at").values_list("starts_at", "visit_reason"))
    assert rows == [
        (instant(world, first), "Back pain"),
        (instant(world, first + WEEK, dt.time(9, 15)), "Back pain"),
        (instant(world, first + 3 * WEEK), "Back pain"),
    ]


def test_a_second_visit_that_day_is_warned_of(world: World, desk: Client) -> None:
    first = next_monday()
    world.make_slots(days=30)
    (single,) = a_series(world, mondays(first, 1, dt.time(14)))
    page = desk.get(url(world, "series/new/"), rule(world, first)).text
    warned = re.findall(r'data-testid="also">([^<]*)<', page)
    assert warned == [f"Also that day: 14:00 with {world.doctor.full_name}"]
    assert states(page) == ["Free"] * 4, "it is a warning, no refusal"
    with world.as_user(world.bob):
        assert cancel_appointment(
            idempotency_key="gone", appointment_id=single.id, reason="Patient asked to cancel"
        ).ok
    assert "Also that day" not in desk.get(url(world, "series/new/"), rule(world, first)).text


def test_a_move_warns_of_other_visits_but_not_of_its_own(world: World, desk: Client) -> None:
    first = next_monday()
    world.make_slots(days=30)
    a_series(world, mondays(first + dt.timedelta(1), 1, dt.time(14)))
    moving = a_series(world, mondays(first, 3))
    asked = {
        "visit": moving[0].id, "scope": "all", "weekday": str(first.isoweekday() + 1), "at": "",
        "doctor": "",
    }  # fmt: skip
    page = desk.get(url(world, f"series/{moving[0].series_id}/move/"), asked).text
    assert len(re.findall('data-testid="date"', page)) == 3
    assert re.findall(r'data-testid="also">([^<]*)<', page) == [
        f"Also that day: 14:00 with {world.doctor.full_name}"
    ]


def test_a_conflict_keeps_the_other_choices(world: World, desk: Client) -> None:
    first = next_monday()
    page = desk.get(url(world, "series/new/"), rule(world, first)).text
    chosen = fields(page) | {"appointment_type": "screening", "visit_reason": "Knee", "d4": "skip"}
    with world.as_owner():
        other = PatientFactory(clinic=world.clinic)
    take(world, instant(world, first + WEEK), other)
    refused = desk.post(url(world, "series/new/"), chosen)
    assert refused.status_code == 409
    assert 'data-testid="conflict"' in refused.text
    assert "Just now: Taken" in refused.text
    assert 'value="Knee"' in refused.text
    again = fields(refused.text)
    assert again["d2"] == instant(world, first + WEEK, dt.time(9, 15)).isoformat()
    assert (again["d1"], again["d4"]) == (chosen["d1"], "skip")
    assert again["idempotency_key"] != chosen["idempotency_key"]
    assert everything(world)[:2] == (1, 0)
    sent = again | {"appointment_type": "screening"}
    assert desk.post(url(world, "series/new/"), sent).status_code == 303
    assert everything(world)[:2] == (4, 1)


def test_sent_twice_it_is_booked_once(world: World, desk: Client) -> None:
    sent = fields(desk.get(url(world, "series/new/"), rule(world, next_monday())).text)
    sent["appointment_type"] = "follow-up"
    places = {desk.post(url(world, "series/new/"), sent)["Location"] for _ in range(2)}
    assert len(places) == 1
    assert everything(world)[:2] == (4, 1)
    other = desk.post(url(world, "series/new/"), sent | {"d1": "skip"})
    assert other.status_code == 422
    assert "has booked a series before" in other.text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"every": "0"}, "Every 1 to 52 weeks."),
        ({"days": []}, "Choose a day of the week."),
        ({"at": "noon"}, "Give a time, such as 09:15."),
        ({"from": "the 40th"}, "Write a day, such as 23/11 or tomorrow."),
        ({"count": ""}, "Say how many times."),
        ({"end": "until", "until": "1/1/2199"}, "Give a day within two years of the first."),
    ],
)
def test_a_rule_that_is_none_is_kept_as_typed(
    world: World, desk: Client, changed: dict[str, Any], said: str
) -> None:
    page = desk.get(url(world, "series/new/"), rule(world, next_monday(), **changed))
    assert page.status_code == 422
    assert said in page.text
    assert "<title>Error: " in page.text
    for value in changed.values():
        assert not value or value == "until" or f'value="{value}"' in page.text
    assert states(page.text) == []


@pytest.mark.parametrize("changed", [{"d1": "yesterday"}, {"d1": "2026-01-01T09:00:00"},
                                     {"appointment_type": "party"},
                                     {"visit_reason": "x" * 501}])  # fmt: skip
def test_nonsense_among_the_choices(world: World, desk: Client, changed: dict[str, str]) -> None:
    sent = fields(desk.get(url(world, "series/new/"), rule(world, next_monday())).text)
    sent["appointment_type"] = "follow-up"
    assert desk.post(url(world, "series/new/"), sent | changed).status_code == 422
    none = {f"d{n}": "skip" for n in range(1, 5)}
    assert desk.post(url(world, "series/new/"), sent | none).status_code == 422
    assert everything(world) == (0, 0, 0)


def test_across_a_change_of_the_clocks_times_name_their_zone(login: Any) -> None:
    world = make_world(time_zone="Europe/London")
    first = next_monday()
    page = login(world.bob).get(
        url(world, "series/new/"), rule(world, first, count="40", at="09.15")
    ).text  # fmt: skip
    assert "The clocks change among these dates." in page
    assert page.count("09:15 GMT</td>") + page.count("09:15 BST</td>") == 40
    assert page.count("09:15 GMT</td>") > 0 < page.count("09:15 BST</td>")


def test_the_panel_says_which_of_how_many(world: World, desk: Client) -> None:
    made = a_series(world)
    page = desk.get(url(world, f"appointments/{made[2].pk}/")).text
    place = page[page.index('data-testid="place"') :]
    assert ">3 of 4</a>" in place[:200]
    assert url(world, f"series/{made[0].series_id}/") in place[:200]
    for way in ("move", "cancel"):
        for scope in ("following", "all"):
            link = f"series/{made[0].series_id}/{way}/?visit={made[2].pk}&amp;scope={scope}"
            assert url(world, link) in page
    assert 'data-testid="move"' in page, "one alone moves as any other"


def test_the_panel_of_a_single_visit_knows_no_series(world: World, desk: Client) -> None:
    page = desk.get(url(world, f"appointments/{visit_tomorrow(world).pk}/")).text
    assert 'data-testid="place"' not in page
    assert "This and following" not in page


def test_moving_this_and_following_by_page(world: World, desk: Client) -> None:
    made = a_series(world)
    move = url(world, f"series/{made[0].series_id}/move/")
    asked = {"visit": made[1].pk, "scope": "following", "weekday": "3", "at": "14:00"}
    assert states(desk.get(move, {"visit": made[1].pk}).text) == []
    page = desk.get(move, asked).text
    assert states(page) == ["Free"] * 3
    chosen = fields(page) | {"d3": "skip"}
    done = desk.post(move, chosen)
    assert done.status_code == 303
    assert "Moved 2 visits." in desk.get(done["Location"]).text
    first = made[0].appointment_date
    assert [v.starts_at for v in visits(world, made[0].series_id)] == [
        instant(world, first), instant(world, first + 9 * DAY, dt.time(14)),
        instant(world, first + 14 * DAY), instant(world, first + 23 * DAY, dt.time(14)),
    ]  # fmt: skip


def test_a_move_that_cannot_be_keeps_its_choices(world: World, desk: Client) -> None:
    made = a_series(world)
    move = url(world, f"series/{made[0].series_id}/move/")
    page = desk.get(move, {"visit": made[0].pk, "scope": "all", "weekday": "2"}).text
    with world.as_owner():
        other = PatientFactory(clinic=world.clinic)
    take(world, instant(world, made[2].appointment_date + DAY), other)
    refused = desk.post(move, fields(page) | {"d4": "skip"})
    assert refused.status_code == 409
    assert "Just now: Taken" in refused.text
    again = fields(refused.text)
    assert again["d3"] == instant(world, made[2].appointment_date + DAY, dt.time(9, 15)).isoformat()
    assert again["d4"] == "skip"
    assert [read(world, v.pk).version for v in made] == [1] * 4
    assert desk.post(move, again).status_code == 303


def test_a_move_names_what_it_changes(world: World, desk: Client) -> None:
    made = a_series(world)
    move = url(world, f"series/{made[0].series_id}/move/")
    nothing = desk.get(move, {"visit": made[0].pk, "scope": "all", "weekday": ""})
    assert nothing.status_code == 422
    assert "Choose another day, time or doctor." in nothing.text
    page = desk.get(move, {"visit": made[0].pk, "scope": "all", "weekday": "2"}).text
    none = {f"d{n}": "skip" for n in range(1, 5)}
    assert desk.post(move, fields(page) | none).status_code == 422
    assert desk.post(move, fields(page) | {"v1": "x:y"}).status_code == 422
    act(world, made[0], "confirm")
    stale = desk.post(move, fields(page))
    assert stale.status_code == 409
    assert "Someone changed it first" in stale.text


def test_cancelling_by_page(world: World, desk: Client) -> None:
    made = a_series(world)
    cancel = url(world, f"series/{made[0].series_id}/cancel/")
    page = desk.get(cancel, {"visit": made[1].pk, "scope": "following"}).text
    sent = fields(page)
    assert sent["cancel"] == ["2", "3", "4"]
    why = desk.post(cancel, sent)
    assert (why.status_code, "Say why they are cancelled." in why.text) == (422, True)
    none = desk.post(cancel, {**sent, "cancel": [], "reason": "x"})
    assert (none.status_code, "Choose at least one visit." in none.text) == (422, True)
    done = desk.post(cancel, {**sent, "cancel": ["3", "4"], "reason": "Patient asked to cancel"})
    assert done.status_code == 303
    now = visits(world, made[0].series_id)
    assert [v.status for v in now] == ["scheduled"] * 2 + ["cancelled"] * 2
    late = desk.post(cancel, {**sent, "idempotency_key": "n", "reason": "Booked by mistake"})
    assert late.status_code == 409
    assert "Someone changed it first" in late.text
    assert [v.status for v in visits(world, made[0].series_id)] == [v.status for v in now]


def test_enter_among_the_reasons_is_no_reason(world: World, desk: Client) -> None:
    """Enter presses the first button of a form: it used to cancel for another's reason."""
    made = a_series(world, mondays(next_monday(), 2))
    page = desk.get(url(world, f"series/{made[0].series_id}/cancel/"), {"visit": made[0].pk}).text
    form = page.split('data-testid="series-form"')[1]
    first, *others = re.findall("<button[^>]*>", form)
    assert "name=" not in first
    assert any('name="reason"' in button for button in others)


def test_undo_by_one_button(world: World, desk: Client) -> None:
    made = a_series(world)
    page = url(world, f"series/{made[0].series_id}/")
    assert 'data-testid="undo-series"' not in desk.get(page).text
    assert moved(world, made[0], "all", moves(world, made[0], "all", weekday=2)).ok
    html = desk.get(page).text
    assert "Undo: moved, 4 visits" in html
    form = html[html.index("/undo/") :]
    sent = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', form)[:4])
    done = desk.post(f"{page}undo/", sent)
    assert done.status_code == 303
    assert "Undone: 4 visits." in desk.get(done["Location"]).text
    assert [v.starts_at for v in visits(world, made[0].series_id)] == [v.starts_at for v in made]
    stale = desk.post(f"{page}undo/", sent | {"idempotency_key": "other"})
    assert stale.status_code == 409
    assert desk.post(f"{page}undo/", {}).status_code == 422


def test_an_undo_that_cannot_be_says_why(world: World, desk: Client) -> None:
    made = a_series(world)
    assert cancelled(world, made[0], "all", made).ok
    with world.as_owner():
        other = PatientFactory(clinic=world.clinic)
    take(world, made[1].starts_at, other)
    sent = {"idempotency_key": "k", "visit": made[0].pk, "version": 2}
    page = desk.post(url(world, f"series/{made[0].series_id}/undo/"), sent)
    assert page.status_code == 409
    assert ": Taken" in page.text


def test_another_clinics_series_is_as_good_as_missing(
    world: World, other_world: World, login: Any
) -> None:
    made = a_series(world)
    desk = login(other_world.bob)
    mallory = f"/c/{other_world.clinic.code}/"
    for path in ("", "move/", "cancel/"):
        for series in (made[0].series_id, uuid.uuid4()):
            assert desk.get(f"{mallory}series/{series}/{path}").status_code == 404
    sent = {"idempotency_key": "k", "visit": made[0].pk, "version": 1}
    assert desk.post(f"{mallory}series/{made[0].series_id}/undo/", sent).status_code == 404
    wrong = rule(world, next_monday())
    assert desk.get(f"{mallory}series/new/", wrong).status_code == 404
    mine = wrong | {"patient": str(other_world.patient.id)}
    assert desk.get(f"{mallory}series/new/", mine).status_code == 404, "the doctor is not theirs"


def test_who_comes_in(world: World, login: Any) -> None:
    made = a_series(world)
    with world.as_owner():
        type(world.doctor).objects.using("owner").filter(pk=world.doctor.pk).update(user=world.chen)
    page = url(world, f"series/{made[0].series_id}/")
    for who, look, change in (
        (world.alice, 200, 200), (world.nur, 200, 403), (world.chen, 200, 403),
        (world.dana, 403, 403),
    ):  # fmt: skip
        client = login(who)
        assert client.get(page).status_code == look
        for path in ("move/", "cancel/"):
            assert client.get(page + path).status_code == change
        asked = client.get(url(world, "series/new/"), rule(world, next_monday()))
        assert asked.status_code == change
    assert "Move visits" not in login(world.nur).get(page).text


def test_a_series_page_costs_the_same_for_two_and_for_thirty(world: World, desk: Client) -> None:
    small = a_series(world, mondays(next_monday(), 2))
    large = a_series(world, mondays(next_monday(), 30, at=dt.time(12)))
    counts = []
    for made in (small, large):
        with CaptureQueriesContext(connection) as seen:
            page = desk.get(url(world, f"series/{made[0].series_id}/"))
        assert page.text.count('data-testid="series-visit"') == len(made)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 12
