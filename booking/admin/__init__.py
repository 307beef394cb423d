"""The admin of booking: what is read here is written by the booking functions."""

from booking.admin import absences, appointments, doctors, queue, requests, slots

__all__ = ["absences", "appointments", "doctors", "queue", "requests", "slots"]
