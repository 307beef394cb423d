"""Changing a series: one visit, this and following, or all; each previewed, all or none."""

import datetime as dt
import uuid

import pytest
from django.db import connections

from booking.models import Appointment
from booking.services.appointments import reschedule_appointment
from booking.services.series import move_series
from tests.booking.life import act, agree, history, noon_world, read, slot
from tests.booking.repeats import (
    DAY,
    NINE,
    WEEK,
    a_series,
    booked,
    cancelled,
    clock_change,
    instant,
    looked_at,
    mondays,
    moved,
    moves,
    next_monday,
    take,
    undone,
    visits,
    zone,
)
from tests.factories import PatientFactory, World, make_world


def walls(world: World, made: list[Appointment]) -> list[dt.datetime]:
    """Their times on the clinic's clock."""
    here = zone(world)
    return [
        v.starts_at.astimezone(here).replace(tzinfo=None) for v in visits(world, made[0].series_id)
    ]


def clock(first: dt.date, *days: int, at: dt.time = NINE) -> list[dt.datetime]:
    return [dt.datetime.combine(first + n * DAY, at) for n in days]


def test_this_and_following_to_another_weekday_and_time(world: World) -> None:
    made = a_series(world)
    first = made[0].appointment_date
    rows = moves(world, made[2], "following", weekday=3, at=dt.time(14))
    assert [(row.position, row.state, row.was_at) for row in rows] == [
        (3, "free", made[2].starts_at), (4, "free", made[3].starts_at),
    ]  # fmt: skip
    done = moved(world, made[2], "following", rows, reason="Works on Mondays now")
    assert [number for _, number, _ in done.appointments] == [
        v.appointment_number for v in made[2:]
    ]
    assert walls(world, made) == clock(first, 0, 7) + clock(first, 16, 23, at=dt.time(14))
    for visit in made[2:]:
        (told,) = history(world, visit)
        assert (told.action, told.reason) == ("reschedule", "Works on Mondays now")
        assert slot(world, visit.slot_id).is_available
    assert [read(world, v.pk).version for v in made] == [1, 1, 2, 2]
    agree(world)


def test_all_to_another_doctor(world: World) -> None:
    made = a_series(world)
    other = world.add_doctor(full_name="Dr Other")
    rows = moves(world, made[1], "all", doctor_id=other.pk)
    assert [row.state for row in rows] == ["free"] * 4
    assert moved(world, made[1], "all", rows, doctor_id=other.pk).ok
    now = visits(world, made[0].series_id)
    assert {v.doctor_id for v in now} == {other.pk}
    assert [v.starts_at for v in now] == [v.starts_at for v in made]
    agree(world)


def test_a_series_of_two_weekdays_moves_as_one(world: World) -> None:
    """Monday and Wednesday become Wednesday and Friday, through each other's times."""
    first = next_monday()
    made = a_series(world, mondays(first, 6, weekdays=(1, 3)))
    rows = moves(world, made[0], "all", weekday=3)
    assert [row.state for row in rows] == ["free"] * 6
    assert moved(world, made[0], "all", rows).ok
    assert walls(world, made) == clock(first, 2, 4, 9, 11, 16, 18)
    back = moves(world, visits(world, made[0].series_id)[0], "all", weekday=1)
    assert moved(world, made[0], "all", back).ok
    assert walls(world, made) == clock(first, 0, 2, 7, 9, 14, 16)
    agree(world)


def test_what_cannot_be_had_changes_nothing(world: World) -> None:
    made = a_series(world)
    first = made[0].appointment_date
    with world.as_owner():
        other = PatientFactory(clinic=world.clinic)
    rows = moves(world, made[0], "all", weekday=2)
    take(world, instant(world, first + 8 * DAY), other)
    refused = moved(world, made[0], "all", rows)
    assert (refused.code, refused.http_status) == ("series_conflict", 409)
    assert [(c.appointment_id, c.code) for c in refused.conflicts] == [
        (made[1].pk, "slot_unavailable")
    ]
    assert walls(world, made) == clock(first, 0, 7, 14, 21)
    assert [history(world, v) for v in made] == [[]] * 4
    again = moves(world, made[0], "all", weekday=2)
    assert [row.state for row in again] == ["free", "taken", "free", "free"]
    # Nearest to Tuesday the 8th day: a quarter of an hour later.
    assert again[1].best_at == instant(world, first + 8 * DAY, dt.time(9, 15))
    chosen = [row._replace(starts_at=row.best_at or row.starts_at) for row in again]
    assert moved(world, made[0], "all", chosen).ok
    agree(world)


def test_versions_are_those_that_were_looked_at(world: World) -> None:
    made = a_series(world)
    rows = moves(world, made[0], "all", weekday=2)
    act(world, made[3], "confirm")
    refused = moved(world, made[0], "all", rows)
    assert [(c.appointment_id, c.code) for c in refused.conflicts] == [(made[3].pk, "stale")]
    gone = cancelled(world, made[0], "all", made)
    assert [(c.appointment_id, c.code) for c in gone.conflicts] == [(made[3].pk, "stale")]
    assert {v.status for v in visits(world, made[0].series_id)} == {"scheduled", "confirmed"}
    agree(world)


def backdate(world: World, visit: Appointment, by: dt.timedelta) -> None:
    """The visit, and its slot, so much earlier."""
    with world.as_owner(), connections["owner"].cursor() as cursor:
        for table, where in (("appointments", "id"), ("appointment_slots", "appointment_id")):
            cursor.execute(
                f"update clinic.{table} set starts_at = starts_at - %s, ends_at = ends_at - %s"
                f" where {where} = %s",
                [by, by, visit.pk],
            )


def test_what_is_past_or_finished_is_never_touched(world: World) -> None:
    made = a_series(world)
    backdate(world, made[0], 10 * WEEK)
    assert cancelled(world, made[1], "all", [made[1]]).ok
    left = [made[2].pk, made[3].pk]
    assert [row.appointment_id for row in moves(world, made[0], "all", weekday=2)] == left
    for some in ([made[0], made[2]], [read(world, made[1].pk), made[2]]):
        refused = cancelled(world, made[2], "all", some)
        assert [(c.appointment_id, c.code) for c in refused.conflicts] == [
            (some[0].pk, "bad_transition")
        ]
    row = moves(world, made[2], "all", weekday=2)[0]
    forced = moved(world, made[2], "all", [row._replace(appointment_id=made[0].pk, version=1)])
    assert [c.code for c in forced.conflicts] == ["bad_transition"]
    assert read(world, made[0].pk).version == 1
    agree(world)


def test_who_has_arrived_stays(world: World) -> None:
    here = noon_world()
    made = a_series(here, mondays(dt.datetime.now(zone(here)).date(), 3, at=dt.time(16)))
    assert act(here, made[0], "check_in").ok
    rows = moves(here, made[0], "all", at=dt.time(15))
    assert [row.appointment_id for row in rows] == [made[1].pk, made[2].pk]


def test_following_reaches_no_earlier_and_no_other_visit(world: World) -> None:
    made = a_series(world)
    others = a_series(world, mondays(next_monday(), 2, at=dt.time(11)))
    for scope, some in (("following", made[:2]), ("all", [made[1], others[0]])):
        refused = cancelled(world, made[1], scope, some)
        assert refused.code == "appointment_not_found"
    assert cancelled(world, made[1], "everything", made).code == "invalid_input"
    assert {v.status for v in visits(world, made[0].series_id)} == {"scheduled"}


def test_cancelled_from_one_on(world: World) -> None:
    made = a_series(world)
    done = cancelled(world, made[1], "following", made[1:], initiator="patient")
    assert [position for _, _, position in done.appointments] == [2, 3, 4]
    now = visits(world, made[0].series_id)
    assert [v.status for v in now] == ["scheduled"] + ["cancelled"] * 3
    assert {v.cancellation_reason for v in now[1:]} == {"Moving away"}
    assert {history(world, v)[0].initiator for v in now[1:]} == {"patient"}
    assert all(slot(world, v.slot_id).is_available for v in now[1:])
    assert cancelled(world, made[0], "all", [made[0]], reason="  ").code == "invalid_input"
    agree(world)


def test_one_press_takes_back_the_whole_change(world: World) -> None:
    made = a_series(world)
    first = made[0].appointment_date
    assert moved(world, made[1], "following", moves(world, made[1], "following", weekday=4)).ok
    assert walls(world, made) == clock(first, 0, 10, 17, 24)
    back = undone(world, read(world, made[2].pk), idempotency_key="u")
    assert [position for _, _, position in back.appointments] == [2, 3, 4]
    again = undone(world, read(world, made[2].pk), idempotency_key="u", version=2)
    assert (again.idempotent, again.appointments) == (True, back.appointments)
    assert walls(world, made) == clock(first, 0, 7, 14, 21)
    assert [h.action for h in history(world, made[3])] == ["reschedule", "undo"]
    assert undone(world, read(world, made[2].pk)).code == "bad_transition"
    agree(world)


def test_a_cancelled_series_comes_back(world: World) -> None:
    made = a_series(world)
    assert cancelled(world, made[0], "all", made).ok
    assert undone(world, read(world, made[0].pk)).ok
    now = visits(world, made[0].series_id)
    assert [(v.status, v.slot_id, v.version) for v in now] == [
        ("scheduled", v.slot_id, 3) for v in made
    ]
    agree(world)


def test_what_was_changed_since_is_left_out_of_the_undo(world: World) -> None:
    made = a_series(world)
    first = made[0].appointment_date
    assert moved(world, made[0], "all", moves(world, made[0], "all", weekday=2)).ok
    assert act(world, made[1], "confirm").ok
    assert undone(world, read(world, made[0].pk)).ok
    assert walls(world, made) == clock(first, 0, 8, 14, 21)
    assert undone(world, made[0]).code == "stale"
    assert undone(world, read(world, made[1].pk)).code == "bad_transition"


def test_an_undo_whose_time_is_taken_changes_nothing(world: World) -> None:
    made = a_series(world)
    with world.as_owner():
        other = PatientFactory(clinic=world.clinic)
    assert cancelled(world, made[0], "all", made).ok
    take(world, made[2].starts_at, other)
    refused = undone(world, read(world, made[0].pk))
    assert [(c.appointment_id, c.code) for c in refused.conflicts] == [
        (made[2].pk, "slot_unavailable")
    ]
    assert {v.status for v in visits(world, made[0].series_id)} == {"cancelled"}
    agree(world)


def test_the_same_key_moves_once(world: World) -> None:
    made = a_series(world)
    rows = moves(world, made[0], "all", weekday=2)
    done = moved(world, made[0], "all", rows, idempotency_key="k")
    again = moved(world, made[0], "all", rows, idempotency_key="k")
    assert (done.idempotent, again.idempotent) == (False, True)
    assert done.appointments == again.appointments
    assert len(history(world, made[0])) == 1
    assert moved(world, made[0], "all", rows[1:], idempotency_key="k").code == (
        "idempotency_mismatch"
    )
    gone = [read(world, v.pk) for v in made]
    first, second = (cancelled(world, made[0], "all", gone, idempotency_key="k") for _ in range(2))
    assert (first.idempotent, second.idempotent) == (False, True)
    assert first.appointments == second.appointments


def test_one_that_is_there_already_stays(world: World) -> None:
    made = a_series(world)
    row = moves(world, made[1], "all", weekday=3)[1]
    with world.as_user(world.bob):
        assert move_series(
            idempotency_key="one", appointment_id=made[1].pk, scope="all",
            visits=[(row.appointment_id, row.version, row.starts_at)],
        ).ok  # fmt: skip
    rows = moves(world, made[0], "all", weekday=3)
    assert [row.state for row in rows] == ["free", "same", "free", "free"]
    assert moved(world, made[0], "all", rows).ok
    assert [read(world, v.pk).version for v in made] == [2, 2, 2, 2]
    agree(world)


def test_one_visit_moves_as_any_other(world: World) -> None:
    made = a_series(world)
    (target,) = looked_at(world, mondays(made[1].appointment_date + DAY, 1))
    other = booked(world, mondays(made[1].appointment_date + DAY, 1), [target.starts_at],
                   patient_id=world.patient.id)  # fmt: skip
    free = visits(world, other.series_id)[0]
    assert cancelled(world, free, "all", [free]).ok
    with world.as_user(world.bob):
        assert reschedule_appointment(
            idempotency_key=str(uuid.uuid4()), appointment_id=made[1].pk, slot_id=free.slot_id
        ).ok
    now = read(world, made[1].pk)
    assert (now.series_position, now.starts_at) == (2, target.starts_at)


@pytest.mark.parametrize("zone_name", ["Europe/London", "America/New_York"])
def test_a_move_keeps_the_wall_clock_across_a_zone_change(zone_name: str) -> None:
    world = make_world(time_zone=zone_name)
    change = clock_change(world, next_monday(3))
    first = change - dt.timedelta(change.weekday()) - 2 * WEEK
    made = a_series(world, mondays(first, 5))
    assert moved(world, made[0], "all", moves(world, made[0], "all", at=dt.time(15))).ok
    assert walls(world, made) == clock(first, 0, 7, 14, 21, 28, at=dt.time(15))
    offsets = {
        v.starts_at.astimezone(zone(world)).utcoffset() for v in visits(world, made[0].series_id)
    }
    assert len(offsets) == 2
