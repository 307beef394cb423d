"""What is looked at before a second visit is booked on purpose."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from booking.models import Appointment
from booking.queries.appointments import SlotDetail, Visit
from booking.wording import HIDDEN
from clinic.models import Doctor


class DayVisit(NamedTuple):
    """A standing visit of a patient on a day."""

    starts_at: datetime
    ends_at: datetime
    slot_id: UUID | None
    visit: Visit

    def overlaps(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Touching ends are no overlap."""
        return self.starts_at < ends_at and starts_at < self.ends_at


def visits_of_day(
    *, clinic_id: UUID, patient_id: UUID, start: datetime, end: datetime
) -> list[DayVisit]:
    """The patient's standing visits from start until end, soonest first."""
    rows = (
        Appointment.objects.filter(
            clinic_id=clinic_id, patient_id=patient_id, deleted_at=None,
            starts_at__gte=start, starts_at__lt=end,
        )
        .exclude(status__in=[*HIDDEN, "no_show"])
        .order_by("starts_at")
        .values_list("starts_at", "ends_at", "slot_id", "doctor__full_name")
    )  # fmt: skip
    return [DayVisit(s, e, slot, Visit(s, doctor)) for s, e, slot, doctor in rows]


class Overbooked(NamedTuple):
    """A doctor's overbookings on the day of a slot: how many stand, and the cap."""

    used: int
    cap: int


def overbooked_that_day(*, clinic_id: UUID, slot: SlotDetail) -> Overbooked:
    """What is used of the cap."""
    day = Appointment.objects.filter(
        clinic_id=clinic_id, doctor_id=slot.doctor_id, appointment_date=slot.slot_date,
        deleted_at=None,
    ).exclude(status__in=HIDDEN)  # fmt: skip
    doctor = Doctor.objects.filter(clinic_id=clinic_id, id=slot.doctor_id)
    cap = doctor.values_list("max_daily_overbookings", flat=True).first() or 0
    return Overbooked(day.exclude(overbooked_reason="").count(), cap)
