"""Slots from working hours: zones, breaks, leave, and being run again."""

import datetime as dt
import uuid
from functools import partial
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import DataError, connection

from booking.models import AppointmentSlot
from booking.services.appointments import book_appointment, generate_slots
from clinic.errors import NotFound
from clinic.models import Doctor, DoctorLeave, WorkingHours
from tests.factories import World, make_world
from tests.races import ask, at_once, book, context_of, desks

DAY = dt.date(2027, 6, 9)  # a Wednesday on which no clock changes
MAKE = "select booking.generate_slots(%s, %s, %s)"


def made(world: World, first: dt.date = DAY, last: dt.date | None = None) -> int:
    with world.as_user(world.alice):
        return generate_slots(doctor_id=world.doctor.id, from_date=first, to_date=last or first)


def slots_of(world: World, **conditions: Any) -> list[AppointmentSlot]:
    with world.as_owner():
        found = AppointmentSlot.objects.using("owner").filter(clinic_id=world.id, **conditions)
        return list(found.order_by("starts_at"))


def open_times(world: World) -> list[str]:
    return [f"{slot.slot_time:%H:%M}" for slot in slots_of(world, is_blocked=False)]


def change(world: World, **values: Any) -> None:
    """Change the doctor."""
    with world.as_owner():
        Doctor.objects.using("owner").filter(pk=world.doctor.pk).update(**values)


def hours(world: World, *shifts: tuple[int, int]) -> World:
    """The doctor works from hour to hour every day, and at no other time."""
    with world.as_owner():
        mine = WorkingHours.objects.using("owner").filter(doctor=world.doctor)
        mine.delete()
        for weekday in range(1, 8):
            for starts, ends in shifts:
                mine.create(
                    clinic=world.clinic, doctor=world.doctor, weekday=weekday, ends=dt.time(ends),
                    starts=dt.time(starts), effective_from=dt.date(2020, 1, 1),
                )  # fmt: skip
    return world


@pytest.fixture
def morning(world: World) -> World:
    """09:00 to 10:00 in four visits."""
    return hours(world, (9, 10))


@pytest.mark.parametrize(
    ("zone", "day", "minutes"),
    [
        ("Europe/London", "2027-03-28", 300),
        ("Europe/London", "2027-10-31", 420),
        ("Europe/London", "2027-06-09", 360),
        ("America/New_York", "2027-03-14", 300),
        ("America/New_York", "2027-11-07", 420),
        ("Australia/Lord_Howe", "2027-10-03", 330),
        ("Australia/Lord_Howe", "2027-04-04", 390),
        ("Africa/Cairo", "2027-04-30", 300),
        ("Asia/Singapore", "2028-02-29", 360),
        ("Pacific/Apia", "2027-12-31", 360),
    ],
)
def test_a_night_has_the_slots_that_it_really_has(zone: str, day: str, minutes: int) -> None:
    """00:00 to 06:00 by the wall clock, on days when that is not six hours."""
    world = hours(make_world(time_zone=zone), (0, 6))
    date, here = dt.date.fromisoformat(day), ZoneInfo(zone)
    assert made(world, date) == minutes // 15
    slots = slots_of(world)
    starts = [slot.starts_at for slot in slots]
    assert {after - before for before, after in pairwise(starts)} == {dt.timedelta(minutes=15)}
    for slot in slots:
        wall = slot.starts_at.astimezone(here)
        assert (slot.slot_date, slot.slot_time) == (wall.date(), wall.time())
    assert slots[-1].ends_at.astimezone(here).time() == dt.time(6)
    assert made(world, date) == 0


@pytest.mark.parametrize("zone", ["Africa/Cairo", "America/New_York", "Pacific/Kiritimati"])
def test_the_clients_time_zone_changes_nothing(zone: str) -> None:
    """Cairo skips midnight on 30 April 2027: counting days there would lose the last one."""
    world = hours(make_world(time_zone="Asia/Singapore"), (9, 10))
    first, last = dt.date(2027, 4, 28), dt.date(2027, 5, 3)
    with world.as_user(world.alice):
        with connection.cursor() as cursor:
            cursor.execute("select set_config('TimeZone', %s, true)", [zone])
        count = generate_slots(doctor_id=world.doctor.id, from_date=first, to_date=last)
    assert count == 6 * 4
    assert {slot.slot_date for slot in slots_of(world)} == {
        first + dt.timedelta(days=n) for n in range(6)
    }
    assert set(open_times(world)) == {"09:00", "09:15", "09:30", "09:45"}


def test_lunch_is_no_slot(world: World) -> None:
    hours(world, (11, 14))
    wednesday, thursday = DAY, DAY + dt.timedelta(days=1)
    breaks = [{"starts": "12:00", "ends": "13:00"}, {"starts": "13:20", "ends": "13:25",
               "weekday": 4}]  # fmt: skip
    change(world, break_times=breaks)
    made(world, wednesday)
    quarters = ["11:00", "11:15", "11:30", "11:45", "13:00", "13:15", "13:30", "13:45"]
    assert open_times(world) == quarters
    made(world, thursday)
    later = slots_of(world, slot_date=thursday)
    assert [f"{s.slot_time:%H:%M}" for s in later] == [q for q in quarters if q != "13:15"]


def test_a_blocked_date_has_none(morning: World) -> None:
    change(morning, blocked_dates=[DAY.isoformat()])
    assert made(morning, DAY, DAY + dt.timedelta(days=1)) == 4
    assert {slot.slot_date for slot in slots_of(morning)} == {DAY + dt.timedelta(days=1)}


def test_visits_are_cut_with_their_buffer(morning: World) -> None:
    change(morning, consultation_duration_minutes=20, buffer_time_minutes=10)
    assert made(morning) == 2
    assert [(s.starts_at.minute, s.ends_at.minute) for s in slots_of(morning)] == [
        (0, 20), (30, 50),
    ]  # fmt: skip


def booked(world: World, slot: AppointmentSlot) -> AppointmentSlot:
    with world.as_user(world.bob):
        assert book_appointment(
            idempotency_key=str(slot.id), user_id=world.bob.id, clinic_id=world.id,
            slot_id=slot.id, patient_id=world.patient.id,
        ).ok  # fmt: skip
    with world.as_owner():
        slot.refresh_from_db(using="owner")
    return slot


def untouched(world: World, slot: AppointmentSlot) -> bool:
    (now,) = slots_of(world, id=slot.id)
    names = [field.attname for field in AppointmentSlot._meta.concrete_fields]
    return all(getattr(now, name) == getattr(slot, name) for name in names)


def test_leave_blocks_free_time_and_leaves_visits(morning: World) -> None:
    made(morning)
    first, second, *_ = slots_of(morning)
    visit = booked(morning, second)
    with morning.as_owner():
        leave = DoctorLeave.objects.using("owner").create(
            clinic=morning.clinic, doctor=morning.doctor, starts_at=first.starts_at,
            ends_at=second.ends_at,
        )  # fmt: skip
    assert made(morning) == 0
    assert [s.is_blocked for s in slots_of(morning)] == [True, False, False, False]
    assert untouched(morning, visit)
    with morning.as_owner():
        DoctorLeave.objects.using("owner").filter(pk=leave.pk).update(deleted_at=leave.created_at)
    assert made(morning) == 0
    assert [s.is_blocked for s in slots_of(morning)] == [False] * 4
    assert untouched(morning, visit)


def test_what_the_desk_blocked_stays_blocked(morning: World) -> None:
    made(morning)
    slot = slots_of(morning)[0]
    with morning.as_user(morning.bob):
        AppointmentSlot.objects.filter(pk=slot.pk).update(is_blocked=True, block_reason="Meeting")
    made(morning)
    assert [s.is_blocked for s in slots_of(morning)] == [True, False, False, False]


def test_changed_hours_block_the_rest(morning: World) -> None:
    made(morning)
    visit = booked(morning, slots_of(morning)[0])
    hours(morning, (10, 11))
    assert made(morning) == 4
    states = {f"{s.slot_time:%H:%M}": s.is_blocked for s in slots_of(morning)}
    assert states == {
        "09:00": False, "09:15": True, "09:30": True, "09:45": True,
        "10:00": False, "10:15": False, "10:30": False, "10:45": False,
    }  # fmt: skip
    assert untouched(morning, visit)
    hours(morning, (9, 10))
    made(morning)
    assert [s.is_blocked for s in slots_of(morning)] == [False] * 4 + [True] * 4


def test_longer_visits_are_cut_anew_around_booked_ones(morning: World) -> None:
    """15 to 20 minutes: 09:00, 09:20 and 09:40, but what overlaps the booked 09:15 is not made."""
    made(morning)
    visit = booked(morning, slots_of(morning)[1])
    change(morning, consultation_duration_minutes=20)
    made(morning)
    usable = [s for s in slots_of(morning, is_blocked=False) if s.id != visit.id]
    assert [(f"{s.slot_time:%H:%M}", s.duration_minutes) for s in usable] == [("09:40", 20)]
    assert untouched(morning, visit)


def test_longer_visits_use_the_whole_morning(morning: World) -> None:
    made(morning)
    change(morning, consultation_duration_minutes=20)
    made(morning)
    usable = slots_of(morning, is_blocked=False)
    assert [(f"{s.slot_time:%H:%M}", s.duration_minutes) for s in usable] == [
        ("09:00", 20), ("09:20", 20), ("09:40", 20),
    ]  # fmt: skip


def test_visits_of_another_length_come_back(morning: World) -> None:
    """To 20 minutes and back to 15: four visits again, none of them overlapping the booked one."""
    made(morning)
    change(morning, consultation_duration_minutes=20)
    made(morning)
    visit = booked(morning, slots_of(morning, is_blocked=False)[1])
    change(morning, consultation_duration_minutes=15)
    made(morning)
    usable = [s for s in slots_of(morning, is_blocked=False) if s.id != visit.id]
    assert [(f"{s.slot_time:%H:%M}", s.duration_minutes) for s in usable] == [
        ("09:00", 15), ("09:45", 15),
    ]  # fmt: skip
    assert untouched(morning, visit)


def test_hours_begin_and_end_with_their_dates(morning: World) -> None:
    with morning.as_owner():
        WorkingHours.objects.using("owner").filter(doctor=morning.doctor).update(
            effective_from=DAY, effective_to=DAY + dt.timedelta(days=1)
        )
    assert made(morning, DAY - dt.timedelta(days=7), DAY + dt.timedelta(days=7)) == 8
    assert {s.slot_date for s in slots_of(morning)} == {DAY, DAY + dt.timedelta(days=1)}


def test_an_inactive_doctor_has_no_time(morning: World) -> None:
    made(morning)
    change(morning, is_active=False)
    assert made(morning) == 0
    assert open_times(morning) == []


def test_who_may_make_slots(morning: World, other_world: World) -> None:
    for user, role in ((morning.bob, "staff"), (morning.chen, "doctor"), (morning.dana, "patient")):
        with pytest.raises(Exception, match="permission denied"), morning.as_user(user, role):
            generate_slots(doctor_id=morning.doctor.id, from_date=DAY, to_date=DAY)
    for stranger in (other_world.doctor.id, uuid.uuid4()):
        with pytest.raises(NotFound, match="no such doctor"), morning.as_user(morning.alice):
            generate_slots(doctor_id=stranger, from_date=DAY, to_date=DAY)
    assert slots_of(morning) == slots_of(other_world) == []
    with morning.as_user(morning.alice, "worker"):
        assert generate_slots(doctor_id=morning.doctor.id, from_date=DAY, to_date=DAY) == 4


@pytest.mark.parametrize("days", [-1, 401])
def test_how_many_days(morning: World, days: int) -> None:
    with pytest.raises(DataError):
        made(morning, DAY, DAY + dt.timedelta(days=days))


def test_runs_at_once_make_each_slot_once(morning: World) -> None:
    last = DAY + dt.timedelta(days=9)
    args = [morning.doctor.id, DAY, last]
    with desks(4) as open_desks:
        context = context_of(morning, morning.alice)
        counts = at_once([partial(ask, d, context, MAKE, args) for d in open_desks])
    assert sum(counts) == 40 == len({s.starts_at for s in slots_of(morning)})


def test_a_run_while_all_slots_are_booked_touches_none(morning: World) -> None:
    """Hours are withdrawn while the desk books: what it won stays as booked."""
    last = DAY + dt.timedelta(days=3)
    made(morning, DAY, last)
    slots = slots_of(morning)
    hours(morning)
    args = [morning.doctor.id, DAY, last]
    with desks(9) as (job, *open_desks):
        clerk = context_of(morning, morning.bob)
        answers = at_once([
            partial(ask, job, context_of(morning, morning.alice), MAKE, args),
            *(partial(book, d, clerk, key=str(s.id), slot=s.id, patient=morning.patient.id)
              for d, s in zip(open_desks, slots, strict=False)),
        ])  # fmt: skip
    won = sum(answer["status"] == "success" for answer in answers[1:])
    assert {a.get("code") for a in answers[1:]} <= {None, "slot_blocked", "slot_unavailable"}
    held = slots_of(morning, is_available=False)
    assert (len(held), {s.is_blocked for s in held}) == (won, {False} if won else set())
    assert {s.is_blocked for s in slots_of(morning, is_available=True)} == {True}
