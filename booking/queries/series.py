"""What pages of series read: previews from the database, and the visits of a series."""

from datetime import datetime, time
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q

from booking.models import Appointment, AppointmentSeries
from booking.queries.appointments import Visit, standing
from booking.services.series import SeriesRule

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
    values: list[Any] = [
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
        values: list[Any] = [appointment_id, scope, doctor_id, weekday, at]
        cursor.execute(PREVIEW_MOVE, values)
        return [MoveChoice(*row) for row in cursor.fetchall()]


def other_visits(
    *, clinic_id: UUID, patient_id: UUID, start: datetime, end: datetime,
    but_series: UUID | None = None,
) -> list[Visit]:  # fmt: skip
    """The patient's standing visits from start until end, soonest first; a series apart."""
    found = standing(clinic_id=clinic_id, start=start, end=end).filter(patient_id=patient_id)
    if but_series:
        found = found.filter(~Q(series_id=but_series) | Q(series_id=None))
    rows = found.order_by("starts_at").values_list("starts_at", "doctor__full_name")
    return [Visit(*row) for row in rows]


def get_series(*, clinic_id: UUID, series_id: UUID) -> AppointmentSeries | None:
    """The rule with its patient and doctor, or None."""
    found = AppointmentSeries.objects.filter(clinic_id=clinic_id, id=series_id)
    # Of people their names alone: nobody may read every column.
    names = (f"{who}__full_name" for who in ("patient", "doctor", "created_by"))
    rule = (
        "clinic", "every_weeks", "weekdays", "starts_on", "wall_time", "occurrences", "until",
        "created_at",
    )  # fmt: skip
    return found.select_related("patient", "doctor", "created_by").only(*rule, *names).first()


def visits_of(*, clinic_id: UUID, series_id: UUID) -> list[SeriesVisit]:
    """The visits of a series in the order in which they were booked."""
    rows: Any = Appointment.objects.filter(
        clinic_id=clinic_id, series_id=series_id, deleted_at=None
    )
    found = rows.order_by("series_position").values_list(
        "id", "appointment_number", "series_position", "starts_at", "ends_at", "status", "version",
        "checked_in_at", "doctor_id", "doctor__full_name",
    )  # fmt: skip
    return [SeriesVisit._make([*row[:7], row[7] is not None, *row[8:]]) for row in found]


class Place(NamedTuple):
    """Where a visit stands in its series: 3 of 12."""

    series_id: UUID
    position: int
    size: int


def series_size(*, clinic_id: UUID, series_id: UUID) -> int:
    """How many visits a series has, whatever became of them."""
    return Appointment.objects.filter(
        clinic_id=clinic_id, series_id=series_id, deleted_at=None
    ).count()


class LastChange(NamedTuple):
    """A change of a series that may still be taken back, seen from one of its visits."""

    visit_id: UUID
    version: int
    action: str
    visits: int
    made_at: datetime


LAST_CHANGE = """
    select (array_agg(a.id order by a.series_position))[1],
      (array_agg(a.version order by a.series_position))[1], t.action, count(*), t.created_at
    from appointments a
    join appointment_transitions t on t.clinic_id = a.clinic_id and t.appointment_id = a.id
      and t.version = a.version and t.action in ('cancel', 'reschedule')
    where a.clinic_id = %s and a.series_id = %s and a.deleted_at is null
      and t.created_at > now() - interval '12 hours'
    group by t.action, t.created_at having count(*) > 1
    order by t.created_at desc limit 1"""


def last_change(*, clinic_id: UUID, series_id: UUID) -> LastChange | None:
    """The newest change of two visits or more at once, within the half day for undoing it."""
    with connection.cursor() as cursor:
        cursor.execute(LAST_CHANGE, [clinic_id, series_id])
        row = cursor.fetchone()
    return LastChange(*row) if row else None
