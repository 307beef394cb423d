"""Hours that change: odd and even weeks, buffers, breaks, single days, previews, what is left."""

import datetime as dt
import json
import uuid
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connections

from booking.hours import (
    CalendarOutcome,
    change_calendar,
    planned_changes,
    planned_week,
    save_hours,
    uncovered_visits,
)
from booking.models import Appointment, AppointmentSlot
from booking.services.appointments import book_appointment
from clinic.errors import NotAllowed
from clinic.models import Doctor, DoctorLeave, ExtraSession, Holiday, WorkingHours
from tests.booking.hours import MONDAY, SATURDAY, TODAY, calendar, rows, slots, stamp, visit
from tests.booking.life import act
from tests.factories import DoctorFactory, World, make_world
from tests.races import ask, at_once, context_of, desks

EVERY = range(1, 8)
TODAY_THERE = (dt.datetime.now(dt.UTC) + dt.timedelta(hours=8)).date()  # in Singapore


def week(*shifts: tuple[str, str], weekdays: Any = EVERY, **more: Any) -> list[dict[str, Any]]:
    return [
        {"weekday": day, "starts": starts, "ends": ends, "every_weeks": 1, "week_of": None, **more}
        for day in weekdays
        for starts, ends in shifts
    ]


def plan(hours: list[dict[str, Any]], **changed: Any) -> dict[str, Any]:
    """A whole plan from the Monday on, as the doctor is but for what is changed."""
    return {
        "from": MONDAY.isoformat(), "until": None, "hours": hours, "breaks": [], "minutes": 15,
        "before": 0, "after": 0, "lead": 0, "ahead": 30, "daily": 40,
    } | changed  # fmt: skip


def save(
    world: World, hours: list[dict[str, Any]], *, who: Any = None, preview: bool = False,
    seen: str = "", role: str | None = None, **changed: Any,
) -> CalendarOutcome:  # fmt: skip
    seen = seen or stamp(world)
    with world.as_user(who or world.alice, role):
        return save_hours(
            doctor_id=world.doctor.id, stamp=seen, plan=plan(hours, **changed), preview=preview
        )


def test_a_split_shift_with_a_break(world: World) -> None:
    made = save(
        world, week(("09:00", "10:00"), ("14:00", "15:00")),
        breaks=[{"starts": "09:30", "ends": "09:40"},
                {"starts": "14:00", "ends": "14:15", "weekday": 2}],
    )  # fmt: skip
    assert made.ok
    assert not made.idempotent
    assert slots(world, MONDAY) == ["09:00", "09:15", "09:45", "14:00", "14:15", "14:30", "14:45"]
    tuesday = MONDAY + dt.timedelta(days=1)
    assert slots(world, tuesday) == ["09:00", "09:15", "09:45", "14:15", "14:30", "14:45"]
    # Before that Monday the old hours stand; breaks have no dates and count at once.
    sunday = slots(world, MONDAY - dt.timedelta(days=1))
    assert (len(sunday), sunday[-1], "09:30" in sunday) == (31, "16:45", False)


def test_buffers_are_kept_on_both_sides(world: World) -> None:
    """10 before and 5 after visits of 15: from 09:10 on, half an hour apart, ended by 11:00."""
    assert save(world, week(("09:00", "11:00")), before=10, after=5).ok
    assert slots(world, MONDAY) == ["09:10", "09:40", "10:10", "10:40"]
    assert save(world, week(("09:00", "11:00")), before=0, after=15).ok
    assert slots(world, MONDAY) == ["09:00", "09:30", "10:00", "10:30"]


def test_new_slots_keep_their_distance_from_what_is_booked(world: World) -> None:
    assert save(world, week(("09:00", "10:30"))).ok
    booked = visit(world, MONDAY, dt.time(9, 45))
    assert save(world, week(("09:00", "10:30")), after=15).ok
    assert slots(world, MONDAY, is_available=True) == ["09:00"]  # 09:30 and 10:00 are too near
    assert booked.starts_at == visit_now(world, booked).starts_at


def visit_now(world: World, visit: Appointment) -> Appointment:
    with world.as_owner():
        return Appointment.objects.using("owner").get(pk=visit.pk)


@pytest.mark.parametrize("every", [2, 3, 4])
def test_every_so_many_weeks_counted_from_one(world: World, every: int) -> None:
    """Also over the end of a year of 53 weeks, as 2026 is: the count goes on."""
    anchor = dt.date(2026, 12, 31)  # a Thursday in week 53
    with world.as_owner():
        WorkingHours.objects.using("owner").filter(doctor=world.doctor).delete()
        WorkingHours.objects.using("owner").create(
            clinic=world.clinic, doctor=world.doctor, weekday=7, starts=dt.time(9),
            ends=dt.time(10), every_weeks=every, week_of=anchor,
            effective_from=dt.date(2026, 10, 1),
        )  # fmt: skip
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "select booking.generate_slots(%s, '2026-10-01', '2027-03-31')", [world.doctor.id]
            )
        found = AppointmentSlot.objects.using("owner").filter(clinic_id=world.id)
        days = sorted(set(found.values_list("slot_date", flat=True)))
    sunday = dt.date(2027, 1, 3)  # the Sunday of that week
    assert sunday in days
    assert {(day - sunday).days % (7 * every) for day in days} == {0}
    assert len(days) == len(range(-(94 // (7 * every)), 87 // (7 * every) + 1))


def test_odd_and_even_weeks_may_share_an_hour_and_no_week_is_worked_twice(world: World) -> None:
    later = MONDAY + dt.timedelta(days=7)
    odd = week(("09:00", "10:00"), weekdays=[1], every_weeks=2, week_of=MONDAY.isoformat())
    even = week(("09:30", "11:00"), weekdays=[1], every_weeks=2, week_of=later.isoformat())
    assert save(world, odd + even).ok
    assert slots(world, MONDAY) == ["09:00", "09:15", "09:30", "09:45"]
    assert slots(world, later) == ["09:30", "09:45", "10:00", "10:15", "10:30", "10:45"]
    third = week(("09:45", "10:15"), weekdays=[1], every_weeks=3, week_of=MONDAY.isoformat())
    refused = save(world, odd + third)
    assert (refused.code, refused.http_status) == ("times_overlap", 422)
    assert slots(world, MONDAY) == ["09:00", "09:15", "09:30", "09:45"]


@pytest.mark.parametrize(
    ("one", "other", "clash"),
    [
        ((1, "22:00", "02:00"), (2, "01:00", "03:00"), True),
        ((1, "22:00", "02:00"), (2, "02:00", "03:00"), False),
        ((7, "22:00", "02:00"), (1, "01:30", "03:00"), True),  # from one week into the next
        ((7, "22:00", "00:00"), (1, "00:00", "03:00"), False),
        ((3, "09:00", "09:00"), (3, "23:00", "23:30"), False),  # hours of no length are none
    ],
)
def test_nights_overlap_what_comes_after_midnight(
    world: World, one: Any, other: Any, clash: bool
) -> None:
    with world.as_owner():
        WorkingHours.objects.using("owner").filter(doctor=world.doctor).delete()

    def add(weekday: int, starts: str, ends: str) -> None:
        with world.as_owner():
            WorkingHours.objects.using("owner").create(
                clinic=world.clinic, doctor=world.doctor, weekday=weekday, starts=starts,
                ends=ends, effective_from=MONDAY,
            )  # fmt: skip

    if one[1] == one[2]:
        with pytest.raises(IntegrityError, match="doctor_working_hours_times"):
            add(*one)
        return
    add(*one)
    if clash:
        with pytest.raises(IntegrityError, match="doctor_working_hours_overlap"):
            add(*other)
    else:
        add(*other)


def test_a_preview_shows_what_saving_makes_and_changes_nothing(world: World) -> None:
    world.make_slots(days=40)
    before, kept = rows(world), stamp(world)
    hours = week(("09:00", "10:00"), weekdays=[1, 3])
    shown = save(world, hours, preview=True, minutes=20)
    assert shown.ok
    assert not shown.idempotent
    assert (rows(world), stamp(world)) == (before, kept)
    assert len(slots(world, MONDAY)) == 32
    saved = save(world, hours, seen=kept, minutes=20)
    assert (saved.days, saved.was, saved.uncovered) == (shown.days, shown.was, shown.uncovered)
    assert (shown.first, shown.last) == (TODAY_THERE, MONDAY + dt.timedelta(days=55))
    assert len(shown.was) == (MONDAY - TODAY_THERE).days + 56
    assert {d.slots for d in shown.was.values()} == {32}
    changed = {d for d in shown.days if d >= MONDAY}
    assert {d.weekday() for d in changed} == {0, 2}
    assert len(changed) == 16
    hours_only = save(world, week(("09:00", "10:00")), preview=True, minutes=20)
    assert (hours_only.first, len(hours_only.was), len(hours_only.days)) == (MONDAY, 16, 56)
    day = shown.days[MONDAY]
    assert (day.slots, [b - a for a, b in day.spans]) == (3, [dt.timedelta(hours=1)])
    within = [d for d in changed if d <= TODAY + dt.timedelta(days=40)]
    assert within
    assert all(len(slots(world, d)) == 3 for d in within)


def test_hours_from_one_day_to_another_and_back(world: World) -> None:
    """Summer hours of a week: what was before and comes after stays, each in rows of its own."""
    until = MONDAY + dt.timedelta(days=6)
    assert save(world, week(("12:00", "13:00"), weekdays=[1]), until=until.isoformat()).ok
    eve, after = MONDAY - dt.timedelta(days=1), until + dt.timedelta(days=1)
    nine, five = dt.time(9), dt.time(17)
    long = [(n, nine, five, dt.date(2020, 1, 1), eve) for n in EVERY]
    again = [(n, nine, five, after, None) for n in EVERY]
    short = [(1, dt.time(12), dt.time(13), MONDAY, until)]
    assert rows(world) == sorted(long + again + short, key=str)
    with world.as_user(world.alice):
        about: dict[str, Any] = {"clinic_id": world.id, "doctor_id": world.doctor.id}
        assert [w.starts for w in planned_week(day=MONDAY, **about)] == [dt.time(12)]
        assert len(planned_week(day=after, **about)) == 7
        assert planned_changes(day=TODAY, **about) == [MONDAY, after]
    # Saving for good from the Monday on withdraws what was planned after it.
    assert save(world, week(("09:00", "17:00"))).ok
    assert rows(world) == sorted(long + [(n, nine, five, MONDAY, None) for n in EVERY], key=str)


def test_the_same_again_does_nothing_and_a_stale_form_is_told(world: World) -> None:
    seen = stamp(world)
    hours = week(("09:00", "12:00"))
    assert not save(world, hours, seen=seen).idempotent
    kept = rows(world)
    again = save(world, hours, seen=seen)
    assert again.ok
    assert again.idempotent
    assert rows(world) == kept
    stale = save(world, week(("10:00", "12:00")), seen=seen)
    assert (stale.code, stale.http_status, rows(world)) == ("stale", 409, kept)
    stale = save(world, hours, seen=seen, daily=5)
    assert (stale.code, rows(world)) == ("stale", kept)
    with world.as_owner():
        assert Doctor.objects.using("owner").get(pk=world.doctor.pk).max_daily_appointments == 40


SAVE = "select booking.save_hours(%s, %s, %s::jsonb)"


def test_of_two_savers_one_is_told(world: World) -> None:
    seen = stamp(world)
    context = context_of(world, world.alice)
    with desks(4) as open_desks:
        answers = at_once([
            partial(ask, desk, context, SAVE,
                    [world.doctor.id, seen, json.dumps(plan(week((f"0{n}:00", "12:00"))))])
            for n, desk in enumerate(open_desks, 6)
        ])  # fmt: skip
    assert sorted(a.get("code", "ok") for a in answers) == ["ok", "stale", "stale", "stale"]
    assert len({row[1] for row in rows(world) if row[4] is None}) == 1


def test_withdrawn_hours_leave_visits_and_list_them(world: World) -> None:
    """Never refused, never cancelled: each visit outside is listed until it is moved or covered."""
    world.make_slots(days=15)
    inside = visit(world, MONDAY, dt.time(9))
    late = visit(world, MONDAY, dt.time(15))
    over_lunch = visit(world, MONDAY, dt.time(12))
    hours = week(("09:00", "14:00"))
    lunch = [{"starts": "12:00", "ends": "13:00"}]
    shown = save(world, hours, breaks=lunch, preview=True)
    assert shown.uncovered == [over_lunch.pk, late.pk]
    saved = save(world, hours, breaks=lunch)
    assert saved.ok
    assert saved.uncovered == shown.uncovered
    for one in (inside, late, over_lunch):
        now = visit_now(world, one)
        assert (now.status, now.starts_at, now.version) == ("scheduled", one.starts_at, 1)
    with world.as_user(world.bob):
        listed = uncovered_visits(clinic_id=world.id)
    assert [(v.id, v.patient, v.doctor) for v in listed] == [
        (over_lunch.pk, "Dana Doe", "Dr Chen"), (late.pk, "Dana Doe", "Dr Chen"),
    ]  # fmt: skip
    assert "15:00" in slots(world, MONDAY)
    assert "15:15" not in slots(world, MONDAY)
    assert act(world, late, "confirm").ok  # it is an appointment like any other
    assert save(world, week(("09:00", "17:00"))).uncovered == []


def test_who_may_save_hours(world: World, other_world: World) -> None:
    hours = week(("09:00", "12:00"))
    assert save(world, hours, who=world.chen).ok
    with world.as_owner():
        theirs = DoctorFactory(clinic=world.clinic)
    seen = stamp(world)
    with world.as_user(world.chen):
        refused = save_hours(doctor_id=theirs.id, stamp=seen, plan=plan(hours))
    assert (refused.code, refused.http_status) == ("not_allowed", 403)
    for user in (world.bob, world.nur, world.dana):
        with pytest.raises(Exception, match="permission denied"):
            save(world, hours, who=user, seen=seen)
    for stranger in (other_world.doctor.id, uuid.uuid4()):
        with world.as_user(world.alice):
            missing = save_hours(doctor_id=stranger, stamp=seen, plan=plan(hours))
        assert (missing.code, missing.http_status) == ("doctor_not_found", 404)
    with pytest.raises(Exception, match="permission denied"), world.as_user(world.nur):
        uncovered_visits(clinic_id=world.id)
    with pytest.raises((NotAllowed, DatabaseError)), world.as_user(world.dana):
        uncovered_visits(clinic_id=world.id)


def test_a_doctor_sees_only_the_own_uncovered_visits(world: World) -> None:
    world.make_slots(days=15)
    mine = visit(world, MONDAY, dt.time(15))
    assert save(world, week(("09:00", "12:00"))).ok
    with world.as_user(world.chen):
        assert [v.id for v in uncovered_visits(clinic_id=world.id)] == [mine.pk]
    with world.as_owner():
        Doctor.objects.using("owner").filter(pk=world.doctor.pk).update(user=None)
    with world.as_user(world.chen):
        assert uncovered_visits(clinic_id=world.id) == []


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"from": (TODAY - dt.timedelta(days=2)).isoformat()}, "invalid_input"),
        ({"from": None}, "invalid_input"),
        ({"from": "soon"}, "invalid_input"),
        ({"until": (MONDAY - dt.timedelta(days=1)).isoformat()}, "invalid_input"),
        ({"hours": None}, "invalid_input"),
        ({"hours": week(("09:00", "09:00"))}, "invalid_input"),
        ({"hours": week(("09:00", "10:00"), weekdays=[8])}, "invalid_input"),
        ({"hours": week(("25:00", "10:00"))}, "invalid_input"),
        ({"hours": week(("09:00", "10:00"), every_weeks=0)}, "invalid_input"),
        ({"hours": week(("09:00", "10:00"), every_weeks=5)}, "invalid_input"),
        ({"hours": week(("09:00", "10:00"), every_weeks=2)}, "invalid_input"),
        ({"hours": week(("09:00", "10:00"), ("09:59", "11:00"))}, "times_overlap"),
        ({"breaks": [{"starts": "13:00", "ends": "12:00"}]}, "invalid_input"),
        ({"breaks": "lunch"}, "invalid_input"),
        ({"minutes": 0}, "invalid_input"),
        ({"before": -1}, "invalid_input"),
        ({"lead": 43201}, "invalid_input"),
        ({"daily": None}, "invalid_input"),
    ],
)
def test_what_hours_cannot_be(world: World, changed: dict[str, Any], code: str) -> None:
    before = (rows(world), stamp(world))
    made = save(world, changed.pop("hours", week(("09:00", "12:00"))), **changed)
    assert made.code == code
    assert (rows(world), stamp(world)) == before


@pytest.mark.parametrize(
    "breaks",
    ['[{"starts": "soon", "ends": "later"}]', '[{"starts": "12:00"}]', "[1]", '{"a": 1}', "[[]]",
     '[{"starts": "12:00", "ends": "13:00", "weekday": 8}]',
     '[{"starts": "24:00", "ends": "24:30"}]', '[{"starts": "12:30", "ends": "12:30"}]'],
)  # fmt: skip
def test_the_database_reads_no_break_that_it_cannot_keep(world: World, breaks: str) -> None:
    with world.as_owner(), connections["owner"].cursor() as cursor:
        with pytest.raises(IntegrityError, match=r"doctors_breaks|doctors_json"):
            cursor.execute("update clinic.doctors set break_times = %s", [breaks])
        connections["owner"].needs_rollback = True


OPEN = {"day": SATURDAY, "starts": "10:00", "ends": "11:00", "reason": "Flu jabs"}


@pytest.fixture
def weekdays(world: World) -> World:
    """Monday to Friday, 09:00 to 10:00."""
    assert save(world, week(("09:00", "10:00"), weekdays=range(1, 6))).ok
    return world


def test_one_extra_saturday(weekdays: World) -> None:
    assert slots(weekdays, SATURDAY) == []
    kept, pk = rows(weekdays), uuid.uuid4()
    shown = calendar(weekdays, "session", OPEN, preview=True)
    assert (shown.days[SATURDAY].slots, slots(weekdays, SATURDAY)) == (4, [])
    made = calendar(weekdays, "session", OPEN, pk=pk)
    assert made.days == shown.days
    assert SATURDAY not in made.was
    assert slots(weekdays, SATURDAY) == ["10:00", "10:15", "10:30", "10:45"]
    assert rows(weekdays) == kept
    assert calendar(weekdays, "session", OPEN, pk=pk).idempotent
    other = OPEN | {"ends": "12:00"}
    assert calendar(weekdays, "session", other, pk=pk).code == "idempotency_mismatch"
    assert calendar(weekdays, "session", other).code == "times_overlap"
    booked = visit(weekdays, SATURDAY, dt.time(10, 15))
    gone = calendar(weekdays, "session", None, pk=pk)
    assert gone.ok
    assert gone.uncovered == [booked.pk]
    assert slots(weekdays, SATURDAY) == ["10:15"]
    assert calendar(weekdays, "session", None, pk=pk).idempotent


def test_an_extra_session_adds_only_what_the_hours_leave(weekdays: World) -> None:
    """09:40 to 10:30 beside 09:00 to 10:00: half an hour more, and nothing twice."""
    values = OPEN | {"day": MONDAY, "starts": "09:40", "ends": "10:30"}
    assert calendar(weekdays, "session", values).ok
    assert slots(weekdays, MONDAY) == ["09:00", "09:15", "09:30", "09:45", "10:00", "10:15"]


def test_a_holiday_closes_the_clinic_and_beats_an_extra_session(weekdays: World) -> None:
    with weekdays.as_owner():
        second = DoctorFactory(clinic=weekdays.clinic, full_name="Dr Two")
        WorkingHours.objects.using("owner").create(
            clinic=weekdays.clinic, doctor=second, weekday=1, starts=dt.time(9),
            ends=dt.time(10), effective_from=dt.date(2020, 1, 1),
        )  # fmt: skip
        with connections["owner"].cursor() as cursor:
            cursor.execute("select booking.generate_slots(%s, %s, %s)", [second.id, MONDAY, MONDAY])
    booked = visit_with(weekdays, MONDAY, second)
    days = {"first_day": MONDAY, "last_day": SATURDAY, "name": "New year"}
    assert calendar(weekdays, "session", OPEN).ok
    pk = uuid.uuid4()
    assert calendar(weekdays, "holiday", days, pk=pk, preview=True).uncovered == [booked]
    made = calendar(weekdays, "holiday", days, pk=pk)
    assert made.uncovered == [booked]
    assert slots(weekdays, MONDAY) == slots(weekdays, SATURDAY) == []
    assert len(slots(weekdays, MONDAY + dt.timedelta(days=7))) == 4
    with weekdays.as_owner():
        AppointmentSlot.objects.using("owner").filter(
            doctor=weekdays.doctor, slot_date=MONDAY
        ).update(is_blocked=False)  # as one that nobody has blocked yet
    with weekdays.as_user(weekdays.bob):
        free = AppointmentSlot.objects.filter(doctor=weekdays.doctor, slot_date=MONDAY).last()
        assert free
        refused = book_appointment(
            idempotency_key="closed", user_id=weekdays.bob.id, clinic_id=weekdays.id,
            slot_id=free.pk, patient_id=weekdays.patient.id,
        )  # fmt: skip
    assert refused.code == "doctor_unavailable"
    clash = calendar(weekdays, "holiday", days | {"first_day": SATURDAY})
    assert (clash.code, clash.http_status) == ("times_overlap", 422)
    assert calendar(weekdays, "holiday", None, pk=pk).uncovered == []
    assert len(slots(weekdays, MONDAY)) == len(slots(weekdays, SATURDAY)) == 4
    assert calendar(weekdays, "holiday", days).ok  # it can be had again


def visit_with(world: World, day: dt.date, doctor: Doctor) -> Any:
    with world.as_owner():
        slot = AppointmentSlot.objects.using("owner").filter(doctor=doctor, slot_date=day)[0]
    with world.as_user(world.bob):
        made = book_appointment(
            idempotency_key=str(slot.pk), user_id=world.bob.id, clinic_id=world.id,
            slot_id=slot.pk, patient_id=world.patient.id,
        )  # fmt: skip
    assert made.ok
    return made.appointment_id


def test_leave_by_the_wall_clock(weekdays: World) -> None:
    booked = visit(weekdays, MONDAY, dt.time(9, 30))
    values = {"starts": f"{MONDAY}T09:15", "ends": f"{MONDAY}T12:00", "reason": "Course"}
    pk = uuid.uuid4()
    made = calendar(weekdays, "leave", values, pk=pk, who=weekdays.chen)
    assert made.uncovered == [booked.pk]
    assert slots(weekdays, MONDAY) == ["09:00", "09:30"]
    assert calendar(weekdays, "leave", None, pk=pk, who=weekdays.chen).uncovered == []
    assert slots(weekdays, MONDAY) == ["09:00", "09:15", "09:30", "09:45"]


def test_who_may_change_the_calendar(weekdays: World, other_world: World) -> None:
    holiday = {"first_day": SATURDAY, "last_day": SATURDAY, "name": "Closed"}
    assert calendar(weekdays, "holiday", holiday, who=weekdays.chen).code == "not_allowed"
    for user in (weekdays.bob, weekdays.nur, weekdays.dana):
        with pytest.raises(Exception, match="permission denied"):
            calendar(weekdays, "session", OPEN, who=user)
    for stranger in (other_world.doctor.id, uuid.uuid4()):
        made = calendar(weekdays, "session", OPEN | {"doctor_id": stranger})
        assert made.code == "doctor_not_found"
    with weekdays.as_owner():
        colleague = DoctorFactory(clinic=weekdays.clinic)
    theirs = OPEN | {"doctor_id": colleague.id}
    assert calendar(weekdays, "session", theirs, who=weekdays.chen).code == "not_allowed"
    mine = uuid.uuid4()
    assert calendar(weekdays, "session", OPEN, pk=mine).ok
    for kind, pk in (("session", uuid.uuid4()), ("holiday", mine), ("leave", mine)):
        assert calendar(weekdays, kind, None, pk=pk).code == "day_not_found"
    with other_world.as_user(other_world.alice):
        gone = change_calendar(kind="session", entry_id=mine, values=None)
    assert gone.code == "day_not_found"


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("party", OPEN),
        ("session", OPEN | {"day": "2020-01-01"}),
        ("session", OPEN | {"ends": "10:00"}),
        ("session", OPEN | {"starts": None}),
        ("session", OPEN | {"reason": "x" * 256}),
        ("holiday", {"first_day": SATURDAY, "last_day": MONDAY, "name": "x"}),
        ("holiday", {"first_day": SATURDAY, "last_day": SATURDAY, "name": " "}),
        ("holiday", {"first_day": "2020-01-01", "last_day": "2020-01-02", "name": "x"}),
        ("leave", {"starts": f"{MONDAY}T09:00", "ends": f"{MONDAY}T09:00"}),
        ("leave", {"starts": "never", "ends": f"{MONDAY}T09:00"}),
    ],
)
def test_what_a_day_cannot_be(weekdays: World, kind: str, values: dict[str, Any]) -> None:
    assert calendar(weekdays, kind, values).code == "invalid_input"
    with weekdays.as_owner():
        for model in (ExtraSession, Holiday, DoctorLeave):
            assert not model.objects.using("owner").filter(clinic_id=weekdays.id).exists()


def test_an_extra_session_over_midnight_into_a_new_year() -> None:
    """23:55 and 30 minutes: one slot, which ends on the next day, and has its visit (B39)."""
    world = make_world()
    year = TODAY.year + 1
    eve = dt.date(year, 12, 31)
    values = {"day": eve, "starts": "23:55", "ends": "00:25"}
    assert save(world, [], minutes=30).ok
    assert calendar(world, "session", values).ok
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute("select booking.generate_slots(%s, %s, %s)", [world.doctor.id, eve, eve])
    made = visit(world, eve, dt.time(23, 55))
    assert made.ends_at - made.starts_at == dt.timedelta(minutes=30)
    assert (made.appointment_date, made.appointment_time) == (eve, dt.time(23, 55))
    ends = made.ends_at.astimezone(dt.timezone(dt.timedelta(hours=8)))
    assert ends.isoformat() == f"{year + 1}-01-01T00:25:00+08:00"
