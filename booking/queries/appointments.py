"""What the front desk reads. Plain values, each query with the clinic in it for the planner."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Case, Exists, Func, OuterRef, Q, UUIDField, When
from django.db.models.functions import Now

from booking.models import Appointment, AppointmentResource, AppointmentSlot
from booking.queries.rights import overbookers
from booking.wording import HIDDEN


class DoctorColumn(NamedTuple):
    """A doctor as the head of a column."""

    id: str
    name: str
    subject: str
    room: str


class SlotRow(NamedTuple):
    """A slot of the day. Instants are epoch seconds; free leaves only the clock against it.

    covered_by is the visit of another slot that takes this one, too. held: for how many seconds
    more, by the database's clock, somebody else keeps it.
    """

    id: str
    doctor_id: str
    starts: int
    ends: int
    free: bool
    blocked: bool
    block_reason: str
    covered_by: str | None = None
    held: int = 0


class DaySlot(NamedTuple):
    """One slot as the day's grid shows it."""

    row: SlotRow
    day: date
    doctor: str


class Held(NamedTuple):
    """What the person holds: minutes left, 0 when it is over."""

    minutes: int


class AppointmentRow(NamedTuple):
    """An appointment of the day. Instants are epoch seconds."""

    id: str
    doctor_id: str | None
    starts: int
    ends: int
    status: str
    kind: str
    arrived: bool
    patient: str
    overbooked: bool = False


@dataclass(frozen=True, slots=True)
class DaySchedule:
    """One day of a clinic: start and end are its local midnights, as instants."""

    day: date
    zone: ZoneInfo
    start: datetime
    end: datetime
    step_minutes: int
    doctors: list[DoctorColumn]
    slots: list[SlotRow]
    appointments: list[AppointmentRow]


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
    """One change in the life of an appointment. at was its time before, to its time after."""

    action: str
    reason: str
    made_at: datetime
    who: str | None
    version: int
    at: datetime
    to: datetime


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants of a day's two local midnights: 23, 24 or 25 hours apart."""
    return tuple(  # type: ignore[return-value]
        datetime.combine(d, time(), zone).astimezone(ZoneInfo("UTC"))
        for d in (day, day + timedelta(1))
    )


# The busiest page: plain text and integers, which cost a fifth of UUIDs and aware datetimes.
# Leave takes what is free: nothing can be booked in it.
SLOT_COLUMNS = """s.id::text, s.doctor_id::text, extract(epoch from s.starts_at)::bigint,
      extract(epoch from s.ends_at)::bigint, s.is_available and not s.is_blocked and not l.away,
      s.is_blocked or s.is_available and l.away,
      case when l.away and (not s.is_blocked or s.block_reason = 'outside working hours')
        then 'Away' else s.block_reason end,
      s.covered_by::text, case when s.held_until > now()
        and s.held_by is distinct from (select app.current_user_id())
        then ceil(extract(epoch from s.held_until - now()))::int else 0 end"""
AWAY = """cross join lateral (select exists (
      select from doctor_leave l
      where l.clinic_id = s.clinic_id and l.doctor_id = s.doctor_id and l.deleted_at is null
        and l.starts_at < s.ends_at and l.ends_at > s.starts_at) as away) l"""
DAY_SLOTS = f"""
    select {SLOT_COLUMNS}
    from appointment_slots s {AWAY}
    where s.clinic_id = %s and s.starts_at >= %s and s.starts_at < %s"""  # noqa: S608  no values
ONE_SLOT = f"""
    select s.slot_date, d.full_name, {SLOT_COLUMNS}
    from appointment_slots s join doctors d on d.clinic_id = s.clinic_id and d.id = s.doctor_id
      {AWAY}
    where s.clinic_id = %s and s.id = %s"""  # noqa: S608  no values
HELD = """
    select greatest(ceil(extract(epoch from held_until - now()) / 60), 0)::int
    from appointment_slots
    where clinic_id = %s and id = %s and held_by = (select app.current_user_id())"""
DAY_APPOINTMENTS = """
    select a.id::text, a.doctor_id::text, extract(epoch from a.starts_at)::bigint,
      extract(epoch from a.ends_at)::bigint, a.status::text,
      coalesce(s.name, a.appointment_type::text), a.checked_in_at is not null, p.full_name,
      a.overbooked_reason <> ''
    from appointments a join patients p on p.clinic_id = a.clinic_id and p.id = a.patient_id
    left join services s on s.clinic_id = a.clinic_id and s.id = a.service_id
    where a.clinic_id = %s and a.starts_at >= %s and a.starts_at < %s and a.deleted_at is null"""
DAY_DOCTORS = """
    select id::text, full_name, coalesce(specializations ->> 0, ''), room,
      is_active and deleted_at is null
    from doctors where clinic_id = %s order by full_name, id"""


def day_schedule(*, clinic_id: UUID, day: date, zone: ZoneInfo, step_minutes: int) -> DaySchedule:
    """Doctors, slots and appointments of one local day. Three queries."""
    start, end = day_bounds(day, zone)
    with connection.cursor() as cursor:
        cursor.execute(DAY_SLOTS, [clinic_id, start, end])
        slots = [SlotRow(*row) for row in cursor.fetchall()]
        cursor.execute(DAY_APPOINTMENTS, [clinic_id, start, end])
        appointments = [AppointmentRow(*row) for row in cursor.fetchall()]
        cursor.execute(DAY_DOCTORS, [clinic_id])
        present = {row.doctor_id for row in slots} | {row.doctor_id for row in appointments}
        doctors = [
            DoctorColumn(*row) for *row, works in cursor.fetchall() if works or row[0] in present
        ]
    return DaySchedule(day, zone, start, end, step_minutes, doctors, slots, appointments)


def day_slot(*, clinic_id: UUID, slot_id: UUID) -> DaySlot | None:
    """One slot of the grid with the name of its doctor, or None. One query."""
    with connection.cursor() as cursor:
        cursor.execute(ONE_SLOT, [clinic_id, slot_id])
        row = cursor.fetchone()
    return DaySlot(SlotRow(*row[2:]), *row[:2]) if row else None


def held_by_me(*, clinic_id: UUID, slot_id: UUID) -> Held | None:
    """What is left of the hold of the context's user, or None where there was none."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, [clinic_id, slot_id])
        row = cursor.fetchone()
    return Held(*row) if row else None


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
      t.to_starts_at
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


def visits_on(
    *, clinic_id: UUID, patient_ids: Iterable[UUID], start: datetime, end: datetime
) -> dict[UUID, Visit]:
    """The first standing appointment of each patient from start until end."""
    rows = (
        Appointment.objects.filter(
            clinic_id=clinic_id, patient_id__in=list(patient_ids), deleted_at=None,
            starts_at__gte=start, starts_at__lt=end,
        )
        .exclude(status__in=[*HIDDEN, "no_show"])
        .order_by("-starts_at")
        .values_list("patient_id", "starts_at", "doctor__full_name")
    )  # fmt: skip
    return {patient: Visit(starts, doctor) for patient, starts, doctor in rows}


def next_visits(
    *, clinic_id: UUID, patient_ids: Iterable[UUID], now: datetime
) -> dict[UUID, Visit]:
    """The next open appointment of each patient."""
    return visits_on(
        clinic_id=clinic_id, patient_ids=patient_ids, start=now, end=now + timedelta(days=730)
    )
