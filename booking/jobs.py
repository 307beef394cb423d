"""What time asks of booking: slots ahead of today, made again and again."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils import timezone

from booking.services import generate_slots
from clinic.models import Doctor
from clinic.tenancy.context import tenant_context
from clinic.tenancy.membership import ClinicKey


def extend_slots(*, clinic: ClinicKey, days: int) -> int:
    """Make the missing slots of the clinic's doctors from its today to so many days on.

    Returns how many are new. One transaction, as clinic_worker. Raises Busy, DataError above 400.
    """
    today = timezone.localdate(timezone=ZoneInfo(clinic.time_zone))
    last = today + dt.timedelta(days=days)
    with tenant_context(clinic=clinic.id, role="worker", reason="Slots ahead"):
        doctors = Doctor.objects.filter(clinic_id=clinic.id, is_active=True, deleted_at=None)
        return sum(
            generate_slots(doctor_id=doctor_id, from_date=today, to_date=last)
            for doctor_id in doctors.order_by("id").values_list("id", flat=True)
        )
