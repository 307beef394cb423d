"""Series in the making, for the tests of what repeats."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connections

from booking.models import Appointment, AppointmentSlot
from booking.queries.series import DateChoice, MoveChoice, preview_move, preview_series
from booking.services.appointments import book_appointment
from booking.services.series import (
    SeriesOutcome,
    SeriesRule,
    book_series,
    cancel_series,
    move_series,
    undo_series,
)
from clinic.models import DoctorLeave
from tests.factories import World

NINE = dt.time(9)
WEEK = dt.timedelta(weeks=1)
DAY = dt.timedelta(days=1)


def zone(world: World) -> ZoneInfo:
    return ZoneInfo(world.clinic.time_zone)


def next_monday(weeks: int = 1) -> dt.date:
    """A Monday that is more than so many weeks minus a day ahead, wherever the clinic is."""
    today = dt.datetime.now(dt.UTC).date()
    return today - dt.timedelta(today.weekday()) + (weeks + 1) * WEEK


def clock_change(world: World, after: dt.date) -> dt.date:
    """The day after `after` on which the clocks of the clinic change."""
    here, day = zone(world), after
    while True:
        noon, next_noon = (dt.datetime.combine(d, dt.time(12), here) for d in (day, day + DAY))
        if noon.utcoffset() != next_noon.utcoffset():
            return day + DAY
        day += DAY


def mondays(first: dt.date, count: int = 12, at: dt.time = NINE, **more: Any) -> SeriesRule:
    """Every week on the weekday of first."""
    given = {"every": 1, "weekdays": (first.isoweekday(),), "occurrences": count, **more}
    return SeriesRule(starts_on=first, at=at, **given)


def instant(world: World, day: dt.date, at: dt.time = NINE) -> dt.datetime:
    return dt.datetime.combine(day, at, zone(world)).astimezone(dt.UTC)


def looked_at(world: World, rule: SeriesRule, doctor: Any = None) -> list[DateChoice]:
    with world.as_user(world.bob):
        return preview_series(
            patient_id=world.patient.id, doctor_id=doctor or world.doctor.id, rule=rule
        )


def booked(
    world: World, rule: SeriesRule, starts: Sequence[dt.datetime], user: Any = None, **given: Any
) -> SeriesOutcome:
    given = {
        "idempotency_key": str(uuid.uuid4()), "patient_id": world.patient.id,
        "doctor_id": world.doctor.id, **given,
    }  # fmt: skip
    with world.as_user(user or world.bob):
        return book_series(rule=rule, starts=starts, **given)


def a_series(world: World, rule: SeriesRule | None = None, count: int = 4) -> list[Appointment]:
    """Visits of Dana at nine on Mondays, or by the rule, as the preview wants them."""
    rule = rule or mondays(next_monday(), count)
    outcome = booked(world, rule, [choice.starts_at for choice in looked_at(world, rule)])
    assert outcome.ok, outcome
    return visits(world, outcome.series_id)


def visits(world: World, series_id: Any) -> list[Appointment]:
    with world.as_owner():
        found = Appointment.objects.using("owner").filter(series_id=series_id)
        return list(found.order_by("series_position"))


def everything(world: World) -> tuple[int, int, int]:
    """How many appointments, series and kept keys the clinic has."""
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(
            "select (select count(*) from clinic.appointments),"
            " (select count(*) from clinic.appointment_series),"
            " (select count(*) from booking.booking_requests)"
        )
        row = cursor.fetchone()
    return (row[0], row[1], row[2])


def moves(
    world: World, visit: Appointment, scope: str, **given: Any
) -> list[MoveChoice]:  # fmt: skip
    with world.as_user(world.bob):
        return preview_move(appointment_id=visit.pk, scope=scope, **given)


def moved(
    world: World, visit: Appointment, scope: str, rows: Sequence[MoveChoice], **given: Any
) -> SeriesOutcome:
    """Move each row to where the preview wants it."""
    given = {"idempotency_key": str(uuid.uuid4()), **given}
    wanted = [(row.appointment_id, row.version, row.starts_at) for row in rows]
    with world.as_user(world.bob):
        return move_series(appointment_id=visit.pk, scope=scope, visits=wanted, **given)


def cancelled(
    world: World, visit: Appointment, scope: str, some: Sequence[Appointment], **given: Any
) -> SeriesOutcome:
    given = {"idempotency_key": str(uuid.uuid4()), "reason": "Moving away", **given}
    with world.as_user(world.bob):
        return cancel_series(
            appointment_id=visit.pk, scope=scope, visits=[(v.pk, v.version) for v in some], **given
        )


def undone(world: World, visit: Appointment, **given: Any) -> SeriesOutcome:
    given = {"idempotency_key": str(uuid.uuid4()), "version": visit.version, **given}
    with world.as_user(world.bob):
        return undo_series(appointment_id=visit.pk, **given)


def take(world: World, starts: dt.datetime, patient: Any) -> None:
    """Somebody else's visit at that time: its slot is made and booked."""
    with world.as_owner(), connections["owner"].cursor() as cursor:
        day = starts.astimezone(zone(world)).date()
        cursor.execute("select booking.generate_slots(%s, %s, %s)", [world.doctor.id, day, day])
        slot = AppointmentSlot.objects.using("owner").get(
            doctor_id=world.doctor.id, starts_at=starts
        )
    with world.as_user(world.bob):
        assert book_appointment(
            idempotency_key=str(uuid.uuid4()), user_id=world.bob.id, clinic_id=world.id,
            slot_id=slot.pk, patient_id=patient.id,
        ).ok  # fmt: skip


def away(world: World, day: dt.date) -> None:
    """Leave of the doctor for that whole day."""
    with world.as_owner():
        DoctorLeave.objects.using("owner").create(
            clinic=world.clinic, doctor=world.doctor, starts_at=instant(world, day, dt.time()),
            ends_at=instant(world, day + DAY, dt.time()), reason="Conference",
        )  # fmt: skip


def blocked(world: World, *days: dt.date) -> None:
    """Days on which the doctor does not work."""
    with world.as_owner():
        type(world.doctor).objects.using("owner").filter(pk=world.doctor.pk).update(
            blocked_dates=[day.isoformat() for day in days]
        )
