"""Mirrors of the booking tables."""

from booking.models.absences import Absence, AbsenceRow, AbsenceRun
from booking.models.appointments import Appointment, AppointmentCounter, BookingRequest
from booking.models.feeds import CalendarFeed
from booking.models.queue import (
    PublicBookingRequest,
    QueueEntry,
    QueueManagement,
    TelemedicineSession,
)
from booking.models.series import AppointmentSeries
from booking.models.services import (
    AppointmentResource,
    Resource,
    ResourcePool,
    Service,
    ServiceDoctor,
    ServiceNeed,
)
from booking.models.slots import AppointmentSlot, LimitPermit
from booking.models.transitions import AppointmentTransition
from booking.models.waiting import FreedSlot, WaitingListEntry, WaitingListOffer

__all__ = [
    "Absence",
    "AbsenceRow",
    "AbsenceRun",
    "Appointment",
    "AppointmentCounter",
    "AppointmentResource",
    "AppointmentSeries",
    "AppointmentSlot",
    "AppointmentTransition",
    "BookingRequest",
    "CalendarFeed",
    "FreedSlot",
    "LimitPermit",
    "PublicBookingRequest",
    "QueueEntry",
    "QueueManagement",
    "Resource",
    "ResourcePool",
    "Service",
    "ServiceDoctor",
    "ServiceNeed",
    "TelemedicineSession",
    "WaitingListEntry",
    "WaitingListOffer",
]
