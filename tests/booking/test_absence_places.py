"""Which place is proposed to whom."""

import datetime as dt
from typing import Any

from django.db import connection

from booking.models import (
    Absence,
    AbsenceRow,
    Appointment,
    AppointmentSlot,
)
from booking.services import (
    book_appointment,
)
from clinic.models import Patient
from tests.booking.absent import (
    proposed,
    start,
)
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
