"""The admin of booking: what is read here is written by the booking functions."""

from booking.admin import (
    absences,
    appointments,
    days,
    doctors,
    feeds,
    queue,
    requests,
    series,
    services,
    slots,
    waiting,
)

__all__ = [
    "absences", "appointments", "days", "doctors", "feeds", "queue", "requests", "series",
    "services", "slots", "waiting",
]  # fmt: skip
