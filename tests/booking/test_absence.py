"""A doctor is away: what is recorded, chosen, done and refused."""

import datetime as dt
from typing import Any

import pytest
from django.db import ProgrammingError, connection
from django.utils import timezone

from booking.models import (
    Absence,
    AbsenceRow,
    AppointmentSlot,
)
from booking.services.absences import (
    Choice,
    start_absence,
)
from booking.services.appointments import (
    book_appointment,
    cancel_appointment,
    reschedule_appointment,
)
from clinic.models import DoctorLeave
from tests.booking.absent import (
    absence_of,
    answer,
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
from tests.booking.away import make_away
from tests.booking.life import history, read


def test_an_absence_is_leave_at_once_and_lists_whom_it_concerns() -> None:
    away = make_away(3)
    outcome = start(away)
    assert (outcome.ok, outcome.affected, outcome.version) == (True, 3, 1)
    (off,) = leave(away)
    assert (off.starts_at, off.ends_at, off.reason) == (away.start, away.end, "sick")
    absence = absence_of(away, outcome)
    assert (absence.reported_by_id, absence.leave_ids) == (away.world.bob.id, [off.id])
    assert states(away) == ["open"] * 3
    free = away.slots(away.world.doctor, is_available=True, starts_at__lt=away.end)[0]
    with away.world.as_user(away.world.bob):
        refused = book_appointment(
            idempotency_key="b", user_id=away.world.bob.id, clinic_id=away.world.id,
            slot_id=free.id, patient_id=away.world.patient.id,
        )  # fmt: skip
    assert refused.code == "doctor_unavailable"


def test_leave_that_is_there_already_stays_and_only_the_rest_is_added_and_taken_back() -> None:
    away = make_away(1)
    noon = away.start + dt.timedelta(hours=12)
    with away.world.as_owner():
        kept = DoctorLeave.objects.using("owner").create(
            clinic=away.world.clinic, doctor=away.world.doctor, starts_at=noon,
            ends_at=noon + dt.timedelta(hours=1),
        )  # fmt: skip
    outcome = start(away)
    spans = [(off.starts_at, off.ends_at) for off in leave(away)]
    one = noon + dt.timedelta(hours=1)
    assert spans == [(away.start, noon), (noon, one), (one, away.end)]
    assert take_back(away, outcome).ok
    assert [off.id for off in leave(away)] == [kept.id]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"reason": "lazy"}, "invalid_input"),
        ({"note": "x" * 501}, "invalid_input"),
        ({"ends_at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)}, "invalid_input"),
        ({"ends_at": dt.datetime(2040, 1, 1, tzinfo=dt.UTC)}, "invalid_input"),
        # What no page could show, nor take back.
        ({"starts_at": "294276-12-30", "ends_at": "294276-12-31"}, "invalid_input"),
        ({"ends_at": "infinity"}, "invalid_input"),
        ({"starts_at": "-infinity"}, "invalid_input"),
    ],
)
def test_what_cannot_be_recorded(wrong: dict[str, Any], code: str) -> None:
    away = make_away(1)
    assert start(away, **wrong).code == code
    assert leave(away) == []


def test_an_absence_is_recorded_once() -> None:
    away = make_away(2)
    first = start(away, key="k")
    again = start(away, key="k")
    assert (again.absence_id, again.idempotent, again.affected) == (first.absence_id, True, 2)
    assert start(away, key="k", reason="other").code == "idempotency_mismatch"
    assert start(away, ends_at=away.start + dt.timedelta(hours=1)).code == "already_absent"
    assert start(away, starts_at=away.end, ends_at=away.end + dt.timedelta(1)).ok
    other = make_away(1)
    with other.world.as_user(other.world.bob):
        foreign = start_absence(
            idempotency_key="x", doctor_id=away.world.doctor.id, starts_at=away.start,
            ends_at=away.end, reason="sick",
        )  # fmt: skip
    assert foreign.code == "doctor_not_found"


def test_each_choice_does_what_it_says() -> None:
    away = make_away(5)
    before = away.visits()
    absence = start(away)
    how = {0: "cover", 1: "move", 2: "ask", 3: "cancel", 4: "later"}
    choices = choose(away, absence, how)
    outcome = apply(away, absence, choices)
    assert (outcome.done, outcome.refused, outcome.version) == (4, {}, 2)
    assert states(away) == ["covered", "moved", "asked", "cancelled", "open"]
    now = [read(away.world, visit.id) for visit in before]
    cover, move, asked, off, left = now
    assert (cover.starts_at, cover.doctor_id) == (before[0].starts_at, away.others[0].id)
    assert (move.slot_id, move.status) == (choices[1].slot_id, "scheduled")
    assert (asked.slot_id, asked.version) == (before[2].slot_id, 1)
    assert (off.status, off.cancellation_reason) == ("cancelled", "Doctor not available")
    assert (left.slot_id, left.version) == (before[4].slot_id, 1)
    assert [h.initiator for visit in (cover, move, off) for h in history(away.world, visit)] == [
        "clinic"
    ] * 3
    places_of(away)


def test_an_asked_patient_keeps_both_places_until_they_answer() -> None:
    away = make_away(3)
    absence = start(away)
    choices = choose(away, absence, {0: "ask", 1: "ask", 2: "ask"})
    apply(away, absence, choices)
    yes, no, silent = choices
    with away.world.as_user(away.world.alice):
        taken = reschedule_appointment(
            idempotency_key="t", appointment_id=no.appointment_id, slot_id=yes.slot_id
        )
    assert taken.code == "slot_unavailable"
    assert answer(away, absence, yes.appointment_id, True).ok
    assert read(away.world, yes.appointment_id).slot_id == yes.slot_id
    assert answer(away, absence, no.appointment_id, False).ok
    assert states(away) == ["moved", "open", "asked"]
    assert rows(away)[no.appointment_id].code == "declined"
    (slot,) = away.slots(away.others[0], id=no.slot_id)
    assert (slot.is_available, slot.held_until) == (True, None)
    assert sorted(n.status for n in notices(away, type="appointment_ask")) == [
        "pending", "withdrawn", "withdrawn",
    ]  # fmt: skip
    assert answer(away, absence, no.appointment_id, True).code == "bad_transition"
    with away.world.as_owner():  # a day later
        past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
        AppointmentSlot.objects.using("owner").filter(id=silent.slot_id).update(held_until=past)
        AbsenceRow.objects.using("owner").filter(state="asked").update(held_until=past)
    with away.world.as_user(away.world.alice):
        taken = reschedule_appointment(
            idempotency_key="u", appointment_id=no.appointment_id, slot_id=silent.slot_id
        )
    assert taken.ok
    assert answer(away, absence, silent.appointment_id, True).code == "slot_unavailable"
    assert (silent.appointment_id, "move") in proposed(away, absence)


def test_a_place_that_was_lost_is_reported_and_nothing_else_is_lost() -> None:
    away = make_away(4)
    absence = start(away)
    choices = choose(away, absence, dict.fromkeys(range(4), "move"))
    lost = choices[1]
    with away.world.as_user(away.world.alice):
        assert book_appointment(
            idempotency_key="b", user_id=away.world.alice.id, clinic_id=away.world.id,
            slot_id=lost.slot_id, patient_id=away.world.patient.id,
        ).ok  # fmt: skip
        assert cancel_appointment(
            idempotency_key="c", appointment_id=choices[2].appointment_id, reason="Well again"
        ).ok
    outcome = apply(away, absence, choices)
    assert (outcome.ok, outcome.done) == (True, 2)
    assert outcome.refused == {
        lost.appointment_id: "slot_unavailable", choices[2].appointment_id: "stale",
    }  # fmt: skip
    assert states(away) == ["moved", "open", "open", "moved"]
    row = rows(away)[lost.appointment_id]
    assert (row.choice, row.code) == ("move", "slot_unavailable")
    again = choose(away, absence, {0: "move"})
    assert again[0].appointment_id == lost.appointment_id
    assert apply(away, absence, again).done == 1
    places_of(away)


def test_two_choices_of_one_slot_give_it_to_one() -> None:
    away = make_away(2)
    absence = start(away)
    first, second = choose(away, absence, {0: "move", 1: "move"})
    same = Choice(second.appointment_id, second.version, "move", first.slot_id)
    outcome = apply(away, absence, [same, first])
    assert outcome.refused == {second.appointment_id: "slot_unavailable"}
    assert read(away.world, first.appointment_id).slot_id == first.slot_id


def test_choices_are_kept_for_later() -> None:
    away = make_away(3)
    absence = start(away)
    choices = choose(away, absence, {0: "move", 1: "cancel"})
    saved = apply(away, absence, choices, save=True)
    assert (saved.ok, saved.done) == (True, 0)
    assert states(away) == ["open"] * 3
    assert [rows(away)[c.appointment_id].choice for c in choices] == ["move", "cancel"]
    assert notices(away) == []
    places = proposed(away, absence)
    assert places[choices[0].appointment_id, "saved"] == choices[0].slot_id
    assert sum(slot == choices[0].slot_id for slot in places.values()) == 1
    assert absence_of(away, absence).undo_until is None


def test_the_same_key_again_gives_the_same_answer() -> None:
    away = make_away(3)
    absence = start(away)
    choices = choose(away, absence, {0: "move", 1: "cancel"})
    first = apply(away, absence, choices, key="k", version=1)
    again = apply(away, absence, choices, key="k", version=1)
    assert (again.done, again.version, again.idempotent) == (first.done, first.version, True)
    assert apply(away, absence, choices[:1], key="k", version=1).code == "idempotency_mismatch"
    assert apply(away, absence, choices, version=1).code == "stale"
    assert len(notices(away)) == 2


@pytest.mark.parametrize("name", ["chen", "nur", "dana"])
def test_only_the_desk_may(name: str) -> None:
    away = make_away(1)
    with pytest.raises(ProgrammingError, match="permission denied"):
        start(away, user=getattr(away.world, name))


def test_a_doctor_reads_their_own_absence_and_no_other() -> None:
    away = make_away(1, doctors=1)
    start(away)
    with away.world.as_owner():
        Absence.objects.using("owner").create(
            clinic=away.world.clinic, doctor=away.others[0], starts_at=away.start,
            ends_at=away.end, reason="sick", reported_by=away.world.bob,
        )  # fmt: skip
    with away.world.as_user(away.world.chen):
        assert [a.doctor_id for a in Absence.objects.all()] == [away.world.doctor.id]
        assert AbsenceRow.objects.count() == 1


def test_a_visit_is_chosen_for_once() -> None:
    away = make_away(1)
    absence = start(away)
    (choice,) = choose(away, absence, {0: "cancel"})
    assert apply(away, absence, [choice, choice]).code == "invalid_input"
    assert states(away) == ["open"]


@pytest.mark.parametrize("choices", ["[1]", "[null]", "[[]]", '["x"]', "{}", "null"])
def test_what_is_no_choice(choices: str) -> None:
    away = make_away(1)
    absence = start(away)
    with away.world.as_user(away.world.bob), connection.cursor() as cursor:
        cursor.execute(
            "select booking.apply_absence('k', %s, 1, %s::jsonb) ->> 'code'",
            [absence.absence_id, choices],
        )
        assert cursor.fetchone() == ("invalid_input",)


def test_it_is_called_by_the_day_that_it_is_in_the_clinic() -> None:
    start = dt.datetime(2026, 11, 23, 16, tzinfo=dt.UTC)
    with timezone.override("Asia/Singapore"):
        assert str(Absence(reason="sick", starts_at=start)).endswith(", 24 Nov 2026")
