"""What pages of series read: previews from the database, and the visits of a series."""

from datetime import datetime, time
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from booking.models import Appointment, AppointmentSeries
from booking.services_series import SeriesRule

FREE, TAKEN, OUTSIDE, PAST, SAME = "free", "taken", "outside", "past", "same"


class DateChoice(NamedTuple):
    """One date of a rule. state is free, taken, outside or past; why is a code, None when free.

    best_at is the nearest free time of the doctor within two days, where starts_at is not free.
    """

    position: int
    starts_at: datetime
    state: str
    why: str | None
    best_at: datetime | None


class MoveChoice(NamedTuple):
    """One visit of a series that may move, with its new time as of DateChoice; same stays."""

    appointment_id: UUID
    version: int
    position: int
    was_at: datetime
    doctor_id: UUID
    starts_at: datetime
    state: str
    why: str | None
    best_at: datetime | None


class SeriesVisit(NamedTuple):
    """A visit on the page of its series."""

    id: UUID
    number: str
    position: int
    starts_at: datetime
    ends_at: datetime
    status: str
    version: int
    arrived: bool
    doctor_id: UUID
    doctor: str


PREVIEW = """
    select series_position, starts_at, state, why, best_at
    from booking.preview_series(%s, %s, %s, %s::smallint[], %s, %s, %s, %s)"""
PREVIEW_MOVE = """
    select appointment_id, version, series_position, was_at, doctor_id, starts_at, state, why,
      best_at
    from booking.preview_series_move(%s, %s, %s, %s, %s)"""


def preview_series(*, patient_id: UUID, doctor_id: UUID, rule: SeriesRule) -> list[DateChoice]:
    """Every date of the rule with what stands against it; empty for ids of another clinic."""
    values = [
        patient_id, doctor_id, rule.every, list(rule.weekdays), rule.starts_on, rule.at,
        rule.occurrences, rule.until,
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(PREVIEW, values)
        return [DateChoice(*row) for row in cursor.fetchall()]


def preview_move(
    *,
    appointment_id: UUID,
    scope: str,
    doctor_id: UUID | None = None,
    weekday: int | None = None,
    at: time | None = None,
) -> list[MoveChoice]:
    """The visits of the scope ("following" or "all") that may still move, each with its new time.

    None keeps each visit's own doctor, weekday or wall-clock time.
    """
    with connection.cursor() as cursor:
        cursor.execute(PREVIEW_MOVE, [appointment_id, scope, doctor_id, weekday, at])
        return [MoveChoice(*row) for row in cursor.fetchall()]


def get_series(*, clinic_id: UUID, series_id: UUID) -> AppointmentSeries | None:
    """The rule with its patient and doctor, or None."""
    found = AppointmentSeries.objects.filter(clinic_id=clinic_id, id=series_id)
    return found.select_related("patient", "doctor", "created_by").first()


def visits_of(*, clinic_id: UUID, series_id: UUID) -> list[SeriesVisit]:
    """The visits of a series in the order in which they were booked."""
    rows = Appointment.objects.filter(clinic_id=clinic_id, series_id=series_id, deleted_at=None)
    return [
        SeriesVisit(*row[:7], row[7] is not None, *row[8:])
        for row in rows.order_by("series_position").values_list(
            "id", "appointment_number", "series_position", "starts_at", "ends_at", "status",
            "version", "checked_in_at", "doctor_id", "doctor__full_name",
        )
    ]  # fmt: skip
