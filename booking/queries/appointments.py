"""What pages read of one appointment or slot. Plain values, each with the clinic in its query."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Case, Exists, Func, OuterRef, Q, QuerySet, UUIDField, When
from django.db.models.functions import Now

from booking.models import Appointment, AppointmentResource, AppointmentSlot
from booking.queries.rights import overbookers
from booking.wording import HIDDEN


class SlotDetail(NamedTuple):
    """The slot that a booking form is about, free or not."""

    id: UUID
    doctor_id: UUID
    starts_at: datetime
    ends_at: datetime
    doctor: str
    room: str
    duration_minutes: int
    slot_date: date
    is_open: bool
    is_blocked: bool
    is_held: bool = False


class AppointmentDetail(NamedTuple):
    """Everything the side panel says."""

    id: UUID
    number: str
    starts_at: datetime
    ends_at: datetime
    duration_minutes: int
    day: date
    status: str
    kind: str
    reason: str
    checked_in_at: datetime | None
    cancelled_at: datetime | None
    cancellation_reason: str
    slot_id: UUID | None
    doctor: str | None
    room: str | None
    patient_id: UUID
    patient: str
    born: date
    record: str
    phone: str
    country: str
    version: int
    ticket: str
    service: str | None
    places: list[str]
    overbooked: str
    overlap: str
    booked_by: str | None
    series_id: UUID | None
    position: int | None
    may_overbook: bool

    @property
    def late_minutes(self) -> int:
        """Whole minutes after their time at which the patient checked in; 0 for all others."""
        late = (self.checked_in_at or self.starts_at) - self.starts_at
        return max(0, int(late.total_seconds() // 60))


class Happening(NamedTuple):
    """One change in the life of an appointment. Before it was at, in from_slot_id, after it to."""

    action: str
    reason: str
    made_at: datetime
    who: str | None
    version: int
    at: datetime
    to: datetime
    from_slot_id: UUID | None


def slot_detail(*, clinic_id: UUID, slot_id: UUID) -> SlotDetail | None:
    """The slot, or None for a missing one and for another clinic's. is_held: by somebody else."""
    me = Func(function="app.current_user_id", output_field=UUIDField())
    held = Q(held_until__gt=Now()) & (Q(held_by=None) | ~Q(held_by=me))
    row = (
        AppointmentSlot.objects.filter(clinic_id=clinic_id, id=slot_id)
        .values_list(
            "id", "doctor_id", "starts_at", "ends_at", "doctor__full_name", "doctor__room",
            "duration_minutes", "slot_date", "is_available", "is_blocked",
            Case(When(held, then=True), default=False),
        )
        .first()
    )  # fmt: skip
    return SlotDetail(*row) if row else None


def appointment_detail(
    *, clinic_id: UUID, appointment_id: UUID, user_id: UUID | None = None
) -> AppointmentDetail | None:
    """The appointment with its patient, doctor, service and places, or None. One query.

    may_overbook is whether the staff row of user_id has that permission.
    """
    kept = AppointmentResource.objects.filter(clinic_id=clinic_id, appointment=OuterRef("pk"))
    places = ArraySubquery(kept.order_by("resource__name").values("resource__name"))
    row = (
        Appointment.objects.filter(clinic_id=clinic_id, id=appointment_id, deleted_at=None)
        .annotate(permitted=Exists(overbookers(clinic_id=clinic_id, user_id=user_id)))
        .values_list(
            "id", "appointment_number", "starts_at", "ends_at", "duration_minutes",
            "appointment_date", "status", "appointment_type", "visit_reason", "checked_in_at",
            "cancelled_at", "cancellation_reason", "slot_id", "doctor__full_name", "doctor__room",
            "patient_id", "patient__full_name", "patient__date_of_birth",
            "patient__patient_number", "patient__phone", "clinic__country", "version",
            "queue_number", "service__name", places, "overbooked_reason", "overlap_reason",
            "booked_by__full_name", "series_id", "series_position", "permitted",
        )
        .first()
    )  # fmt: skip
    return AppointmentDetail(*row) if row else None


HISTORY = """
    select t.action, t.reason, t.created_at, n.full_name, t.version, t.from_starts_at,
      t.to_starts_at, t.from_slot_id
    from appointment_transitions t left join app.member_names() n on n.user_id = t.changed_by
    where t.clinic_id = %s and t.appointment_id = %s order by t.version desc limit 20"""


def appointment_history(*, clinic_id: UUID, appointment_id: UUID) -> list[Happening]:
    """The last twenty changes, newest first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(HISTORY, [clinic_id, appointment_id])
        return [Happening(*row) for row in cursor.fetchall()]


class Taker(NamedTuple):
    """Who holds a slot, since when, and with which appointment."""

    appointment_id: UUID
    user_id: UUID | None
    name: str | None
    at: datetime


def taker_of(*, clinic_id: UUID, slot_id: UUID) -> Taker | None:
    """Who booked the slot that is no longer free, or None."""
    row = (
        Appointment.objects.filter(
            Q(slot_id=slot_id) | Q(covers=slot_id), clinic_id=clinic_id, deleted_at=None
        )
        .exclude(status__in=[*HIDDEN, "no_show"])
        .order_by("overbooked_reason", "created_at")  # the one that has the slot comes first
        .values_list("id", "booked_by_id", "booked_by__full_name", "created_at")
        .first()
    )
    return Taker(*row) if row else None


class Visit(NamedTuple):
    """One appointment of a patient, briefly."""

    starts_at: datetime
    doctor: str | None

    def text(self, zone: ZoneInfo) -> str:
        """09:30 with Dr Berg"""
        with_ = f" with {self.doctor}" if self.doctor else ""
        return f"{self.starts_at.astimezone(zone):%H:%M}{with_}"


def standing(*, clinic_id: UUID, start: datetime, end: datetime) -> QuerySet[Appointment]:
    """What is booked from start until end and was neither called off nor missed."""
    found = Appointment.objects.filter(
        clinic_id=clinic_id, deleted_at=None, starts_at__gte=start, starts_at__lt=end
    )
    return found.exclude(status__in=[*HIDDEN, "no_show"])


def visits_on(
    *, clinic_id: UUID, patient_ids: Iterable[UUID], start: datetime, end: datetime
) -> dict[UUID, Visit]:
    """The first standing appointment of each patient from start until end."""
    rows = (
        standing(clinic_id=clinic_id, start=start, end=end)
        .filter(patient_id__in=list(patient_ids))
        .order_by("-starts_at")
        .values_list("patient_id", "starts_at", "doctor__full_name")
    )
    return {patient: Visit(starts, doctor) for patient, starts, doctor in rows}


def next_visits(
    *, clinic_id: UUID, patient_ids: Iterable[UUID], now: datetime
) -> dict[UUID, Visit]:
    """The next open appointment of each patient."""
    return visits_on(
        clinic_id=clinic_id, patient_ids=patient_ids, start=now, end=now + timedelta(days=730)
    )
