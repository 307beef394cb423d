"""The front desk, below /c/<clinic code>/."""

from datetime import date

from django.urls import path, register_converter

from booking.views import (
    appointments,
    booking,
    changes,
    patients,
    schedule,
    waiting,
    waiting_entries,
)


class DayConverter:
    """A calendar day as 2026-11-23, in a century in which clinics have days."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> date:
        day = date.fromisoformat(value)
        if not 1900 < day.year < 2200:
            raise ValueError(value)
        return day

    def to_url(self, value: date | str) -> str:
        return str(value)


register_converter(DayConverter, "day")

app_name = "booking"
urlpatterns = [
    path("schedule/", schedule.today, name="schedule"),
    path("schedule/<day:day>/", schedule.day, name="day"),
    path("appointments/new/", booking.new, name="new"),
    path("appointments/<uuid:pk>/", appointments.appointment, name="appointment"),
    path("appointments/<uuid:pk>/cancel/", appointments.cancel, name="cancel"),
    path("appointments/<uuid:pk>/transition/", changes.transition, name="transition"),
    path("appointments/<uuid:pk>/undo/", changes.undo, name="undo"),
    path("appointments/<uuid:pk>/move/", changes.move, name="move"),
    path("patients/", patients.search, name="patients"),
    path("patients/options/", patients.patient_options, name="patient_options"),
    path("waiting-list/", waiting.waiting_list, name="waiting_list"),
    path("waiting-list/new/", waiting_entries.new_entry, name="new_entry"),
    path("waiting-list/<uuid:pk>/", waiting_entries.entry, name="entry"),
    path("waiting-list/<uuid:pk>/withdraw/", waiting_entries.withdraw, name="withdraw"),
    path("waiting-list/<uuid:pk>/offer/", waiting_entries.offer, name="offer"),
    path("waiting-list/offers/<uuid:pk>/answer/", waiting.answer, name="answer"),
]
