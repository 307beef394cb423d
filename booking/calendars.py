"""Calendars (RFC 5545) behind secret addresses: made, revoked, fetched, written.

A calendar tells times and places. Whom a doctor will see stands in it only where the clinic allows
names; see docs/security.md.
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection, transaction
from icalendar import Calendar, Event, vDuration, vText

from booking.services.calls import call
from booking.wording import type_word
from clinic.auth import UNKNOWN_IP
from clinic.errors import translate
from clinic.tenancy.context import Context, pushed
from clinic.tenancy.door import at_the_door

PRODUCT = "-//Rowan//Appointments//EN"
OFF = ("cancelled", "rescheduled")
EVERY = timedelta(hours=1)
# Addresses that are not there are counted where failed logins are, under no mailbox.
NO_MAILBOX = ""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks for an address, for the trail."""

    ip: str
    user_agent: str
    request_id: str


def make_feed(*, doctor_id: UUID | None = None, patient_id: UUID | None = None) -> str:
    """A new secret for one doctor's or one patient's calendar; the one before ends. Shown once.

    Raises NotFound for nobody of this clinic and for somebody else's, NotAllowed for other roles.
    """
    return str(call("make_calendar_feed", doctor_id, patient_id))


def revoke_feed(*, feed_id: UUID) -> None:
    """End an address. Raises NotFound for one that is not there, or somebody else's."""
    call("revoke_calendar_feed", feed_id)


def fetch(token: str, visitor: Visitor) -> dict[str, Any] | None:
    """What the calendar of a secret shows, or None; {"limited": true} when fetched too often.

    Two transactions: the door finds the clinic; inside it one function answers for this token.
    Must be called outside a transaction. Raises Busy.
    """
    try:
        found = at_the_door("app.calendar_clinic", token)[0][0]
        if found is None:
            return None
        context = Context(
            clinic_id=found, user_id=None, role="worker", reason="Calendar", ip=visitor.ip,
            user_agent=visitor.user_agent, request_id=visitor.request_id,
        )  # fmt: skip
        with pushed(context), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select booking.calendar(%s)", [token])
            (answer,) = cursor.fetchone()
    except DatabaseError as error:
        raise translate(error) from error
    return json.loads(answer) if answer else None


def missed(visitor: Visitor) -> bool:
    """Note an address that is not there; whether this visitor has named too many by now."""
    ip = visitor.ip or UNKNOWN_IP
    if at_the_door("app.login_blocked", NO_MAILBOX, ip)[0][0]:
        return True
    at_the_door("app.record_login", NO_MAILBOX, ip, None)
    return False


def written(found: dict[str, Any], *, now: datetime) -> bytes:
    """The calendar as bytes of text/calendar."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    name = place_of(found)
    name = f"{found['doctor']}, {name}" if found["doctor"] else f"Appointments, {name}"
    calendar.add("name", vText(name))  # newer than the library: it would not escape it
    calendar.add("x-wr-calname", vText(name))
    calendar.add("x-wr-timezone", found["zone"])
    calendar.add("refresh-interval", vDuration(EVERY), parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", vDuration(EVERY))
    for visit in found["events"]:
        calendar.add_component(event_of(visit, found, now))
    return bytes(calendar.to_ical())


def event_of(visit: dict[str, Any], found: dict[str, Any], now: datetime) -> Event:
    """One visit. Its UID is for life; SEQUENCE rises with every change, also with one undone."""
    off = visit["status"] in OFF
    event = Event()
    event.add("uid", f"{visit['id']}@{settings.CALENDAR_DOMAIN}")
    event.add("sequence", visit["version"] - 1)
    event.add("status", "CANCELLED" if off else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if off or visit["status"] == "no_show" else "OPAQUE")
    event.add("dtstamp", now)
    event.add("created", instant(visit["created_at"]))
    event.add("last-modified", instant(visit["updated_at"]))
    event.add("dtstart", instant(visit["starts_at"]))
    event.add("dtend", instant(visit["ends_at"]))
    event.add("summary", f"Cancelled: {title(visit, found)}" if off else title(visit, found))
    event.add(
        "location", ", ".join(filter(None, (visit["room"], place_of(found), found["address"])))
    )
    event.add("description", described(visit, found))
    event.add("class", "PRIVATE")
    return event


def title(visit: dict[str, Any], found: dict[str, Any]) -> str:
    """For the doctor the kind of visit, for the patient only that there is one."""
    if not found["doctor"]:
        return f"Appointment, {found['clinic']}"
    kind = type_word(visit["type"])
    return f"{kind}: {visit['patient']}" if visit["patient"] else kind


def described(visit: dict[str, Any], found: dict[str, Any]) -> str:
    """The number by which the desk finds the visit, and for the patient whom they will see."""
    doctor = "" if found["doctor"] else visit["doctor"]
    return "\n".join(filter(None, (doctor, visit["number"])))


def place_of(found: dict[str, Any]) -> str:
    """The clinic and its branch."""
    return ", ".join(filter(None, (found["clinic"], found["branch"])))


def instant(text: str) -> datetime:
    """A time of the database, in UTC and to the second, as calendars have it."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(microsecond=0)
