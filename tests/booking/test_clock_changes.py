"""Slots on every day of 2024 to 2030 on which a clock changes, against a count made by hand.

The oracle walks the minutes of the day by zoneinfo and asks of each whether it is worked; it knows
nothing of how slots are cut.
"""

import datetime as dt
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connections

from booking.models import AppointmentSlot
from booking.services.appointments import book_appointment
from clinic.models import Clinic, Doctor, WorkingHours
from tests.factories import World, make_world
from tests.factories.world import store

ZONES = (
    "Europe/London", "America/New_York", "Europe/Lisbon", "Australia/Lord_Howe", "Asia/Singapore",
)  # fmt: skip
MINUTE, QUARTER = dt.timedelta(minutes=1), dt.timedelta(minutes=15)
# Two shifts that meet in the hour that is skipped or repeated, one inside it, and a night.
SHIFTS = ((0, 0, 1, 30), (1, 30, 2, 15), (2, 15, 6, 0), (22, 0, 0, 0))


def changes(zone: str) -> list[dt.date]:
    """The dates of 2024 to 2030 whose noon is not 24 hours after the noon before."""
    here, day, found = ZoneInfo(zone), dt.date(2024, 1, 1), []
    while day.year < 2031:
        noon = dt.datetime.combine(day, dt.time(12), here)
        before = dt.datetime.combine(day - dt.timedelta(1), dt.time(12), here)
        if noon.utcoffset() != before.utcoffset():
            found.append(day)
        day += dt.timedelta(1)
    return found


# Where no clock changes: leap days, ends of years, and the day of week 53.
PLAIN = [dt.date(2024, 2, 29), dt.date(2028, 2, 29), dt.date(2024, 12, 31), dt.date(2026, 12, 31)]


def worked(zone: str, day: dt.date, shifts: Any) -> list[dt.datetime]:
    """Each minute of the day that is worked, as an instant.

    A time that occurs twice is the second; a minute is worked from the start of a shift on until
    its end, both as they occur on the clock of that day.
    """
    here, found = ZoneInfo(zone), []
    for h1, m1, h2, m2 in shifts:
        first, last = at(here, day, h1, m1), at(here, day, h2, m2)
        if (h2, m2) <= (h1, m1):
            last = at(here, day + dt.timedelta(1), h2, m2)
        while first < last:
            found.append(first)
            first += MINUTE
    return found


def at(here: ZoneInfo, day: dt.date, hour: int, minute: int) -> dt.datetime:
    """The instant after which the clock never again shows less than this time of that day."""
    wall = dt.datetime.combine(day, dt.time(hour, minute))
    instant = wall.replace(tzinfo=here, fold=1).astimezone(dt.UTC) + dt.timedelta(hours=2)
    while (instant - MINUTE).astimezone(here).replace(tzinfo=None) >= wall:
        instant -= MINUTE
    return instant


def keep_hours(world: World, shifts: Any) -> None:
    with world.as_owner():
        mine = WorkingHours.objects.using("owner").filter(doctor=world.doctor)
        mine.delete()
        store([
            WorkingHours(
                clinic=world.clinic, doctor=world.doctor, weekday=weekday,
                starts=dt.time(h1, m1), ends=dt.time(h2, m2), effective_from=dt.date(2020, 1, 1),
            )
            for weekday in range(1, 8)
            for h1, m1, h2, m2 in shifts
        ])  # fmt: skip


def make(world: World, first: dt.date, last: dt.date | None = None) -> int:
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(
            "select booking.generate_slots(%s, %s, %s)", [world.doctor.id, first, last or first]
        )
        return int(cursor.fetchone()[0])


def make_each(world: World, days: list[dt.date]) -> list[int]:
    """How many slots each day got, one run for each."""
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(
            "select booking.generate_slots(%s, day, day) from unnest(%s::date[]) day",
            [world.doctor.id, days],
        )
        return [count for (count,) in cursor.fetchall()]


def slots(world: World, **conditions: Any) -> list[AppointmentSlot]:
    with world.as_owner():
        found = AppointmentSlot.objects.using("owner").filter(clinic_id=world.id, **conditions)
        return list(found.order_by("starts_at"))


def free(world: World, **conditions: Any) -> list[AppointmentSlot]:
    return slots(world, is_blocked=False, is_available=True, **conditions)


@pytest.mark.parametrize("zone", ZONES)
def test_every_change_of_2024_to_2030(zone: str) -> None:
    """No minute of work is lost or offered twice, none is offered that the clock skips."""
    world, here = make_world(time_zone=zone), ZoneInfo(zone)
    keep_hours(world, SHIFTS)
    days = changes(zone) or PLAIN
    assert len(days) == (4 if zone == "Asia/Singapore" else 14)
    assert min(make_each(world, days)) > 0
    assert set(make_each(world, days)) == {0}
    by_day = {day: list(made) for day, made in groupby(slots(world), attrgetter("slot_date"))}
    assert sorted(by_day) == sorted(days)
    for day in days:
        made = by_day[day]
        offered = [m for s in made for m in minutes(s)]
        assert offered == sorted(worked(zone, day, SHIFTS)), day
        assert {s.ends_at - s.starts_at for s in made} == {QUARTER}
        for slot in made:
            wall = slot.starts_at.astimezone(here)
            assert (slot.slot_date, slot.slot_time) == (wall.date(), wall.time())
            assert at(here, day, 0, 0) <= slot.starts_at < at(here, day + dt.timedelta(1), 0, 0)


def minutes(slot: AppointmentSlot) -> list[dt.datetime]:
    length = int((slot.ends_at - slot.starts_at) / MINUTE)
    return [slot.starts_at + n * MINUTE for n in range(length)]


@pytest.mark.parametrize(
    ("zone", "day", "hours", "wanted"),
    [
        # forward at 01:00: 01:15 to 01:45 never comes, 00:30 to 01:30 ends at 01:00
        ("Europe/London", "2027-03-28", (1, 15, 1, 45), []),
        ("Europe/London", "2027-03-28", (0, 30, 1, 30), ["00:30", "00:45"]),
        ("Europe/London", "2027-03-28", (1, 30, 2, 30), ["02:00", "02:15"]),
        # back at 02:00: 01:15 to 01:45 comes twice and is worked once
        ("Europe/London", "2027-10-31", (1, 15, 1, 45), ["01:15", "01:30"]),
        ("Europe/London", "2027-10-31", (0, 30, 1, 15),
         ["00:30", "00:45", "01:00", "01:15", "01:30", "01:45", "01:00"]),
        # by half an hour only
        ("Australia/Lord_Howe", "2027-10-03", (1, 45, 2, 45), ["01:45", "02:30"]),
        ("Australia/Lord_Howe", "2027-04-04", (1, 15, 2, 0),
         ["01:15", "01:30", "01:45", "01:30", "01:45"]),
        # a midnight that is skipped, and a day that never was
        ("Africa/Cairo", "2027-04-30", (0, 0, 1, 30), ["01:00", "01:15"]),
        ("Pacific/Apia", "2011-12-30", (9, 0, 17, 0), []),
    ],
)  # fmt: skip
def test_hours_across_a_change(
    zone: str, day: str, hours: tuple[int, ...], wanted: list[str]
) -> None:
    world = make_world(time_zone=zone)
    keep_hours(world, [hours])
    if zone == "Pacific/Apia":
        with world.as_owner():
            WorkingHours.objects.using("owner").filter(doctor=world.doctor).update(
                effective_from=dt.date(2011, 1, 1)
            )
    make(world, dt.date.fromisoformat(day))
    assert [f"{slot.slot_time:%H:%M}" for slot in slots(world)] == wanted


@pytest.mark.parametrize("zone", ["Europe/London", "Australia/Lord_Howe", "Asia/Singapore"])
def test_a_night_over_midnight_and_the_end_of_a_year(zone: str) -> None:
    """22:30 to 02:00 in visits of 35 minutes with a 5 minute buffer: 23:50 goes over midnight."""
    world = make_world(time_zone=zone)
    keep_hours(world, [(22, 30, 2, 0)])
    with world.as_owner():
        Doctor.objects.using("owner").filter(pk=world.doctor.pk).update(
            consultation_duration_minutes=35, buffer_time_minutes=5
        )
    make(world, dt.date(2027, 12, 31), dt.date(2028, 1, 1))
    here = ZoneInfo(zone)
    found = [f"{s.slot_date:%d} {s.starts_at.astimezone(here):%d %H:%M}" for s in slots(world)]
    assert found[:5] == ["31 31 00:30", "31 31 01:10", "31 31 22:30", "31 31 23:10", "31 31 23:50"]
    assert found[5:] == ["01 01 00:30", "01 01 01:10", "01 01 22:30", "01 01 23:10", "01 01 23:50"]
    for before, after in pairwise(slots(world)):
        assert before.ends_at + dt.timedelta(minutes=5) <= after.starts_at
    # One day at a time makes the same.
    assert make(world, dt.date(2027, 12, 31)) == make(world, dt.date(2028, 1, 1)) == 0


def test_a_leap_day_is_a_day() -> None:
    world = make_world(time_zone="Europe/London")
    keep_hours(world, [(9, 0, 10, 0)])
    assert make(world, dt.date(2028, 2, 28), dt.date(2028, 3, 1)) == 12
    assert {s.slot_date for s in slots(world)} == {
        dt.date(2028, 2, 28), dt.date(2028, 2, 29), dt.date(2028, 3, 1),
    }  # fmt: skip
    assert make(make_world(), dt.date(2027, 2, 28), dt.date(2027, 3, 1)) == 2 * 32


def test_a_clinic_in_another_zone_keeps_its_visits() -> None:
    """The instants of what is booked stay. Free time follows the new clock, none of it twice."""
    world = make_world(time_zone="Asia/Singapore")
    keep_hours(world, [(9, 0, 10, 0)])
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=7)
    make(world, day)
    booked = slots(world)[1]
    with world.as_user(world.bob):
        assert book_appointment(
            idempotency_key="zone", user_id=world.bob.id, clinic_id=world.id, slot_id=booked.id,
            patient_id=world.patient.id,
        ).ok  # fmt: skip
    with world.as_owner():
        Clinic.objects.using("owner").filter(pk=world.id).update(time_zone="Asia/Kathmandu")
    make(world, day)
    (kept,) = slots(world, is_available=False)
    assert (kept.starts_at, kept.ends_at) == (booked.starts_at, booked.ends_at)
    assert (kept.slot_date, kept.slot_time) == (booked.slot_date, booked.slot_time)
    assert not kept.is_blocked
    here = ZoneInfo("Asia/Kathmandu")
    times = [s.starts_at.astimezone(here).time() for s in free(world)]
    assert times == [dt.time(9), dt.time(9, 15), dt.time(9, 30), dt.time(9, 45)]


def test_free_time_that_a_new_zone_covers_too_gets_its_clock() -> None:
    """09:00 to 12:00 in Singapore and in Bangkok share two hours: those slots are relabelled."""
    world = make_world(time_zone="Asia/Singapore")
    keep_hours(world, [(9, 0, 12, 0)])
    day = dt.date(2027, 6, 9)
    make(world, day)
    with world.as_owner():
        Clinic.objects.using("owner").filter(pk=world.id).update(time_zone="Asia/Bangkok")
    assert make(world, day) == 4
    here = ZoneInfo("Asia/Bangkok")
    found = free(world)
    assert [s.slot_time for s in found] == [s.starts_at.astimezone(here).time() for s in found]
    assert (found[0].slot_time, found[-1].slot_time) == (dt.time(9), dt.time(11, 45))
    assert len({s.starts_at for s in slots(world)}) == len(slots(world))
