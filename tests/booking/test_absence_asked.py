"""A patient is asked, and meanwhile somebody else sees to the visit: nothing is kept for nobody."""

import datetime as dt
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from booking.models import Appointment, AppointmentSlot
from booking.services.absences import AbsenceOutcome, Choice
from booking.services.appointments import BookingOutcome, cancel_appointment, reschedule_appointment
from tests.booking.absent import answer, apply, choose, notices, places_of, rows, start, states
from tests.booking.away import Away, make_away
from tests.booking.life import act, read, undo
from tests.booking.serving import make_service, serve
from tests.races import ask, at_once, context_of, desks


def asked(away: Away) -> tuple[AbsenceOutcome, list[Choice]]:
    """Every patient of the day is asked."""
    absence = start(away)
    choices = choose(away, absence, dict.fromkeys(range(len(away.visits())), "ask"))
    assert apply(away, absence, choices).done == len(choices)
    return absence, choices


def kept(away: Away) -> set[Any]:
    """The slots that are held."""
    with away.world.as_owner():
        held = AppointmentSlot.objects.using("owner").filter(held_until__isnull=False)
        return set(held.values_list("id", flat=True))


def cancel(away: Away, choice: Choice) -> BookingOutcome:
    with away.world.as_user(away.world.alice):
        return cancel_appointment(
            idempotency_key=str(uuid.uuid4()), appointment_id=choice.appointment_id, reason="Well"
        )


def elsewhere(away: Away, choice: Choice) -> BookingOutcome:
    target = away.slots(away.others[0], is_available=True, held_until=None)[-1]
    return moved_to(away, choice, target.pk)


def to_the_place(away: Away, choice: Choice) -> BookingOutcome:
    return moved_to(away, choice, choice.slot_id)


def moved_to(away: Away, choice: Choice, slot: Any) -> BookingOutcome:
    with away.world.as_user(away.world.alice):
        return reschedule_appointment(
            idempotency_key=str(uuid.uuid4()), appointment_id=choice.appointment_id, slot_id=slot
        )


def arrive(away: Away, choice: Choice) -> BookingOutcome:
    """The patient came to an earlier time of the day, which is today."""
    now = dt.datetime.now(dt.UTC)
    if now.hour == 23 and now.minute >= 44:  # it has to be over before the absence begins
        now -= dt.timedelta(minutes=30)
    visits = Appointment.objects.using("owner").filter(pk=choice.appointment_id)
    with away.world.as_owner():
        visits.update(starts_at=now, ends_at=now + dt.timedelta(minutes=15))
    return act(away.world, read(away.world, choice.appointment_id), "check_in")


WAYS: dict[str, Callable[[Away, Choice], BookingOutcome]] = {
    "cancelled": cancel, "moved": elsewhere, "moved there": to_the_place, "there": arrive,
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_the_place_and_the_message_go_with_the_visit(way: str) -> None:
    away = make_away(2)
    absence, (mine, other) = asked(away)
    assert kept(away) == {mine.slot_id, other.slot_id}
    done = WAYS[way](away, mine)
    assert done.ok, done
    assert kept(away) == {other.slot_id}
    assert states(away) == ["open", "asked"]
    assert {n.id: n.status for n in notices(away, type="appointment_ask")} == {
        n.id: "pending" if n.id == rows(away)[other.appointment_id].notice_id else "withdrawn"
        for n in notices(away, type="appointment_ask")
    }
    assert answer(away, absence, mine.appointment_id, True).code == "bad_transition"


def test_a_visit_that_is_only_confirmed_is_still_asked_about() -> None:
    away = make_away(1)
    absence, (mine,) = asked(away)
    assert act(away.world, away.visits()[0], "confirm").ok
    assert (kept(away), states(away)) == ({mine.slot_id}, ["asked"])
    assert answer(away, absence, mine.appointment_id, True).ok
    assert read(away.world, mine.appointment_id).slot_id == mine.slot_id
    assert (kept(away), states(away)) == (set(), ["moved"])


def test_an_undo_that_moves_the_visit_away_ends_it_too() -> None:
    away = make_away(1)
    (visit,) = away.visits()
    first = Choice(visit.id, 1, "move", visit.slot_id)
    assert elsewhere(away, first).ok
    assert moved_to(away, first, visit.slot_id).ok
    _, (mine,) = asked(away)
    assert kept(away) == {mine.slot_id}
    assert undo(away.world, read(away.world, visit.id)).ok
    assert (kept(away), states(away)) == (set(), ["open"])


def test_a_visit_of_a_service_lets_its_place_go() -> None:
    away = make_away(1, days=3)
    world = away.world
    assert cancel(away, Choice(away.visits()[0].id, 1, "cancel", None)).ok
    service = make_service(world, 15, doctors=[world.doctor, *away.others])
    free = away.slots(world.doctor, is_available=True, starts_at__lt=away.end)[0]
    visit = serve(world, service, free, patient=away.patients[0]).appointment_id
    absence = start(away)
    place = away.slots(away.others[0], is_available=True)[3]
    assert apply(away, absence, [Choice(visit, 1, "ask", place.pk)]).done == 1
    assert kept(away) == {place.pk}
    assert cancel(away, Choice(visit, 1, "cancel", None)).ok
    assert kept(away) == set()


ANSWER = "select booking.answer_absence(%s, %s, %s, %s, %s)"
CANCEL = "select booking.cancel_booking(%s, %s, 'ill')"
MOVE = "select booking.reschedule_booking(%s, %s, %s, '')"


def test_answers_against_whoever_moves_and_cancels() -> None:
    away = make_away(6, doctors=2)
    absence, choices = asked(away)
    context = context_of(away.world, away.world.bob)
    free = away.slots(away.others[1], is_available=True, held_until=None)[-6:]
    asks: list[tuple[str, list[Any]]] = []
    for n, (choice, place) in enumerate(zip(choices, free, strict=True)):
        visit = choice.appointment_id
        asks += [
            (ANSWER, [str(uuid.uuid4()), absence.absence_id, visit, n % 2 == 0, 2]),
            (CANCEL, [str(uuid.uuid4()), visit]) if n % 3 else
            (MOVE, [str(uuid.uuid4()), visit, choice.slot_id]),
            (MOVE, [str(uuid.uuid4()), visit, place.pk]),
        ]  # fmt: skip
    with desks(len(asks)) as lines:
        answers = at_once([
            partial(ask, line, context, query, params)
            for line, (query, params) in zip(lines, asks, strict=True)
        ])  # fmt: skip
    codes = {answer.get("code") for answer in answers}
    assert codes <= {None, "stale", "bad_transition", "slot_unavailable"}, codes
    still = {row.slot_id for row in rows(away).values() if row.state == "asked"}
    assert (still, kept(away)) == (set(), set())
    places_of(away)
    assert {n.status for n in notices(away, type="appointment_ask")} == {"withdrawn"}
