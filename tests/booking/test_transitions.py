"""From booked to done: what may follow what, by whom, and what it leaves behind."""

import itertools
import uuid
from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db import ProgrammingError, connections

from audit.models import AuditLog
from booking.models import Appointment, AppointmentTransition
from booking.services.appointments import cancel_appointment, reschedule_appointment
from tests.booking.life import (
    act,
    agree,
    history,
    in_line,
    noon_world,
    read,
    slot,
    undo,
    visit_now,
    visit_tomorrow,
)
from tests.factories import World
from tests.races import ask, at_once, context_of, desks


@pytest.fixture
def here() -> World:
    return noon_world()


def done(world: World, visit: Appointment, *actions: str) -> Appointment:
    for action in actions:
        outcome = act(world, visit, action)
        assert outcome.ok, (action, outcome)
    return read(world, visit.pk)


def test_a_visit_from_door_to_door(here: World) -> None:
    visit = done(here, visit_now(here), "confirm", "check_in", "start", "finish")
    assert (visit.status, visit.version, visit.queue_status) == ("completed", 5, "completed")
    assert visit.checked_in_at <= visit.consultation_start_at <= visit.consultation_end_at
    (entry,) = in_line(here, visit)
    assert (entry.status, entry.ticket_number) == ("completed", visit.queue_number)
    assert entry.arrived_at <= entry.served_at <= entry.finished_at
    told = [(t.action, t.from_status, t.to_status, t.version) for t in history(here, visit)]
    assert told == [
        ("confirm", "scheduled", "confirmed", 2),
        ("check_in", "confirmed", "confirmed", 3),
        ("start", "confirmed", "in_progress", 4),
        ("finish", "in_progress", "completed", 5),
    ]
    assert {(t.changed_by_id, t.channel, t.initiator) for t in history(here, visit)} == {
        (here.bob.id, "desk", "clinic")
    }


# What may be done to an appointment of today that is at each point; all else is bad_transition.
POINTS: dict[str, tuple[tuple[str, ...], set[str]]] = {
    "booked": ((), {"confirm", "check_in", "start", "no_show"}),
    "confirmed": (("confirm",), {"check_in", "start", "no_show"}),
    "arrived": (("check_in",), {"confirm", "start", "leave"}),
    "in room": (("start",), {"finish"}),
    "done": (("start", "finish"), set()),
    "missed": (("no_show",), set()),
    "left": (("check_in", "leave"), set()),
}
ACTIONS = ("confirm", "check_in", "start", "finish", "no_show", "leave")


@pytest.mark.parametrize("point", POINTS)
def test_what_may_follow_what(here: World, point: str) -> None:
    before, allowed = POINTS[point]
    visit = done(here, visit_now(here), *before)
    for action in ACTIONS:
        outcome = act(here, visit, action)
        if action in allowed:
            assert outcome.ok, action
            assert undo(here, visit).ok
        else:
            assert (outcome.code, outcome.http_status) == ("bad_transition", 409), action
        assert read(here, visit.pk).status == visit.status


def test_nobody_misses_a_visit_that_has_not_begun(here: World) -> None:
    assert act(here, visit_now(here, minutes=10), "no_show").code == "bad_transition"


def test_nobody_arrives_on_another_day(here: World) -> None:
    visit = visit_tomorrow(here)
    assert act(here, visit, "check_in").code == "bad_transition"
    assert act(here, visit, "start").code == "bad_transition"


def test_a_stale_page_changes_nothing(here: World) -> None:
    visit = visit_now(here)
    assert act(here, visit, "confirm", version=1).ok
    outcome = act(here, visit, "check_in", version=1)
    assert (outcome.code, outcome.http_status) == ("stale", 409)
    assert act(here, visit, "check_in", version=2).ok


def test_the_same_key_does_it_once(here: World) -> None:
    visit = visit_now(here)
    first, again = (act(here, visit, "check_in", key="k") for _ in range(2))
    assert (first.idempotent, again.idempotent) == (False, True)
    assert len(in_line(here, visit)) == 1
    assert act(here, visit, "check_in", key="k", reason="other").code == "idempotency_mismatch"


WHO = {
    "alice": set(ACTIONS),
    "bob": set(ACTIONS),
    "nur": {"check_in", "start", "finish", "leave"},
    "chen": {"start", "finish"},
    "dana": {"confirm"},
}
READY: dict[str, tuple[str, ...]] = {"finish": ("start",), "leave": ("check_in",)}


@pytest.mark.parametrize(("who", "action"), [*itertools.product(WHO, ACTIONS)])
def test_who_may_do_what(here: World, who: str, action: str) -> None:
    with here.as_owner():
        doctor = here.doctor
        type(doctor).objects.using("owner").filter(pk=doctor.pk).update(user=here.chen)
    visit = done(here, visit_now(here), *READY.get(action, ()))
    outcome = act(here, visit, action, getattr(here, who))
    assert outcome.ok if action in WHO[who] else outcome.code == "not_allowed", outcome


def test_nobody_touches_a_visit_that_they_do_not_see(here: World, other_world: World) -> None:
    visit = visit_now(here)
    with here.as_owner():
        type(here.doctor).objects.using("owner").filter(pk=here.doctor.pk).update(user=None)
    for world, user in ((other_world, other_world.bob), (here, here.chen)):
        assert act(world, visit, "start", user).code == "appointment_not_found"
    assert read(here, visit.pk).version == 1


@pytest.mark.parametrize("action", ["vanish", "", "undo", "book"])
def test_no_other_action(here: World, action: str) -> None:
    assert act(here, visit_now(here), action).code == "invalid_input"


def test_undo_takes_back_the_last_change_once(here: World) -> None:
    visit = done(here, visit_now(here), "check_in", "start")
    assert undo(here, visit).ok
    visit = read(here, visit.pk)
    assert (visit.status, visit.consultation_start_at, visit.queue_status) == (
        "scheduled", None, "waiting",
    )  # fmt: skip
    assert undo(here, visit).code == "bad_transition"
    assert [t.action for t in history(here, visit)] == ["check_in", "start", "undo"]
    assert history(here, visit)[-1].reason == "start"


def test_a_patient_cannot_undo(here: World) -> None:
    visit = done(here, visit_now(here), "confirm")
    with pytest.raises(ProgrammingError, match="permission denied"):
        undo(here, visit, here.dana)


def test_undoing_a_check_in_takes_the_patient_out_of_the_line(here: World) -> None:
    visit = done(here, visit_now(here), "check_in")
    assert undo(here, visit).ok
    visit = read(here, visit.pk)
    assert (visit.checked_in_at, visit.queue_status) == (None, None)
    assert [entry.status for entry in in_line(here, visit)] == ["cancelled"]
    assert act(here, visit, "check_in").ok
    assert [entry.status for entry in in_line(here, visit)] == ["cancelled", "waiting"]


BY_HAND = """insert into clinic.queue_entries
  (clinic_id, patient_id, doctor_id, appointment_id, queue_date, ticket_number, arrived_at)
select clinic_id, patient_id, doctor_id, {appointment}, appointment_date, %s, now()
from clinic.appointments where id = %s"""


@pytest.mark.parametrize(
    ("appointment", "given", "ticket"), [("null", "001", "002"), ("id", "A7", "A7")]
)
def test_a_line_kept_by_hand_stops_no_check_in(
    here: World, appointment: str, given: str, ticket: str
) -> None:
    """A number that was given out, and somebody who is in line already."""
    visit = visit_now(here)
    with here.as_user(here.bob), connections["default"].cursor() as cursor:
        cursor.execute(BY_HAND.format(appointment=appointment), [given, visit.pk])
    assert act(here, visit, "check_in").ok
    assert read(here, visit.pk).queue_number == ticket
    assert [entry.ticket_number for entry in in_line(here, visit)] == [ticket]


BARRED = {
    "bad_transition": "update clinic.patients set is_active = false where id = '{patient}'",
    "doctor_unavailable": "update clinic.doctors set is_active = false where id = '{doctor}'",
    "slot_blocked": "update clinic.appointment_slots set is_blocked = true where id = '{slot}'",
}
LEAVE = """insert into clinic.doctor_leave (clinic_id, doctor_id, starts_at, ends_at)
select clinic_id, doctor_id, starts_at, ends_at
from clinic.appointment_slots where id = '{slot}'"""
EXPIRED = "update clinic.doctors set license_expiry = '2020-01-01' where id = '{doctor}'"


@pytest.mark.parametrize("move", [False, True])
@pytest.mark.parametrize(
    ("code", "change"),
    [*BARRED.items(), ("doctor_unavailable", LEAVE), ("doctor_unavailable", EXPIRED)],
)
def test_nothing_comes_back_that_could_not_be_booked(
    world: World, move: bool, code: str, change: str
) -> None:
    """A patient who left, a doctor who is away: undoing was a way around what booking refuses."""
    visit = visit_tomorrow(world)
    target = world.free_slots()[2]
    with world.as_user(world.bob):
        given = {"idempotency_key": "c", "appointment_id": visit.pk, "reason": "x"}
        done = reschedule_appointment(slot_id=target.pk, **given) if move else (
            cancel_appointment(**given))  # fmt: skip
    assert done.ok
    ids = {"patient": visit.patient_id, "doctor": visit.doctor_id, "slot": visit.slot_id}
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(change.format(**ids))
        assert cursor.rowcount == 1
    was = read(world, visit.pk)
    assert undo(world, visit).code == code
    now = read(world, visit.pk)
    assert (now.status, now.slot_id, now.version) == (was.status, was.slot_id, was.version)


def test_a_patient_cannot_say_that_the_clinic_cancelled(world: World) -> None:
    visit = visit_tomorrow(world)
    with world.as_user(world.dana):
        assert cancel_appointment(
            idempotency_key="c", appointment_id=visit.pk, reason="x", initiator="clinic"
        ).ok
    assert [t.initiator for t in history(world, visit)] == ["patient"]


def test_undoing_a_cancellation_takes_the_slot_back_if_it_is_free(world: World) -> None:
    visit = visit_tomorrow(world)
    with world.as_user(world.bob):
        assert cancel_appointment(
            idempotency_key="c", appointment_id=visit.pk, reason="x", initiator="patient"
        ).ok
    assert [t.initiator for t in history(world, visit)] == ["patient"]
    assert undo(world, visit).ok
    visit = read(world, visit.pk)
    assert (visit.status, visit.cancelled_at, visit.cancellation_reason) == ("scheduled", None, "")
    assert slot(world, visit.slot_id).appointment_id == visit.pk
    with world.as_user(world.bob):
        assert cancel_appointment(idempotency_key="d", appointment_id=visit.pk, reason="x").ok
    other = visit_tomorrow(world)
    assert other.slot_id == visit.slot_id
    assert undo(world, visit).code == "slot_unavailable"
    assert read(world, visit.pk).status == "cancelled"
    assert slot(world, visit.slot_id).appointment_id == other.pk


def test_transitions_are_for_good(here: World) -> None:
    """No role writes, changes or deletes one; each stands in the trail."""
    visit = done(here, visit_now(here), "confirm")
    mine = AppointmentTransition.objects.filter(appointment_id=visit.pk)
    for user in (here.alice, here.bob, here.nur):
        for change in (partial(mine.update, reason="x"), mine.delete):
            with pytest.raises(ProgrammingError, match="permission denied"), here.as_user(user):
                change()
    with here.as_owner():
        (entry,) = AuditLog.objects.using("owner").filter(table_name="appointment_transitions")
        assert entry.action == "INSERT"


def test_doctor_and_patient_see_their_own_history_only(here: World) -> None:
    visit = done(here, visit_now(here), "confirm")
    for owner, seen in ((None, 0), (here.chen, 1)):
        with here.as_owner():
            doctors = type(here.doctor).objects.using("owner")
            doctors.filter(pk=here.doctor.pk).update(user=owner)
        for user, count in ((here.bob, 1), (here.dana, 1), (here.chen, seen)):
            with here.as_user(user):
                mine = AppointmentTransition.objects.filter(appointment_id=visit.pk)
                assert len(mine.values("action")) == count


PAIRS = list(itertools.combinations(["cancel", "check_in", "no_show", "reschedule", "start"], 2))


def query(action: str, visit: Appointment, free: Any) -> tuple[str, list[Any]]:
    """SQL of an action at the version that everybody looked at."""
    key = str(uuid.uuid4())
    if action == "cancel":
        return "select booking.cancel_booking(%s, %s, 'ill', 1)", [key, visit.pk]
    if action == "reschedule":
        return "select booking.reschedule_booking(%s, %s, %s, '', 1)", [key, visit.pk, free]
    return "select booking.change_status(%s, %s, %s, 1)", [key, visit.pk, action]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_of_two_changes_at_once_one_wins(here: World, one: str, other: str) -> None:
    visit = visit_now(here)
    free = here.free_slots(1)[0].id
    context = context_of(here, here.bob)
    with desks(8) as lines:
        queries = [query((one, other)[n % 2], visit, free) for n in range(8)]
        jobs = [partial(ask, line, context, *q) for line, q in zip(lines, queries, strict=True)]
        answers = at_once(jobs)
    told = Counter(answer.get("code", "success") for answer in answers)
    assert told["success"] == 1, told
    assert set(told) <= {"success", "stale", "bad_transition", "slot_unavailable"}
    assert read(here, visit.pk).version == 2
    assert len(history(here, visit)) == 1
    agree(here)


UNDO = "select booking.undo_transition(%s, %s, 2)"


@pytest.mark.parametrize("action", ["check_in", "cancel", "undo"])
def test_one_key_sixteen_times(here: World, action: str) -> None:
    visit = visit_now(here)
    asked, given = query(action, visit, None) if action != "undo" else (UNDO, ["k", visit.pk])
    if action == "undo":
        act(here, visit, "confirm")
    context = context_of(here, here.bob)
    with desks(16) as lines:
        answers = at_once([partial(ask, line, context, asked, given) for line in lines])
    assert Counter(answer["status"] for answer in answers) == {"success": 16}
    assert Counter(answer["idempotent"] for answer in answers) == {True: 15, False: 1}
    assert len(history(here, visit)) == (2 if action == "undo" else 1)
