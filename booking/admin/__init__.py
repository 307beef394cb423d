"""The admin of booking: what is read here is written by the booking functions."""

from booking.admin import appointments, doctors, feeds, queue, requests, slots

__all__ = ["appointments", "doctors", "feeds", "queue", "requests", "slots"]
