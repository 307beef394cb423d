"""The admin of booking: what is read here is written by the booking functions."""

from booking.admin import appointments, doctors, queue, requests, slots, waiting

__all__ = ["appointments", "doctors", "queue", "requests", "slots", "waiting"]
