"""Absences under races and faults, with forty patients."""

import json
import time
import uuid
from functools import partial
from typing import Any

import psycopg
import pytest

from booking.models import Appointment, AppointmentTransition
from booking.services.absences import AbsenceOutcome, Choice
from clinic.tenancy.backend.base import OPEN, opening_values
from tests.booking.absent import (
    absence_of,
    apply,
    choose,
    leave,
    notices,
    places_of,
    proposed,
    rows,
    start,
    states,
    take_back,
)
from tests.booking.away import Away, make_away
from tests.factories import PatientFactory, World
from tests.races import ask, at_once, book, context_of, desks, in_turn

APPLY = "select booking.apply_absence(%s, %s, %s, %s::jsonb)"
MANY = 40


def listed(choices: list[Choice]) -> str:
    return json.dumps([choice.as_json() for choice in choices])


def forty(away: Away, absence: AbsenceOutcome) -> list[Choice]:
    """Ten of each choice."""
    kinds = ("cover", "move", "ask", "cancel")
    return choose(away, absence, {n: kinds[n % 4] for n in range(MANY)})


def sane(away: Away) -> None:
    """No slot twice, no doctor and no patient in two places, transitions agree with versions."""
    places_of(away)
    with away.world.as_owner():
        last: dict[Any, int] = {}
        for step in AppointmentTransition.objects.using("owner").order_by("version"):
            assert step.version == last.get(step.appointment_id, 1) + 1
            last[step.appointment_id] = step.version


def test_forty_patients_at_once() -> None:
    away = make_away(MANY, doctors=19, days=1, busy=0.6)
    before = places_of(away)
    absence = start(away)
    assert absence.affected == MANY
    choices = forty(away, absence)
    outcome = apply(away, absence, choices)
    assert (outcome.done, outcome.refused) == (MANY, {})
    assert sorted(states(away)) == sorted(["covered", "moved", "asked", "cancelled"] * 10)
    assert len(notices(away, status="pending")) == MANY
    sane(away)
    assert take_back(away, absence).done == MANY
    assert places_of(away) == before
    assert leave(away) == []
    assert len(notices(away, status="withdrawn")) == MANY
    sane(away)


@pytest.mark.parametrize("busy", [0.8, 0.3], ids=["few places", "many covers"])
def test_no_place_is_proposed_twice_and_each_visit_has_one(busy: float) -> None:
    away = make_away(MANY, doctors=2, days=2, busy=busy)
    absence = start(away)
    places = proposed(away, absence)
    assert len(set(places.values())) == len(places)
    assert {visit for visit, kind in places if kind == "move"} == {v.id for v in away.visits()}


def test_two_people_apply_the_same_absence_at_once() -> None:
    away = make_away(MANY, doctors=5, days=2)
    absence = start(away)
    text = listed(forty(away, absence))
    people = (away.world.bob, away.world.alice)
    with desks(2) as lines:
        jobs = [
            lambda line=line, user=user: ask(
                line, context_of(away.world, user), APPLY,
                [str(uuid.uuid4()), absence.absence_id, 1, text],
            )
            for line, user in zip(lines, people, strict=True)
        ]  # fmt: skip
        answers = at_once(jobs)
    assert sorted(a.get("code", "") for a in answers) == ["", "stale"]
    (won,) = [a for a in answers if a["status"] == "success"]
    assert won["result"]["done"] == MANY
    assert len(notices(away)) == MANY
    sane(away)


def test_the_same_key_at_once_does_it_once() -> None:
    away = make_away(8, doctors=2)
    absence = start(away)
    choices = choose(away, absence, dict.fromkeys(range(8), "move"))
    text = listed(choices)
    with desks(6) as lines:
        answers = at_once([
            lambda line=line: ask(
                line, context_of(away.world, away.world.bob), APPLY,
                ["same", absence.absence_id, 1, text],
            )
            for line in lines
        ])  # fmt: skip
    assert {a["result"]["done"] for a in answers} == {8}
    assert sorted(a["idempotent"] for a in answers) == [False] + [True] * 5
    assert len(notices(away)) == 8


def test_the_same_absence_started_at_once_is_one() -> None:
    away = make_away(3)
    query = "select booking.start_absence(%s, %s, %s, %s, 'sick')"
    given = [away.world.doctor.id, away.start, away.end]
    with desks(8) as lines:
        answers = at_once([
            lambda line=line, n=n: ask(
                line, context_of(away.world, away.world.bob), query, [f"k{n % 2}", *given]
            )
            for n, line in enumerate(lines)
        ])  # fmt: skip
    codes = sorted(a.get("code", "") for a in answers)
    assert codes == [""] * 4 + ["already_absent"] * 4
    assert len({a["result"]["absence_id"] for a in answers if "result" in a}) == 1
    assert len(leave(away)) == 1


def race(
    away: Away, absence: AbsenceOutcome, choices: list[Choice], query: str, sets: list[Any]
) -> Any:
    """Apply, while each patient's visit is changed by somebody else."""
    text = listed(choices)
    with desks(1 + len(sets)) as lines:
        jobs = [
            lambda: ask(
                lines[0], context_of(away.world, away.world.bob), APPLY,
                [str(uuid.uuid4()), absence.absence_id, 1, text],
            )
        ]  # fmt: skip
        jobs += [
            lambda line=line, given=given: ask(
                line, context_of(away.world, away.world.alice), query, given
            )
            for line, given in zip(lines[1:], sets, strict=True)
        ]
        return at_once(jobs)


def test_patients_cancel_while_it_is_applied() -> None:
    away = make_away(12, doctors=3)
    absence = start(away)
    choices = choose(away, absence, dict.fromkeys(range(12), "move"))
    cancel = "select booking.cancel_booking(%s, %s, 'Well again')"
    sets = [[str(uuid.uuid4()), c.appointment_id] for c in choices]
    applied, *cancelled = race(away, absence, choices, cancel, sets)
    refused = {r["appointment_id"]: r["code"] for r in applied["result"]["refused"]}
    assert set(refused.values()) <= {"stale"}
    assert applied["result"]["done"] + len(refused) == 12
    assert {a["status"] for a in cancelled} <= {"success", "conflict"}
    for choice, answer in zip(choices, cancelled, strict=True):
        if str(choice.appointment_id) in refused:
            assert answer["status"] == "success"
    sane(away)


def test_others_take_the_places_while_it_is_applied() -> None:
    away = make_away(12, doctors=3)
    absence = start(away)
    choices = choose(away, absence, dict.fromkeys(range(12), "move"))
    with away.world.as_owner():
        crowd = [
            PatientFactory(clinic=away.world.clinic, full_name=f"Other {n}") for n in range(12)
        ]
    book = "select booking.create_booking(%s, %s, %s, %s, %s)"
    sets = [
        [str(uuid.uuid4()), away.world.alice.id, away.world.id, choice.slot_id, who.id]
        for choice, who in zip(choices, crowd, strict=True)
    ]
    applied, *booked = race(away, absence, choices, book, sets)
    refused = {r["appointment_id"]: r["code"] for r in applied["result"]["refused"]}
    assert set(refused.values()) <= {"slot_unavailable"}
    for choice, answer in zip(choices, booked, strict=True):
        assert (answer["status"] == "success") == (str(choice.appointment_id) in refused)
    found = rows(away)
    for visit, code in refused.items():
        assert found[uuid.UUID(visit)].code == code
    sane(away)


def test_a_booking_that_commits_with_the_leave_is_on_the_list() -> None:
    away = make_away(2)
    free = away.slots(away.world.doctor, is_available=True)[0]
    book = "select booking.create_booking(%s, %s, %s, %s, %s)"
    world = away.world
    given = ["b", world.alice.id, world.id, free.id, world.patient.id]
    with desks(1) as (line,), line.transaction():
        line.execute(OPEN, opening_values(context_of(world, world.alice)))
        answer = line.execute(book, given).fetchone()
        absence = start(away)
        assert absence.affected == 2
    assert answer[0]["status"] == "success"
    late = answer[0]["result"]["appointment_id"]
    places = proposed(away, absence)
    assert uuid.UUID(late) in {visit for visit, _ in places}
    choice = Choice(uuid.UUID(late), 1, "cancel")
    assert apply(away, absence, [choice]).done == 1
    assert rows(away)[uuid.UUID(late)].state == "cancelled"


def kill(admin_url: str, pid: int) -> None:
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute("select pg_terminate_backend(%s)", [pid])


@pytest.mark.parametrize("undo", [False, True])
def test_killed_half_way_leaves_nothing_half_done(admin_url: str, undo: bool) -> None:
    away = make_away(MANY, doctors=5, days=2)
    absence = start(away)
    text = listed(forty(away, absence))
    before = places_of(away)
    world = away.world
    if undo:
        assert apply(away, absence, forty(away, absence)).done == MANY
        before = places_of(away)
    last = max(away.visits() if not undo else visits_of(away), key=lambda v: str(v.id))
    with desks(2) as (blocker, victim):
        pid = victim.info.backend_pid
        query = "select booking.undo_absence(%s, %s, %s)" if undo else APPLY
        given = ["k", absence.absence_id, 2] if undo else ["k", absence.absence_id, 1, text]
        # It waits at one visit, the others done in its transaction, and is killed there.
        with psycopg.connect(admin_url) as holder:
            holder.execute("select from clinic.appointments where id = %s for update", [last.id])

            def attempt() -> str:
                try:
                    ask(victim, context_of(world, world.bob), query, given)
                except psycopg.Error as error:
                    return type(error).__name__
                return "done"

            def strike() -> str:
                deadline = time.monotonic() + 20
                waiting = "select wait_event_type from pg_stat_activity where pid = %s"
                while time.monotonic() < deadline:
                    with psycopg.connect(admin_url, autocommit=True) as admin:
                        if admin.execute(waiting, [pid]).fetchone() == ("Lock",):
                            kill(admin_url, pid)
                            return "killed"
                    time.sleep(0.05)
                return "never waited"

            assert at_once([attempt, strike]) == ["AdminShutdown", "killed"]
        del blocker
    assert places_of(away) == before
    assert absence_of(away, absence).version == (2 if undo else 1)
    assert len(notices(away, status="pending")) == (MANY if undo else 0)
    assert len(leave(away)) == 1
    again = take_back(away, absence, key="k") if undo else apply_again(away, absence, text)
    assert again["done"] == MANY if isinstance(again, dict) else again.done == MANY
    sane(away)


def apply_again(away: Away, absence: AbsenceOutcome, text: str) -> dict[str, Any]:
    world: World = away.world
    with desks(1) as (line,):
        answer = ask(
            line, context_of(world, world.bob), APPLY, ["k", absence.absence_id, 1, text]
        )  # fmt: skip
    found: dict[str, Any] = answer["result"]
    return found


def visits_of(away: Away) -> list[Any]:
    found = rows(away)
    with away.world.as_owner():
        return list(
            Appointment.objects.using("owner").filter(
                id__in=[visit for visit, row in found.items() if row.state in ("moved", "covered")]
            )
        )


def test_an_absence_and_a_booking_of_its_patient_do_not_deadlock(admin_url: str) -> None:
    """One visit goes to later that day, where its patient is booked, one to another doctor."""
    away = make_away(2, doctors=2)
    world, (first, second) = away.world, away.visits()
    absence = start(away, ends_at=second.ends_at)
    later = next(
        one for one in away.slots(world.doctor, is_available=True)
        if one.starts_at > second.ends_at and one.slot_date == first.appointment_date
    )  # fmt: skip
    here, there = ({s.starts_at: s.id for s in away.slots(other)} for other in away.others)
    choices = [
        Choice(first.id, first.version, "move", later.id),
        Choice(second.id, second.version, "cover", there[second.starts_at]),
    ]
    context = context_of(world, world.bob)
    given = ["a", absence.absence_id, absence.version, listed(choices)]
    with desks(2) as (one, two):
        answers = in_turn(world, admin_url, {
            "create_booking": partial(
                book, one, context, key="b", slot=here[later.starts_at], patient=first.patient_id
            ),
            "apply_absence": partial(ask, two, context, APPLY, given),
        })  # fmt: skip
    assert answers["create_booking"]["status"] == "success"
    assert [one["code"] for one in answers["apply_absence"]["result"]["refused"]] == [
        "patient_overlap"
    ]
    sane(away)
