"""What time asks of booking: slots ahead of today, offers that run out, who never came."""

import datetime as dt
import logging
from collections.abc import Callable
from contextlib import suppress
from zoneinfo import ZoneInfo

from django.utils import timezone
from procrastinate import Blueprint, RetryStrategy
from procrastinate.exceptions import AlreadyEnqueued

from booking.services.appointments import generate_slots
from booking.services.waiting import mark_no_shows, work_waiting_list
from clinic.models import Doctor
from clinic.tenancy.context import tenant_context
from clinic.tenancy.membership import ClinicKey, active_clinics

DAYS, MOST = 30, 400  # as booking.slots_until
NIGHT_HOUR = 4  # no zone skips it when the clocks change
tasks = Blueprint()
logger = logging.getLogger(__name__)


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


def in_each_clinic(work: Callable[[], int], reason: str) -> int:
    """The sum of what work returns in every active clinic, each a transaction as clinic_worker.

    A clinic in trouble does not stop the others: it is logged, and its turn comes again.
    """
    done = 0
    for clinic in active_clinics():
        try:
            with tenant_context(clinic=clinic.id, role="worker", reason=reason):
                done += work()
        except Exception as error:
            logger.warning("%s: nothing done in %s: %s", reason, clinic.code, type(error).__name__)
    return done


@tasks.periodic(cron="* * * * *")
@tasks.task(name="waiting_list", queueing_lock="waiting_list")
def waiting_list(timestamp: int) -> None:
    """Every minute: offers that ran out go to the next, entries that are over are closed."""
    in_each_clinic(work_waiting_list, "Waiting list")


@tasks.periodic(cron="*/15 * * * *")
@tasks.task(name="no_shows", queueing_lock="no_shows")
def no_shows(timestamp: int) -> None:
    """Mark who never came, where the clinic has switched that on."""
    in_each_clinic(mark_no_shows, "Never came")
