"""When doctors work: what is planned, what a change would come to, and changing it.

Everything runs in the caller's tenant context. The database decides who may, cuts the slots, and
finds the visits that are left outside; nothing of it is worked out here.
"""

import json
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from booking.enums import AbsenceReason
from booking.models import Appointment
from booking.services.calls import Outcome, call, common
from clinic.models import Doctor, DoctorLeave, ExtraSession, Holiday, WorkingHours

KINDS = {"leave": DoctorLeave, "session": ExtraSession, "holiday": Holiday}
ABSENT = dict(AbsenceReason.choices)  # leave of an absence has the code of its reason


@dataclass(frozen=True, slots=True)
class WorkingDay:
    """A day with slots: how many, and from when to when as instants."""

    day: date
    slots: int
    spans: list[tuple[datetime, datetime]]


@dataclass(frozen=True, slots=True)
class CalendarOutcome(Outcome):
    """What a change of working time came to, or would. code and message are None on success.

    was and days are the days from first to last, eight weeks or more, before and after it;
    uncovered the ids of visits to come that lie outside, earliest first. idempotent tells that
    nothing was left to change.
    """

    new_status = 200

    first: date | None = None
    last: date | None = None
    was: dict[date, WorkingDay] = field(default_factory=dict)
    days: dict[date, WorkingDay] = field(default_factory=dict)
    uncovered: list[UUID] = field(default_factory=list)


class VisitRow(NamedTuple):
    """A visit that is left outside working time."""

    id: UUID
    starts_at: datetime
    doctor_id: UUID
    doctor: str
    patient: str
    number: str


class WeekRow(NamedTuple):
    """Weekly hours as they are planned."""

    weekday: int
    starts: time
    ends: time
    every_weeks: int
    week_of: date | None
    first: date
    last: date | None


class Entry(NamedTuple):
    """Leave, an extra session or a holiday; leave has instants, the others the wall clock."""

    kind: str
    id: UUID
    doctor_id: UUID | None
    doctor: str
    first: date | datetime
    last: date | datetime
    starts: time | None
    ends: time | None
    text: str


def outcome(answer: str) -> CalendarOutcome:
    """A CalendarOutcome from the jsonb text of a function that changes working time."""
    parsed = json.loads(answer)
    result = parsed.get("result") or {}
    return CalendarOutcome(
        **common(parsed),
        first=date.fromisoformat(result["from"]) if result else None,
        last=date.fromisoformat(result["to"]) if result else None,
        was=working_days(result.get("was", [])),
        days=working_days(result.get("days", [])),
        uncovered=[UUID(pk) for pk in result.get("uncovered", [])],
    )


def working_days(rows: list[dict[str, Any]]) -> dict[date, WorkingDay]:
    """{day: its slots} from the rows of booking.working_days."""
    found = {}
    for row in rows:
        spans = [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in row["spans"]]
        day = date.fromisoformat(row["day"])
        found[day] = WorkingDay(day, row["slots"], spans)
    return found


def save_hours(
    *, doctor_id: UUID, stamp: str, plan: dict[str, Any], preview: bool = False
) -> CalendarOutcome:
    """Save a doctor's week, breaks and limits from a date on, or only show what that comes to.

    plan is {"from", "until": ISO dates, until None for good; "hours": [{"weekday", "starts",
    "ends", "every_weeks", "week_of"}]; "breaks": as doctors.break_times; "minutes", "before",
    "after", "lead": minutes; "ahead": days; "daily": visits}. stamp is what hours_stamp said when
    the plan was made. Codes: not_allowed, doctor_not_found, invalid_input, times_overlap, stale.
    Raises Busy.
    """
    return outcome(call("save_hours", doctor_id, stamp, json.dumps(plan), preview))


def change_calendar(
    *, kind: str, entry_id: UUID, values: dict[str, Any] | None, preview: bool = False
) -> CalendarOutcome:
    """Add leave, an extra session or a holiday under an id of one's own, or withdraw it with None.

    values are as booking.change_calendar takes them, in the clinic's wall clock. Codes:
    not_allowed, doctor_not_found, day_not_found, invalid_input, times_overlap,
    idempotency_mismatch (the id is another entry's). Raises Busy.
    """
    sent = None if values is None else json.dumps(values, default=str)
    return outcome(call("change_calendar", kind, entry_id, sent, preview))


def permit_over_limit(*, slot_id: UUID, patient_id: UUID, reason: str) -> str | None:
    """Let the desk go over the doctor's visits of a day for this patient and slot, and keep why.

    Returns None, or the code of what stands against it. Raises Busy.
    """
    return json.loads(call("permit_over_limit", slot_id, patient_id, reason)).get("code")


def needs_permit(*, slot_id: UUID) -> bool:
    """Whether the doctor's day of a slot is full, so that booking it needs permit_over_limit."""
    return bool(call("slot_needs_permit", slot_id))


def hours_stamp(*, clinic_id: UUID, doctor_id: UUID) -> str:
    """What a doctor's hours, breaks and limits are now, to be handed back on saving."""
    return str(call("hours_stamp", clinic_id, doctor_id))


def doctors(*, clinic_id: UUID, user_id: UUID | None = None) -> QuerySet[Doctor]:
    """The clinic's doctors, or the one that a user is."""
    found = Doctor.objects.filter(clinic_id=clinic_id, deleted_at=None, is_active=True)
    return found.filter(user_id=user_id) if user_id else found


def planned_week(*, clinic_id: UUID, doctor_id: UUID, day: date) -> list[WeekRow]:
    """The weekly hours that are in force on a day, in the order of the week."""
    return planned_weeks(clinic_id=clinic_id, day=day).get(doctor_id, [])


def planned_changes(*, clinic_id: UUID, doctor_id: UUID, day: date) -> list[date]:
    """The days after a day on which other weekly hours begin, or hours end."""
    rows = hours_of(clinic_id, doctor_id)
    begins = rows.filter(effective_from__gt=day).values_list("effective_from", flat=True)
    ends = rows.filter(effective_to__gte=day).values_list("effective_to", flat=True)
    return sorted({*begins, *(last + timedelta(1) for last in ends if last)})


def planned_weeks(*, clinic_id: UUID, day: date) -> dict[UUID, list[WeekRow]]:
    """{doctor: the weekly hours in force on a day}, of every doctor of the clinic."""
    found: dict[UUID, list[WeekRow]] = {}
    rows = WorkingHours.objects.filter(clinic_id=clinic_id, deleted_at=None).filter(
        Q(effective_to=None) | Q(effective_to__gte=day), effective_from__lte=day
    )
    for row in rows.order_by("weekday", "starts"):
        found.setdefault(row.doctor_id, []).append(week_row(row))
    return found


def hours_of(clinic_id: UUID, doctor_id: UUID) -> QuerySet[WorkingHours]:
    return WorkingHours.objects.filter(clinic_id=clinic_id, doctor_id=doctor_id, deleted_at=None)


def week_row(row: WorkingHours) -> WeekRow:
    return WeekRow(
        row.weekday, row.starts, row.ends, row.every_weeks, row.week_of, row.effective_from,
        row.effective_to,
    )  # fmt: skip


def uncovered_visits(*, clinic_id: UUID, doctor_id: UUID | None = None) -> list[VisitRow]:
    """Visits to come outside the working time of their doctor, of one or of all, earliest first.

    Raises NotAllowed for roles other than the desk, doctors (their own) and administrators.
    """
    with connection.cursor() as cursor:
        cursor.execute("select appointment_id from booking.uncovered_visits(%s)", [doctor_id])
        ids = [row[0] for row in cursor.fetchall()]
    return visits(clinic_id=clinic_id, ids=ids)


def visits(*, clinic_id: UUID, ids: list[UUID]) -> list[VisitRow]:
    """These visits, as far as the caller may see them, earliest first."""
    rows = Appointment.objects.filter(clinic_id=clinic_id, id__in=ids).order_by("starts_at", "id")
    return [
        VisitRow(*row)
        for row in rows.values_list(
            "id", "starts_at", "doctor_id", "doctor__full_name", "patient__full_name",
            "appointment_number",
        )
    ]  # fmt: skip


def entries(*, clinic_id: UUID, today: date, doctor_id: UUID | None = None) -> list[Entry]:
    """Holidays, extra sessions and leave that are not over, in the order of their first day."""
    mine = Q(clinic_id=clinic_id, deleted_at=None)
    his = mine & Q(doctor_id=doctor_id) if doctor_id else mine
    found = [
        Entry("holiday", h.pk, None, "", h.first_day, h.last_day, None, None, h.name)
        for h in Holiday.objects.filter(mine, last_day__gte=today)
    ] + [
        Entry("session", s.pk, s.doctor_id, s.doctor.full_name, s.day, s.day, s.starts, s.ends,
              s.reason)
        for s in ExtraSession.objects.filter(his, day__gte=today).select_related("doctor")
    ] + [
        Entry("leave", v.pk, v.doctor_id, v.doctor.full_name, v.starts_at, v.ends_at, None, None,
              ABSENT.get(v.reason, v.reason))
        for v in DoctorLeave.objects.filter(his, ends_at__date__gte=today).select_related("doctor")
    ]  # fmt: skip
    return sorted(found, key=lambda e: str(e.first))
