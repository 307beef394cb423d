"""What the desk reads about services: which a doctor gives, and where one of them fits."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Coalesce

from booking.models import Appointment, AppointmentSlot, ServiceDoctor
from booking.wording import HIDDEN

LOOKED_AT = 400  # slots from the asked time on, of all doctors who give the service


class FreeSlot(NamedTuple):
    """A time at which a service fits; ends_at is the visit's own."""

    id: UUID
    doctor_id: UUID
    starts_at: datetime
    ends_at: datetime
    doctor: str
    room: str
    duration_minutes: int


class Offer(NamedTuple):
    """A service that a doctor gives, and how many minutes it takes with them."""

    id: UUID
    name: str
    minutes: int


def services_of(*, clinic_id: UUID, doctor_id: UUID) -> list[Offer]:
    """The active services of a doctor by name. One query."""
    rows = (
        ServiceDoctor.objects.filter(
            clinic_id=clinic_id, doctor_id=doctor_id, is_active=True, service__is_active=True
        )
        .order_by("service__name")
        .values_list("service_id", "service__name", _own("duration_minutes"))
    )
    return [Offer(*row) for row in rows]


def _own(column: str) -> Coalesce:
    """The doctor's own number, or else the service's."""
    return Coalesce(F(column), F(f"service__{column}"))


class _Times(NamedTuple):
    """How long a service takes with a doctor, and what stays free around it and between slots."""

    length: timedelta
    before: timedelta
    after: timedelta
    gap: timedelta


class _Slot(NamedTuple):
    id: UUID
    doctor_id: UUID
    starts_at: datetime
    ends_at: datetime
    doctor: str
    room: str
    available: bool
    blocked: bool


def fitting_slots(
    *,
    clinic_id: UUID,
    service_id: UUID,
    after: datetime,
    limit: int,
    doctor_id: UUID | None = None,
    busy_patient: UUID | None = None,
) -> list[FreeSlot]:
    """The next times at which a service fits, soonest first; ends_at is the visit's own.

    Two queries. Rooms and equipment are not asked about: booking does that.
    """
    given = ServiceDoctor.objects.filter(
        clinic_id=clinic_id, service_id=service_id, is_active=True,
        doctor__is_active=True, doctor__deleted_at=None,
    )  # fmt: skip
    rows = given.values_list(
        "doctor_id", _own("duration_minutes"), _own("buffer_before_minutes"),
        _own("buffer_after_minutes"), "doctor__buffer_time_minutes",
    )  # fmt: skip
    times = {row[0]: _Times(*(timedelta(minutes=n) for n in row[1:])) for row in rows}
    slots = _slots(clinic_id, [doctor_id] if doctor_id else [*times], after)
    found = sorted(
        (slot for pk in slots if pk in times for slot in _fitting(slots[pk], times[pk])),
        key=lambda slot: (slot.starts_at, slot.doctor),
    )
    ahead = [slot for slot in found if slot.starts_at > after]
    return clear_of(ahead, clinic_id, busy_patient, after)[:limit]


def _slots(clinic_id: UUID, doctors: list[UUID], after: datetime) -> dict[UUID, list[_Slot]]:
    rows = AppointmentSlot.objects.filter(
        clinic_id=clinic_id, doctor_id__in=doctors, starts_at__gt=after - timedelta(hours=12)
    ).order_by("starts_at")
    found = defaultdict(list)
    for row in rows.values_list(
        "id", "doctor_id", "starts_at", "ends_at", "doctor__full_name", "doctor__room",
        "is_available", "is_blocked",
    )[:LOOKED_AT]:  # fmt: skip
        found[row[1]].append(_Slot(*row))
    return found


def _fitting(slots: list[_Slot], times: _Times) -> Iterator[FreeSlot]:
    """The free slots of one doctor, in their order, from which the service fits."""
    for slot in slots:
        ends = slot.starts_at + times.length
        touched = [
            n for n in slots
            if n.starts_at < ends + times.after and n.ends_at > slot.starts_at - times.before
        ]  # fmt: skip
        if slot.available and not slot.blocked and all(n.available for n in touched):
            worked = slot.starts_at
            for n in touched:
                if not n.blocked and n.starts_at <= worked:
                    worked = max(worked, n.ends_at + times.gap)
            if worked >= ends:
                minutes = int(times.length.total_seconds() // 60)
                yield FreeSlot(
                    slot.id, slot.doctor_id, slot.starts_at, ends, slot.doctor, slot.room, minutes
                )


def until(at: datetime, minutes: int) -> str:
    """10:15, for a local time and a length."""
    return f"{at + timedelta(minutes=minutes):%H:%M}"


def clear_of(
    slots: list[FreeSlot], clinic_id: UUID, patient_id: UUID | None, after: datetime
) -> list[FreeSlot]:
    """The slots that overlap none of the patient's next ten visits; all of them for no patient."""
    taken = _busy_times(clinic_id, patient_id, after) if patient_id else []
    return [s for s in slots if not any(a < s.ends_at and s.starts_at < b for a, b in taken)]


def _busy_times(clinic_id: UUID, patient_id: UUID, after: datetime) -> list[tuple[datetime, ...]]:
    rows = Appointment.objects.filter(
        clinic_id=clinic_id, patient_id=patient_id, starts_at__gte=after - timedelta(hours=12)
    ).exclude(status__in=[*HIDDEN, "no_show"])
    return list(rows.order_by("starts_at").values_list("starts_at", "ends_at")[:10])
