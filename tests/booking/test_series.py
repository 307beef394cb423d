"""Visits that repeat: every date looked at, all booked or none, at the same wall-clock time."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connections

from booking.models import Appointment, AppointmentSeries, AppointmentSlot
from booking.services.series import SeriesRule
from clinic.models import WorkingHours
from tests.booking.life import agree
from tests.booking.repeats import (
    DAY,
    NINE,
    WEEK,
    a_series,
    away,
    blocked,
    booked,
    clock_change,
    everything,
    instant,
    looked_at,
    mondays,
    next_monday,
    take,
    visits,
    zone,
)
from tests.factories import PatientFactory, World, make_world


def the_dates(rule: SeriesRule) -> list[dt.date]:
    asked = "select array_agg(day) from booking.series_dates(%s, %s::smallint[], %s, %s, %s)"
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            asked,
            [rule.every, list(rule.weekdays), rule.starts_on, rule.occurrences, rule.until],
        )
        found: list[dt.date] | None = cursor.fetchone()[0]
    return found or []


def test_dates_are_those_of_the_rule() -> None:
    wednesday = dt.date(2026, 11, 25)
    rule = mondays(wednesday, 5, weekdays=(1, 3), every=2)
    # The week of the first day counts, its Monday is over.
    assert the_dates(rule) == [
        wednesday, wednesday + 12 * DAY, wednesday + 14 * DAY, wednesday + 26 * DAY,
        wednesday + 28 * DAY,
    ]  # fmt: skip
    until = SeriesRule(1, (3,), wednesday, NINE, until=wednesday + 3 * WEEK)
    assert the_dates(until) == [wednesday + n * WEEK for n in range(4)]
    assert the_dates(mondays(dt.date(2028, 2, 29), 2)) == [
        dt.date(2028, 2, 29), dt.date(2028, 3, 7),
    ]  # fmt: skip
    assert len(the_dates(mondays(wednesday, 500, weekdays=(1, 2, 3, 4, 5, 6, 7)))) == 100


@pytest.fixture(params=["Europe/London", "America/New_York"])
def western(request: pytest.FixtureRequest) -> World:
    """A clinic whose clocks change."""
    return make_world(time_zone=request.param)


def over_everything(world: World) -> tuple[SeriesRule, dict[str, dt.date]]:
    """Twelve Mondays across a change of the clocks, with a conflict, leave and a holiday."""
    change = clock_change(world, next_monday(6))
    first = change - dt.timedelta(change.weekday()) - 5 * WEEK
    days = {"taken": first + WEEK, "leave": first + 3 * WEEK, "holiday": first + 7 * WEEK}
    with world.as_owner():
        other = PatientFactory(clinic=world.clinic)
    take(world, instant(world, days["taken"]), other)
    away(world, days["leave"])
    blocked(world, days["holiday"])
    return mondays(first), days


def test_twelve_weeks_over_a_conflict_a_holiday_leave_and_a_zone_change(western: World) -> None:
    rule, days = over_everything(western)
    rows = looked_at(western, rule)
    here = zone(western)
    assert [row.position for row in rows] == [*range(1, 13)]
    assert [row.starts_at.astimezone(here).time() for row in rows] == [NINE] * 12
    assert len({row.starts_at.astimezone(here).utcoffset() for row in rows}) == 2
    wrong = {row.starts_at.astimezone(here).date(): row for row in rows if row.state != "free"}
    assert {day: (row.state, row.why) for day, row in wrong.items()} == {
        days["taken"]: ("taken", "slot_unavailable"),
        days["leave"]: ("outside", "leave"),
        days["holiday"]: ("outside", "holiday"),
    }
    best = {name: wrong[day].best_at.astimezone(here) for name, day in days.items()}
    assert best["taken"] == dt.datetime.combine(days["taken"], dt.time(9, 15), here)
    # The last of Sunday is nearer to Monday at nine than the first of Tuesday.
    for name in ("leave", "holiday"):
        assert best[name].date() == days[name] - DAY
        assert best[name].time() == dt.time(16, 45)

    refused = booked(western, rule, [row.starts_at for row in rows])
    assert (refused.code, refused.http_status) == ("series_conflict", 409)
    assert {(c.starts_at, c.code) for c in refused.conflicts} == {
        (row.starts_at, "slot_unavailable") for row in wrong.values()
    }
    assert everything(western) == (1, 0, 1), "the one that took the conflict"

    chosen = [row.best_at or row.starts_at for row in rows if row.why != "holiday"]
    done = booked(western, rule, chosen)
    assert done.http_status == 201
    made = visits(western, done.series_id)
    assert [visit.starts_at for visit in made] == sorted(chosen)
    assert [visit.series_position for visit in made] == [*range(1, 12)]
    numbers = [visit.appointment_number for visit in made]
    assert len(set(numbers)) == 11
    assert done.appointments == tuple((v.pk, v.appointment_number, v.series_position) for v in made)
    agree(western)


def test_only_the_first_date_is_free(world: World) -> None:
    """newtheatre/rooms#15: there only the first date was looked at."""
    rule = mondays(next_monday())
    with world.as_owner():
        other = PatientFactory(clinic=world.clinic)
    for n in range(1, 12):
        take(world, instant(world, rule.starts_on + n * WEEK), other)
    before = everything(world)
    rows = looked_at(world, rule)
    assert [row.state for row in rows] == ["free"] + ["taken"] * 11
    refused = booked(world, rule, [row.starts_at for row in rows])
    assert [c.starts_at for c in refused.conflicts] == [row.starts_at for row in rows[1:]]
    assert everything(world) == before


def test_visits_do_not_disappear(world: World) -> None:
    """openemr#3661: repeated visits sometimes vanish. Working hours made again, a cancelled one,
    a moved one: all of them stay on record, each with its number."""
    made = a_series(world, count=8)
    with world.as_owner(), connections["owner"].cursor() as cursor:
        WorkingHours.objects.using("owner").update(effective_to=dt.date(2020, 2, 1))
        cursor.execute(
            "select booking.generate_slots(%s, %s, %s)",
            [world.doctor.id, made[0].appointment_date, made[-1].appointment_date],
        )
    now = visits(world, made[0].series_id)
    assert [(v.pk, v.appointment_number, v.starts_at, v.status) for v in now] == [
        (v.pk, v.appointment_number, v.starts_at, "scheduled") for v in made
    ]
    agree(world)


def test_slots_are_made_as_far_as_the_series_goes(world: World) -> None:
    """Slots are made a month ahead; what is booked beyond keeps its time when they are."""
    world.make_slots(days=3)
    made = a_series(world, mondays(next_monday(20), 3))
    last = made[-1]
    with world.as_owner(), connections["owner"].cursor() as cursor:
        slots = AppointmentSlot.objects.using("owner").filter(slot_date=last.appointment_date)
        assert slots.count() == 1
        cursor.execute(
            "select booking.generate_slots(%s, %s, %s)",
            [world.doctor.id, last.appointment_date, last.appointment_date],
        )
        assert cursor.fetchone() == (31,)
        assert slots.get(appointment_id=last.pk).starts_at == last.starts_at
    rows = looked_at(world, mondays(last.appointment_date, 1))
    assert (rows[0].state, rows[0].why) == ("taken", "slot_unavailable")


def test_a_rule_that_meets_closed_time(world: World) -> None:
    sunday = next_monday() + 6 * DAY
    with world.as_owner():
        WorkingHours.objects.using("owner").filter(weekday=7).update(
            effective_to=dt.date(2020, 2, 1)
        )
    rows = looked_at(world, mondays(sunday, 2))
    assert {(row.state, row.why) for row in rows} == {("outside", "no_hours")}
    rows = looked_at(world, mondays(sunday, 2, at=dt.time(9, 7), weekdays=(1,)))
    assert {(row.state, row.why) for row in rows} == {("outside", "outside_hours")}
    assert all(row.best_at and row.best_at.minute == 0 for row in rows)


def test_hours_that_the_clock_skips_or_repeats() -> None:
    world = make_world(time_zone="America/New_York")
    with world.as_owner():
        WorkingHours.objects.using("owner").update(starts=dt.time(0), ends=dt.time(5))
    day, seen = clock_change(world, next_monday()), {}
    for _ in range(2):
        at = dt.time(2, 30)
        (row,) = looked_at(world, mondays(day, 1, at=at))
        before = instant(world, day - DAY, dt.time(12)).astimezone(zone(world)).utcoffset()
        after = instant(world, day + DAY, dt.time(12)).astimezone(zone(world)).utcoffset()
        spring = before is not None and after is not None and after > before
        seen[spring] = (row.state, row.why)
        (twice,) = looked_at(world, mondays(day, 1, at=dt.time(1, 30)))
        assert twice.state == "free"
        assert twice.starts_at == instant(world, day, dt.time(1, 30)), "of two the first"
        day = clock_change(world, day)
    assert seen == {True: ("outside", "clock_skips"), False: ("free", None)}


def test_a_second_visit_of_the_patient_stands_in_the_way(world: World) -> None:
    made = a_series(world, count=3)
    other = world.add_doctor(full_name="Dr Other")
    rule = mondays(made[0].appointment_date, 4)
    rows = looked_at(world, rule, other.id)
    assert [(row.state, row.why) for row in rows] == [
        *[("taken", "patient_overlap")] * 3, ("free", None),
    ]  # fmt: skip
    refused = booked(world, rule, [row.starts_at for row in rows], doctor_id=other.id)
    assert [c.code for c in refused.conflicts] == ["patient_overlap"] * 3


def test_no_two_of_a_series_on_a_day(world: World) -> None:
    """The next best time of Monday is not on Tuesday, where the series has another date."""
    monday = next_monday()
    away(world, monday)
    away(world, monday - DAY)
    away(world, monday - 2 * DAY)
    rows = looked_at(world, mondays(monday, 2, weekdays=(1, 2)))
    assert rows[0].best_at is not None
    assert rows[0].best_at.astimezone(zone(world)).date() == monday + 2 * DAY


def test_the_same_key_books_once(world: World) -> None:
    rule = mondays(next_monday(), 3)
    starts = [row.starts_at for row in looked_at(world, rule)]
    first = booked(world, rule, starts, idempotency_key="k")
    state = everything(world)
    again = booked(world, rule, starts, idempotency_key="k")
    assert (first.idempotent, again.idempotent, again.http_status) == (False, True, 200)
    assert (again.series_id, again.appointments) == (first.series_id, first.appointments)
    other = booked(world, rule, starts[1:], idempotency_key="k")
    assert (other.code, other.http_status) == ("idempotency_mismatch", 422)
    assert everything(world) == state


def test_a_refused_key_may_be_tried_again(world: World) -> None:
    rule = mondays(next_monday(), 3)
    starts = [row.starts_at for row in looked_at(world, rule)]
    with world.as_owner():
        other = PatientFactory(clinic=world.clinic)
    take(world, starts[1], other)
    assert booked(world, rule, starts, idempotency_key="k").code == "series_conflict"
    assert booked(world, rule, [starts[0], starts[2]], idempotency_key="k").ok


@pytest.mark.parametrize(
    "wrong",
    [
        {"every": 0}, {"weekdays": ()}, {"weekdays": (8,)}, {"occurrences": 0}, {"until": True},
        {"occurrences": 101}, {"every": 53},
        # What no page could show.
        {"at": "24:00"}, {"starts_on": "infinity"}, {"starts_on": "-infinity"},
        {"starts_on": "5874897-12-31"},
    ],
    ids=str,
)  # fmt: skip
def test_a_rule_that_is_none(world: World, wrong: dict[str, Any]) -> None:
    first = next_monday()
    if wrong.get("until"):
        wrong = {"until": first + WEEK}
    good = mondays(first, 2)
    bad = replace(good, **wrong)
    starts = [row.starts_at for row in looked_at(world, good)]
    assert booked(world, bad, starts).code == "invalid_input"
    assert everything(world) == (0, 0, 0)


def test_what_else_is_refused(world: World, other_world: World) -> None:
    rule = mondays(next_monday(), 2)
    starts = [row.starts_at for row in looked_at(world, rule)]
    past = instant(world, dt.date(2020, 1, 6))
    for given, code in (
        ({"starts": []}, "invalid_input"),
        ({"starts": [starts[0]] * 2}, "invalid_input"),
        ({"starts": [*starts, None]}, "invalid_input"),
        ({"idempotency_key": "k" * 201}, "invalid_input"),
        ({"appointment_type": "party"}, "invalid_input"),
        ({"patient_id": other_world.patient.id}, "patient_not_found"),
        ({"doctor_id": other_world.doctor.id}, "slot_not_found"),
        ({"starts": [past]}, "series_conflict"),
    ):
        assert booked(world, rule, **{"starts": starts, **given}).code == code, given
    assert everything(world) == (0, 0, 0)
    foreign = looked_at(world, rule, other_world.doctor.id)
    assert foreign == []


@pytest.mark.parametrize("who", ["chen", "nur", "dana"])
def test_who_may_not_book_a_series(world: World, who: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        booked(world, mondays(next_monday(), 2), [instant(world, next_monday())],
               getattr(world, who))  # fmt: skip


def test_the_rule_is_on_record(world: World) -> None:
    rule = mondays(next_monday(), 4, weekdays=(1, 3), every=2)
    starts = [row.starts_at for row in looked_at(world, rule)]
    done = booked(world, rule, starts, visit_reason="Back pain", appointment_type="follow-up")
    with world.as_owner():
        kept = AppointmentSeries.objects.using("owner").get(pk=done.series_id)
        reasons = set(
            Appointment.objects.using("owner").filter(series=kept)
            .values_list("visit_reason", "appointment_type", "booked_by_id")
        )  # fmt: skip
    assert kept.rrule == "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=4"
    assert (kept.starts_on, kept.wall_time, kept.created_by_id) == (
        rule.starts_on, NINE, world.bob.id,
    )  # fmt: skip
    assert reasons == {("Back pain", "follow-up", world.bob.id)}


def test_of_another_patient_none_joins(world: World) -> None:
    made = a_series(world, count=2)
    with world.as_owner():
        other = PatientFactory(clinic=world.clinic)
        rows = Appointment.objects.using("owner").filter(pk=made[0].pk)
        with pytest.raises(IntegrityError, match="appointments_series_fk"):
            rows.update(patient=other)
