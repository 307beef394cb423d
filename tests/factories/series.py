"""How a visit came to repeat."""

import datetime as dt
from typing import Any

from booking.models import Appointment, AppointmentSeries
from clinic.models import Clinic
from tests.factories.records import new


def repeated(clinic: Clinic, visit: Appointment, by: Any) -> AppointmentSeries:
    """A series of one weekday with this visit as its first. In the owner's context."""
    series = new(
        AppointmentSeries, clinic=clinic, patient_id=visit.patient_id, doctor_id=visit.doctor_id,
        weekdays=[visit.appointment_date.isoweekday()], starts_on=visit.appointment_date,
        wall_time=dt.time(9), occurrences=2, created_by=by,
    )  # fmt: skip
    rows = Appointment.objects.using("owner").filter(pk=visit.pk)
    rows.update(series=series, series_position=1)
    return series
