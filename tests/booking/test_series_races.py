"""Series at the same moment as others: no double, no deadlock, all of a series or none."""

import datetime as dt
from collections import Counter
from functools import partial
from typing import Any

from django.db import connections

from booking.models import Appointment, AppointmentSlot
from clinic.models import Patient
from tests.booking.life import agree
from tests.booking.repeats import (
    NINE,
    WEEK,
    a_series,
    instant,
    looked_at,
    mondays,
    moves,
    next_monday,
    visits,
)
from tests.factories import PatientFactory, World
from tests.races import Connection, ask, at_once, book, context_of, desks, in_turn

BOOK = (
    "select booking.book_series(%s, %s, %s, 1, %s::smallint[], %s, %s, %s, null, %s::timestamptz[])"
)
MOVE = "select booking.move_series(%s, %s, 'all', null, %s::uuid[], %s::int[], %s::timestamptz[])"
ROUNDS = 2


def series(
    line: Connection, context: Any, key: str, patient: Any, doctor: Any, starts: list[dt.datetime]
) -> Any:
    first = starts[0].date()
    values = [key, patient, doctor, [first.isoweekday()], first, NINE, len(starts), starts]
    return ask(line, context, BOOK, values)


def people(world: World, count: int) -> list[Patient]:
    with world.as_owner():
        return list(PatientFactory.create_batch(count, clinic=world.clinic))


def told(answers: list[Any]) -> Counter[str]:
    return Counter(answer.get("code") or answer["status"] for answer in answers)


def times(world: World, count: int = 6, weeks: int = 1) -> list[dt.datetime]:
    return [row.starts_at for row in looked_at(world, mondays(next_monday(weeks), count))]


def whole(world: World) -> list[Appointment]:
    """What stands; every series has all its visits, and no time has two."""
    with world.as_owner():
        rows = list(Appointment.objects.using("owner").filter(clinic_id=world.id))
    for group in {row.series_id for row in rows if row.series_id}:
        places = [row.series_position for row in visits(world, group)]
        assert places == [*range(1, len(places) + 1)]
    assert max(Counter((r.doctor_id, r.starts_at) for r in rows).values()) == 1
    agree(world)
    return rows


def test_crossing_series_of_one_doctor(world: World) -> None:
    """Each wants the others' times in another order: one of each pair wins, whole."""
    for turn in range(ROUNDS):
        starts = times(world, weeks=1 + 8 * turn)
        patients = people(world, 8)
        context = context_of(world, world.bob)
        orders = [starts, starts[::-1], starts[3:] + starts[:3], starts[2:5]] * 2
        with desks(8) as lines:
            answers = at_once([
                partial(series, line, context, f"{turn}:{n}", p.pk, world.doctor.id, order)
                for n, (line, p, order) in enumerate(zip(lines, patients, orders, strict=True))
            ])  # fmt: skip
        assert told(answers) == {"success": 1, "series_conflict": 7}
        whole(world)


def test_a_series_against_single_bookings(world: World) -> None:
    for turn in range(ROUNDS):
        starts = times(world, 8, weeks=1 + 9 * turn)
        first = starts[0].date()
        with world.as_owner(), connections["owner"].cursor() as cursor:
            cursor.execute(
                "select booking.generate_slots(%s, %s, %s)",
                [world.doctor.id, first, first + 7 * WEEK],
            )
        slots = {s.starts_at: s.pk for s in world.free_slots()}
        patients = people(world, 9)
        context = context_of(world, world.bob)
        with desks(9) as lines:
            jobs: list[Any] = [
                partial(book, line, context, key=f"{turn}:{p.pk}", slot=slots[at], patient=p.pk)
                for line, p, at in zip(lines[1:], patients[1:], starts[::-1], strict=True)
            ]
            jobs.append(
                partial(series, lines[0], context, f"{turn}", patients[0].pk, world.doctor.id,
                        starts)
            )  # fmt: skip
            answers = at_once(jobs)
        alone, together = told(answers[:-1]), told(answers[-1:])
        if together["success"]:
            assert alone == {"slot_unavailable": 8}
        else:
            assert alone["success"] >= 1
            assert together == {"series_conflict": 1}
        whole(world)


def test_one_patient_in_two_crossing_series(world: World) -> None:
    other = world.add_doctor(full_name="Dr Other")
    starts = times(world, 6)
    context = context_of(world, world.bob)
    with desks(2) as lines:
        answers = at_once([
            partial(series, lines[0], context, "a", world.patient.id, world.doctor.id, starts),
            partial(series, lines[1], context, "b", world.patient.id, other.pk, starts[::-1]),
        ])  # fmt: skip
    assert told(answers) == {"success": 1, "series_conflict": 1}
    assert len(whole(world)) == 6


def test_series_that_change_places(world: World) -> None:
    """Two series move onto each other's weekday at once; nobody waits for ever."""
    first = next_monday()
    for turn in range(ROUNDS):
        monday = first + 8 * turn * WEEK
        made = [a_series(world, mondays(monday + n * dt.timedelta(1), 6)) for n in (0, 1)]
        rows = [moves(world, made[n][0], "all", weekday=3 + n) for n in (0, 1)]
        context = context_of(world, world.bob)
        with desks(2) as lines:
            answers = at_once([
                partial(ask, line, context, MOVE, [
                    f"{turn}:{n}", made[n][0].pk, [r.appointment_id for r in rows[n]],
                    [r.version for r in rows[n]],
                    [instant(world, monday + (2 * dt.timedelta(1)) + w * WEEK) for w in range(6)],
                ])
                for n, line in enumerate(lines)
            ])  # fmt: skip
        assert told(answers) == {"success": 1, "series_conflict": 1}
        whole(world)


def test_one_key_eight_times(world: World) -> None:
    starts, context = times(world), context_of(world, world.bob)
    with desks(8) as lines:
        answers = at_once([
            partial(series, line, context, "k", world.patient.id, world.doctor.id, starts)
            for line in lines
        ])  # fmt: skip
    assert Counter(a["idempotent"] for a in answers) == {False: 1, True: 7}
    assert len({str(a["result"]) for a in answers}) == 1
    assert len(whole(world)) == 6


def test_a_series_that_moves_and_a_booking_of_its_patient_do_not_deadlock(
    world: World, admin_url: str
) -> None:
    """The first date goes to another day, the second stays on its own; there its time is taken."""
    other, context = world.add_doctor(full_name="Dr Other"), context_of(world, world.bob)
    made = a_series(world, mondays(next_monday(), 2))
    new = [
        made[0].starts_at + dt.timedelta(days=1),
        made[1].starts_at + dt.timedelta(minutes=15),
    ]
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(
            "select booking.generate_slots(%s, %s, %s)", [other.pk, *[made[1].appointment_date] * 2]
        )
        target = AppointmentSlot.objects.using("owner").get(doctor=other, starts_at=new[1])
    ids, versions = [v.pk for v in made], [v.version for v in made]
    with desks(2) as (one, two):
        answers = in_turn(world, admin_url, {
            "create_booking": partial(
                book, one, context, key="b", slot=target.pk, patient=world.patient.pk
            ),
            "move_series": partial(
                ask, two, context, MOVE, ["m", made[0].pk, ids, versions, new]
            ),
        })  # fmt: skip
    assert answers["create_booking"]["status"] == "success"
    assert answers["move_series"]["code"] == "series_conflict"
    agree(world)
