"""Mirrors of the booking tables."""

from booking.models.appointments import Appointment, AppointmentCounter, BookingRequest
from booking.models.queue import (
    PublicBookingRequest,
    QueueEntry,
    QueueManagement,
    TelemedicineSession,
)
from booking.models.series import AppointmentSeries
from booking.models.slots import AppointmentSlot
from booking.models.transitions import AppointmentTransition

__all__ = [
    "Appointment",
    "AppointmentCounter",
    "AppointmentSeries",
    "AppointmentSlot",
    "AppointmentTransition",
    "BookingRequest",
    "PublicBookingRequest",
    "QueueEntry",
    "QueueManagement",
    "TelemedicineSession",
]
