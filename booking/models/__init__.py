"""Mirrors of the booking tables."""

from booking.models.appointments import Appointment, AppointmentCounter, BookingRequest
from booking.models.queue import (
    PublicBookingRequest,
    QueueEntry,
    QueueManagement,
    TelemedicineSession,
)
from booking.models.slots import AppointmentSlot
from booking.models.transitions import AppointmentTransition
from booking.models.waiting import FreedSlot, WaitingListEntry, WaitingListOffer

__all__ = [
    "Appointment",
    "AppointmentCounter",
    "AppointmentSlot",
    "AppointmentTransition",
    "BookingRequest",
    "FreedSlot",
    "PublicBookingRequest",
    "QueueEntry",
    "QueueManagement",
    "TelemedicineSession",
    "WaitingListEntry",
    "WaitingListOffer",
]
