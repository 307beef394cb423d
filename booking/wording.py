"""Words for what the database keeps as codes: the same word for the same thing on every page."""

import math
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
from django.utils.dateformat import format as date_text

from booking.enums import AppointmentStatus, AppointmentType


@dataclass(frozen=True, slots=True)
class Status:
    """What a page says: full word, word on a card, and the CSS tone."""

    word: str
    card: str
    tone: str


S = AppointmentStatus
BOOKED = Status(S.SCHEDULED.label, "", "booked")
ARRIVED = Status("Arrived", "Arrived", "arrived")
STATUSES = {
    S.SCHEDULED.value: BOOKED,
    S.CONFIRMED.value: Status(S.CONFIRMED.label, "Confirmed", "booked"),
    S.IN_PROGRESS.value: Status(S.IN_PROGRESS.label, "In room", "room"),
    S.COMPLETED.value: Status(S.COMPLETED.label, "Done", "done"),
    S.NO_SHOW.value: Status(S.NO_SHOW.label, "DNA", "missed"),
    S.CANCELLED.value: Status(S.CANCELLED.label, "Cancelled", "off"),
    S.RESCHEDULED.value: Status(S.RESCHEDULED.label, "Moved", "off"),
}
LEGEND = [BOOKED, ARRIVED] + [STATUSES[s] for s in (S.IN_PROGRESS, S.COMPLETED, S.NO_SHOW)]
OPEN = (S.SCHEDULED.value, S.CONFIRMED.value)
HIDDEN = (S.CANCELLED.value, S.RESCHEDULED.value)
DASH = "\N{EN DASH}"
TYPES = dict(AppointmentType.choices)


# What a panel offers for an appointment of today: where the button leads and what it says.
CHECK_IN = ("arrived", "Check in")
TO_ROOM = ("in_room", "Move to room")
FINISH = ("done", "Finish")
CONFIRM = ("confirmed", "Confirm")
MISSED = ("no_show", "Did not attend")
LEFT = ("left", "Left without being seen")


def status_of(status: str, arrived: bool) -> Status:
    """An open appointment whose patient has checked in reads as arrived."""
    return ARRIVED if arrived and status in OPEN else STATUSES[status]


def type_word(code: str) -> str:
    """The name of a kind of appointment; one the list does not know keeps its own."""
    return TYPES.get(code, code.capitalize())


def age_on(born: date, day: date) -> int:
    """Age in whole years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def span_words(start: datetime, end: datetime, style: str) -> str:
    """Time away, of two wall clocks: Mon 23 Nov, all day · Mon 23 Nov to Wed 25 Nov · Mon 23 Nov,
    until 14:15 · Mon 23 Nov, 13:30 to 15:00 · Mon 23 Nov 13:30 to Tue 24 Nov 12:00.

    style is how a day is written, as Django's date filter has it.
    """
    last = end - timedelta(microseconds=1)
    early, late = start.time() == time(), end.time() == time()
    first_day, last_day = date_text(start, style), date_text(last, style)
    if early and late:
        return f"{first_day}, all day" if first_day == last_day else f"{first_day} to {last_day}"
    if first_day != last_day:
        return f"{first_day} {start:%H:%M} to {date_text(end, style)} {end:%H:%M}"
    if early or late:
        return f"{first_day}, {f'until {end:%H:%M}' if early else f'from {start:%H:%M}'}"
    return f"{first_day}, {start:%H:%M} to {end:%H:%M}"


def phone_text(e164: object, country: str) -> str:
    """A number as people of country read it out; foreign ones with their country code."""
    text = str(e164 or "")
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return text
    here = phonenumbers.country_code_for_region(country) == number.country_code
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(number, style.NATIONAL if here else style.INTERNATIONAL)


def zone_text(name: str, at: datetime) -> str:
    """Europe/London (GMT); zones without letters of their own say UTC+08."""
    letters = at.astimezone(ZoneInfo(name)).strftime("%Z")
    return f"{name} ({letters if letters[:1].isalpha() else 'UTC' + letters})"


def until(at: datetime, minutes: int) -> str:
    """10:15, for a local time and a length."""
    return f"{at + timedelta(minutes=minutes):%H:%M}"


def time_left(seconds: float) -> str:
    """5 min left, or 24 h left, rounded up; none is over."""
    minutes = max(math.ceil(seconds / 60), 0)
    if not minutes:
        return "over"
    return f"{minutes} min left" if minutes <= 90 else f"{math.ceil(minutes / 60)} h left"
