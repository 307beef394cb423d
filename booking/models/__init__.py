"""Mirrors of the booking tables."""

from booking.models.appointments import Appointment, AppointmentCounter, BookingRequest
from booking.models.feeds import CalendarFeed
from booking.models.queue import (
    PublicBookingRequest,
    QueueEntry,
    QueueManagement,
    TelemedicineSession,
)
from booking.models.slots import AppointmentSlot
from booking.models.transitions import AppointmentTransition

__all__ = [
    "Appointment",
    "AppointmentCounter",
    "AppointmentSlot",
    "AppointmentTransition",
    "BookingRequest",
    "CalendarFeed",
    "PublicBookingRequest",
    "QueueEntry",
    "QueueManagement",
    "TelemedicineSession",
]
