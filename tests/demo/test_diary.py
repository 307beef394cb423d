"""The demo's day at every hour of the week, made without a database."""

import datetime as dt
import uuid
from collections import Counter
from functools import cache
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from booking.models import AppointmentSlot
from clinic.models import Patient
from demo.clinics import CLINICS, ClinicPlan
from demo.clock import DeskClock
from demo.diary import Diary
from demo.patients import make_patients
from demo.people import Team, demo_id, shifts
from demo.visits import FREED

MONDAY = dt.datetime(2026, 10, 19, tzinfo=dt.UTC)  # London's clocks go back on the Sunday
# Each hour of a day once, on all days of a week.
HOURS = [MONDAY + dt.timedelta(hours=n) for n in range(0, 7 * 24, 7)]


def slots_of(team: Team, day: dt.date) -> list[AppointmentSlot]:
    """One day's slots, as booking.generate_slots would cut them, breaks aside."""
    found = []
    zone = ZoneInfo(team.plan.zone)
    for plan, doctor in zip(team.plan.doctors, team.doctors, strict=True):
        for weekday, starts, ends in shifts(plan.hours):
            at = dt.datetime.combine(day, starts, zone).astimezone(dt.UTC)
            last = dt.datetime.combine(day, ends, zone).astimezone(dt.UTC)
            length = dt.timedelta(minutes=plan.minutes)
            while weekday == day.isoweekday() and at + length <= last:
                found.append(
                    AppointmentSlot(
                        id=uuid.uuid5(doctor.id, at.isoformat()), clinic=team.clinic,
                        doctor=doctor, slot_date=day, slot_time=at.astimezone(zone).time(),
                        duration_minutes=plan.minutes, starts_at=at, ends_at=at + length,
                        is_blocked=False,
                    )
                )  # fmt: skip
                at += length
    return found


@cache
def cast(code: str, day: dt.date) -> tuple[Team, list[Patient]]:
    """Who works in the clinic and who comes: the same people at every hour of the day."""
    plan = next(plan for plan in CLINICS if plan.code == code)
    team = Team(plan, "hash")
    assert team.staff
    assert team.doctors
    noon = dt.datetime.combine(day, dt.time(12), dt.UTC)
    return team, make_patients(team, DeskClock.start(noon, plan.zone), Random(plan.code))


def drawn(
    plan: ClinicPlan, now: dt.datetime, days: range = range(-1, 2), people: Any = cast
) -> Diary:
    clock = DeskClock.start(now, plan.zone)
    team, patients = people(plan.code, clock.today)
    slots = [s for n in days for s in slots_of(team, clock.today + dt.timedelta(days=n))]
    slots.sort(key=lambda slot: slot.starts_at)
    diary = Diary(team, patients, slots, clock, Random(7))
    diary.draw()
    return diary


@cache
def week(code: str) -> list[Diary]:
    """The diary at HOURS."""
    return [drawn(plan, now) for now in HOURS for plan in CLINICS if plan.code == code]


@pytest.mark.parametrize("plan", CLINICS, ids=lambda plan: plan.code)
def test_at_every_hour_the_day_is_in_full_swing(plan: ClinicPlan) -> None:
    for diary in week(plan.code):
        now = diary.clock.now
        today = [a for a in diary.appointments if a.appointment_date == diary.clock.today]
        statuses = Counter(a.status for a in today)
        assert statuses.keys() >= {"completed", "in_progress", "scheduled", "confirmed"}, now
        waiting = [a for a in today if a.checked_in_at and a.status == "confirmed"]
        assert waiting, now
        assert all(a.starts_at > diary.clock.desk for a in waiting)


@pytest.mark.parametrize("plan", CLINICS, ids=lambda plan: plan.code)
def test_no_event_is_ahead_of_the_clock_or_out_of_order(plan: ClinicPlan) -> None:
    for diary in week(plan.code):
        now = diary.clock.now
        for a in diary.appointments:
            steps = (a.created_at, a.checked_in_at, a.consultation_start_at, a.consultation_end_at)
            known = [step for step in steps if step]
            assert known == sorted(known), (now, a)
            ends = (*known, a.cancelled_at, a.no_show_marked_at)
            assert all(at <= now for at in ends if at), (now, a)
            assert a.cancelled_at is None or a.cancelled_at >= a.created_at


@pytest.mark.parametrize("plan", CLINICS, ids=lambda plan: plan.code)
def test_nobody_is_in_two_places(plan: ClinicPlan) -> None:
    diary = drawn(plan, MONDAY + dt.timedelta(hours=10), range(-14, 15))
    holding = [a for a in diary.appointments if a.status not in FREED]
    met = Counter((a.patient_id, a.appointment_date) for a in holding)
    assert max(met.values()) == 1
    assert max(Counter(a.slot_id for a in holding).values()) == 1


@pytest.mark.parametrize("plan", CLINICS, ids=lambda plan: plan.code)
def test_tomorrow_has_room(plan: ClinicPlan) -> None:
    for n in range(7):
        diary = drawn(plan, MONDAY + dt.timedelta(days=n, hours=12))
        tomorrow = diary.clock.today + dt.timedelta(days=1)
        taken = {a.slot_id for a in diary.appointments if a.status not in FREED}
        free = [s for s in diary.slots if s.slot_date == tomorrow and s.id not in taken]
        assert len(free) >= 5, tomorrow


def test_the_same_moment_gives_the_same_diary() -> None:
    moment, days = MONDAY + dt.timedelta(hours=3), range(-1, 2)
    first, second = (drawn(CLINICS[0], moment, days, cast.__wrapped__) for _ in range(2))
    assert [facts(a) for a in first.appointments] == [facts(a) for a in second.appointments]


def facts(appointment: object) -> tuple[object, ...]:
    names = ("id", "patient_id", "slot_id", "status", "appointment_number", "created_at")
    return tuple(getattr(appointment, name) for name in names)


def test_moved_appointments_lead_to_the_new_ones() -> None:
    diary = drawn(CLINICS[1], MONDAY + dt.timedelta(hours=10), range(-14, 15))
    moved = [a for a in diary.appointments if a.rescheduled_from]
    assert len(moved) > 3
    for new in moved:
        old = new.rescheduled_from
        assert old is not None
        assert old.status == "rescheduled"
        assert (old.patient_id, old.doctor_id) == (new.patient_id, new.doctor_id)
        assert old.created_at < new.created_at
        assert old.starts_at < new.starts_at


def test_hours_are_written_as_people_write_them() -> None:
    nine, noon, one, five = (dt.time(hour) for hour in (9, 12, 13, 17))
    text = "1-2 09:00-12:00 13:00-17:00; 6 09:00-12:00"
    assert list(shifts(text)) == [
        (1, nine, noon), (1, one, five), (2, nine, noon), (2, one, five), (6, nine, noon),
    ]  # fmt: skip


def test_ids_are_those_of_every_demo() -> None:
    assert str(demo_id("GFC-TP")) == "069d27d1-7e73-5d83-a153-203353334ef8"
