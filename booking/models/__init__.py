"""Mirrors of the booking tables."""

from booking.models.appointments import Appointment, AppointmentCounter, BookingRequest
from booking.models.queue import (
    PublicBookingRequest,
    QueueEntry,
    QueueManagement,
    TelemedicineSession,
)
from booking.models.slots import AppointmentSlot

__all__ = [
    "Appointment",
    "AppointmentCounter",
    "AppointmentSlot",
    "BookingRequest",
    "PublicBookingRequest",
    "QueueEntry",
    "QueueManagement",
    "TelemedicineSession",
]
