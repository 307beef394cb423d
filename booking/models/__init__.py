"""Mirrors of the booking tables."""

from booking.models.absences import Absence, AbsenceRow, AbsenceRun
from booking.models.appointments import Appointment, AppointmentCounter, BookingRequest
from booking.models.queue import (
    PublicBookingRequest,
    QueueEntry,
    QueueManagement,
    TelemedicineSession,
)
from booking.models.slots import AppointmentSlot
from booking.models.transitions import AppointmentTransition

__all__ = [
    "Absence",
    "AbsenceRow",
    "AbsenceRun",
    "Appointment",
    "AppointmentCounter",
    "AppointmentSlot",
    "AppointmentTransition",
    "BookingRequest",
    "PublicBookingRequest",
    "QueueEntry",
    "QueueManagement",
    "TelemedicineSession",
]
