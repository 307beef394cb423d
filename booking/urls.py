"""The front desk, below /c/<clinic code>/."""

from datetime import date

from django.urls import path, register_converter

from booking.views import (
    absences,
    appointments,
    booking,
    calendars,
    changes,
    days,
    find,
    holds,
    hours,
    patients,
    registration,
    schedule,
    waiting,
    waiting_entries,
)
from booking.views.api import book as api_book
from booking.views.api import document
from booking.views.api import find as api_find
from booking.views.series import change as series_change
from booking.views.series import new as series_new
from booking.views.series import page as series_page


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
    path("patients/new/", registration.register_page, name="register"),
    path("patients/options/", patients.patient_options, name="patient_options"),
    # when doctors work
    path("hours/", hours.overview, name="hours"),
    path("hours/<uuid:pk>/", hours.doctor_hours, name="doctor_hours"),
    path("hours/add/<slug:kind>/", days.add, name="add_day"),
    path("hours/withdraw/<slug:kind>/<uuid:pk>/", days.withdraw, name="withdraw_day"),
    # Visits that repeat.
    path("series/new/", series_new.new, name="series_new"),
    path("series/<uuid:pk>/", series_page.series, name="series"),
    path("series/<uuid:pk>/move/", series_change.move, name="series_move"),
    path("series/<uuid:pk>/cancel/", series_change.cancel, name="series_cancel"),
    path("series/<uuid:pk>/undo/", series_page.undo, name="series_undo"),
    # absences
    path("absences/", absences.absences, name="absences"),
    path("absences/<uuid:pk>/", absences.absence, name="absence"),
    path("absences/<uuid:pk>/answer/", absences.answer, name="absence_answer"),
    path("absences/<uuid:pk>/undo/", absences.undo, name="absence_undo"),
    path("waiting-list/", waiting.waiting_list, name="waiting_list"),
    path("waiting-list/new/", waiting_entries.new_entry, name="new_waiting_entry"),
    path("waiting-list/<uuid:pk>/", waiting_entries.entry, name="waiting_entry"),
    path("waiting-list/<uuid:pk>/withdraw/", waiting_entries.withdraw, name="withdraw_entry"),
    path("waiting-list/<uuid:pk>/offer/", waiting_entries.offer, name="offer_slot"),
    path("waiting-list/offers/<uuid:pk>/answer/", waiting.answer, name="answer_offer"),
]
# Free times: found, held, booked by people and by programs.
urlpatterns += [
    path("find/", find.find, name="find"),
    path("slots/<uuid:pk>/hold/", holds.hold, name="hold"),
    path("slots/<uuid:pk>/release/", holds.release, name="release"),
    path("slots/<uuid:pk>/cell/", holds.cell, name="cell"),
    path("calendar/", calendars.feeds, name="calendar"),
    path("calendar/<uuid:pk>/revoke/", calendars.revoke, name="calendar_revoke"),
    path("api/$find", api_find.find, name="api_find"),
    path("api/$hold", api_book.hold, name="api_hold"),
    path("api/$release", api_book.release, name="api_release"),
    path("api/$book", api_book.book, name="api_book"),
    path("api/$reschedule", api_book.reschedule, name="api_reschedule"),
    path("api/$cancel", api_book.cancel, name="api_cancel"),
    path("api/openapi.json", document.openapi, name="api_document"),
]
