"""Mirrors of the booking tables."""

from booking.models.appointments import Appointment, AppointmentCounter, BookingRequest
from booking.models.slots import AppointmentSlot

__all__ = ["Appointment", "AppointmentCounter", "AppointmentSlot", "BookingRequest"]
