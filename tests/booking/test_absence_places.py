"""Which place is proposed to whom."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection

from booking.models import (
    Absence,
    AbsenceRow,
    Appointment,
    AppointmentSlot,
)
from booking.services.absences import Choice
from booking.services.appointments import (
    book_appointment,
)
from clinic.models import Patient
from tests.booking.absent import apply, choose, proposed, start
from tests.booking.away import Away, make_away


def only_free(away: Away, *slots: AppointmentSlot) -> None:
    """Every other slot of every doctor is blocked."""
    with away.world.as_owner():
        every = AppointmentSlot.objects.using("owner").filter(is_available=True)
        every.exclude(id__in=[slot.id for slot in slots]).update(is_blocked=True)


def change(visit: Appointment, away: Away, **values: Any) -> None:
    with away.world.as_owner():
        Appointment.objects.using("owner").filter(pk=visit.pk).update(**values)


def test_the_most_urgent_get_the_place_there_is() -> None:
    away = make_away(3)
    first, second, third = away.visits()
    change(first, away, appointment_type="vaccination")
    later = away.slots(away.others[0], starts_at__gte=third.ends_at)[0]
    only_free(away, later)
    absence = start(away)
    assert proposed(away, absence) == {(second.id, "move"): later.id}
    with away.world.as_owner():  # an absence before has put the last one off already
        earlier = Absence.objects.using("owner").create(
            clinic=away.world.clinic, doctor=away.others[0], starts_at=away.end,
            ends_at=away.end + dt.timedelta(1), reason="sick",
        )  # fmt: skip
        AbsenceRow.objects.using("owner").create(
            clinic=away.world.clinic, absence=earlier, appointment=third, state="moved",
            from_starts_at=third.starts_at, version=1,
        )  # fmt: skip
    assert proposed(away, absence) == {(third.id, "move"): later.id}
    change(first, away, checked_in_at=dt.datetime.now(dt.UTC))
    with away.world.as_user(away.world.bob), connection.cursor() as cursor:
        cursor.execute(
            "select appointment_id from booking.affected_visits(%s) order by rank",
            [absence.absence_id],
        )
        assert [row[0] for row in cursor.fetchall()] == [first.id, third.id, second.id]


def test_a_doctor_of_the_same_subject_comes_before_a_nearer_one() -> None:
    away = make_away(1, doctors=2)
    (visit,) = away.visits()
    near, same = away.others
    with away.world.as_owner():
        for doctor, subject in ((away.world.doctor, "Skin"), (near, "Eyes"), (same, "Skin")):
            type(doctor).objects.using("owner").filter(pk=doctor.pk).update(
                specializations=[subject]
            )
    soon = away.slots(near, starts_at__gt=visit.starts_at)[0]
    later = away.slots(same, starts_at__gt=visit.starts_at)[8]
    only_free(away, soon, later)
    absence = start(away)
    assert proposed(away, absence) == {(visit.id, "move"): later.id}


def test_language_and_loyalty_count() -> None:
    away = make_away(1, doctors=2, days=3)
    (visit,) = away.visits()
    speaks, not_ = away.others
    with away.world.as_owner():
        Patient.objects.using("owner").filter(pk=visit.patient_id).update(preferred_language="ta")
        for doctor, languages in ((speaks, ["English", "Tamil"]), (not_, ["English"])):
            type(doctor).objects.using("owner").filter(pk=doctor.pk).update(
                languages_spoken=languages
            )
    soon = away.slots(not_, starts_at__gt=visit.starts_at)[0]
    later = away.slots(speaks, starts_at__gt=visit.starts_at)[4]
    own = away.slots(away.world.doctor, starts_at__gt=away.end)[0]
    only_free(away, soon, later, own)
    absence = start(away)
    assert proposed(away, absence) == {(visit.id, "move"): later.id}
    change(visit, away, appointment_type="follow-up")
    assert proposed(away, absence) == {(visit.id, "move"): own.id}


def test_nobody_is_proposed_a_time_at_which_they_are_elsewhere() -> None:
    away = make_away(2, doctors=2)
    one, two = away.visits()
    with away.world.as_owner():  # both visits are of one patient, who has a third that day
        Appointment.objects.using("owner").filter(pk=two.pk).update(patient_id=one.patient_id)
    free = away.slots(away.others[0], starts_at__gte=two.ends_at)[:3]
    beside = away.slots(away.others[1], starts_at=free[0].starts_at)[0]
    with away.world.as_user(away.world.bob):
        assert book_appointment(
            idempotency_key="b", user_id=away.world.bob.id, clinic_id=away.world.id,
            slot_id=beside.id, patient_id=one.patient_id,
        ).ok  # fmt: skip
    twin = away.slots(away.others[1], starts_at=free[1].starts_at)[0]
    only_free(away, *free[:2], twin)
    absence = start(away)
    places = proposed(away, absence)
    assert list(places) in ([(one.id, "move")], [(two.id, "move")])
    assert set(places.values()) <= {free[1].id, twin.id}


def cap(away: Away, doctor: Any, most: int) -> None:
    with away.world.as_owner():
        type(doctor).objects.using("owner").filter(pk=doctor.pk).update(max_daily_appointments=most)


def test_a_day_that_is_full_is_not_proposed() -> None:
    away = make_away(1, doctors=2, days=3)
    (visit,) = away.visits()
    full, free = away.others
    for doctor in away.others:
        cap(away, doctor, 1)
    with away.world.as_user(away.world.bob):
        assert book_appointment(
            idempotency_key="b", user_id=away.world.bob.id, clinic_id=away.world.id,
            slot_id=away.slots(full, starts_at__gt=visit.starts_at)[20].id,
            patient_id=away.world.patient.id,
        ).ok  # fmt: skip
    near = away.slots(full, starts_at__gt=visit.starts_at)[0]
    later = away.slots(free, starts_at__gt=visit.starts_at)[9]
    only_free(away, near, later, away.slots(full, starts_at=visit.starts_at)[0])
    absence = start(away)
    assert proposed(away, absence) == {(visit.id, "move"): later.id}
    (done,) = choose(away, absence, {0: "move"})
    assert apply(away, absence, [done]).refused == {}


@pytest.mark.parametrize("kind", ["cover", "move"])
def test_no_day_is_proposed_to_more_than_it_takes(kind: str) -> None:
    """Four patients, and a doctor who takes two more: all that is proposed can be applied."""
    away = make_away(4, doctors=1, days=1)
    (other,) = away.others
    cap(away, other, 2)
    last = away.visits()[-1]
    with away.world.as_owner():
        slots = AppointmentSlot.objects.using("owner")
        slots.filter(starts_at__gte=away.end).update(is_blocked=True)
        if kind == "move":
            slots.filter(doctor=other, starts_at__lt=last.ends_at).update(is_blocked=True)
    absence = start(away)
    places = proposed(away, absence)
    assert [kind for _, kind in places] == [kind] * 2
    choices = [
        Choice(visit.id, visit.version, kind, places[visit.id, kind])
        for visit in away.visits() if (visit.id, kind) in places
    ]  # fmt: skip
    outcome = apply(away, absence, choices)
    assert (outcome.done, outcome.refused) == (2, {})


def test_a_move_within_a_full_day_is_proposed() -> None:
    """A morning off: the afternoon of the same day takes its visits, full as it is."""
    away = make_away(2, doctors=0, days=1)
    cap(away, away.world.doctor, 2)
    noon = away.start + dt.timedelta(hours=12)
    absence = start(away, ends_at=noon)
    places = proposed(away, absence)
    assert [kind for _, kind in places] == ["move", "move"]
    outcome = apply(away, absence, choose(away, absence, {0: "move", 1: "move"}))
    assert (outcome.done, outcome.refused) == (2, {})
