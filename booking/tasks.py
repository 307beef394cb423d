"""What time asks of booking: slots ahead of today, made again and again."""

import datetime as dt
from contextlib import suppress
from zoneinfo import ZoneInfo

from django.utils import timezone
from procrastinate import Blueprint, RetryStrategy
from procrastinate.exceptions import AlreadyEnqueued

from booking.services import generate_slots
from clinic.models import Doctor
from clinic.tenancy.context import tenant_context
from clinic.tenancy.membership import ClinicKey, active_clinics

DAYS, MOST = 30, 400  # as booking.slots_until
NIGHT_HOUR = 4  # no zone skips it when the clocks change
tasks = Blueprint()


def extend_slots(*, clinic: ClinicKey, days: int | None = None) -> int:
    """Make the missing slots of the clinic's doctors from its today to so many days on.

    Without days as far as patients may book with each: at least 30 days, at most 400. Returns how
    many are new. One transaction, as clinic_worker. Raises Busy, DataError above 400.
    """
    today = timezone.localdate(timezone=ZoneInfo(clinic.time_zone))
    with tenant_context(clinic=clinic.id, role="worker", reason="Slots ahead"):
        doctors = Doctor.objects.filter(clinic_id=clinic.id, is_active=True, deleted_at=None)
        horizons = doctors.order_by("id").values_list("id", "advance_booking_days")
        return sum(
            generate_slots(doctor_id=pk, from_date=today, to_date=today + until(ahead, days))
            for pk, ahead in horizons
        )


def until(ahead: int, days: int | None) -> dt.timedelta:
    """How far a doctor's slots go who can be booked so many days ahead, unless days says."""
    return dt.timedelta(days=min(max(DAYS, ahead), MOST) if days is None else days)


@tasks.task(name="extend_slots", retry=RetryStrategy(max_attempts=5, wait=60))
def extend_slots_of(clinic_id: str) -> None:
    """One clinic's slots. A clinic that is gone meanwhile needs none."""
    for clinic in active_clinics():
        if str(clinic.id) == clinic_id:
            extend_slots(clinic=clinic)


@tasks.periodic(cron="5 * * * *")
@tasks.task(name="extend_slots_tonight", queueing_lock="extend_slots_tonight", retry=5)
def extend_slots_tonight(timestamp: int) -> None:
    """Queue a job for each clinic whose night it is at timestamp (unix seconds)."""
    now = dt.datetime.fromtimestamp(timestamp, dt.UTC)
    for clinic in active_clinics():
        if now.astimezone(ZoneInfo(clinic.time_zone)).hour == NIGHT_HOUR:
            with suppress(AlreadyEnqueued):
                job = extend_slots_of.configure(queueing_lock=f"extend_slots {clinic.id}")
                job.defer(clinic_id=str(clinic.id))
