"""The next free times, in one clinic or in all of a person's. See booking.find_slots."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import connection
from django.utils import timezone
from django.utils.dateformat import format as date_text

from booking.models import AppointmentSlot
from clinic.errors import translate
from clinic.models import Doctor
from clinic.tenancy.group import visiting
from clinic.tenancy.membership import ClinicInfo, MembershipInfo

HORIZON = timedelta(days=365)
# Parts of the day on the clinic's wall clock: from the first, before the second.
PARTS = {
    "morning": ("00:00", "12:00"),
    "afternoon": ("12:00", "17:00"),
    "evening": ("17:00", "24:00"),
}
WHOLE_DAY = ("00:00", "24:00")
WEEK = (1, 2, 3, 4, 5, 6, 7)
FIND = """
select slot_id, doctor_id, doctor, room, starts_at, ends_at, slot_date, duration_minutes, score
from booking.find_slots(p_from => %s, p_until => %s, p_limit => %s, p_doctor_ids => %s::uuid[],
  p_subject => %s, p_minutes => %s, p_weekdays => %s::int[], p_part_from => %s,
  p_part_until => %s, p_compact => %s, p_patient_id => %s, p_moving => %s, p_service_id => %s)
"""


class FoundSlot(NamedTuple):
    """A time that can be booked, of a service as long as that takes with the doctor. day is the
    clinic's; score, 0 to 4, is how it packs the day.
    """

    id: UUID
    doctor_id: UUID
    doctor: str
    room: str
    starts_at: datetime
    ends_at: datetime
    day: date
    minutes: int
    score: int | None


@dataclass(frozen=True, slots=True)
class Wish:
    """What is looked for. after and until are instants, after included; empty means any.

    minutes is the least length, weekdays are ISO, part one of PARTS. patient_id must be free then,
    leaving aside the appointment of moving, whose service stays. Of service_id only the doctors who
    give it, and times at which all of it fits with its room.
    """

    after: datetime | None = None
    until: datetime | None = None
    limit: int = 12
    doctor_ids: tuple[UUID, ...] = ()
    subject: str = ""
    minutes: int = 1
    weekdays: tuple[int, ...] = ()
    part: str = ""
    compact: bool = False
    patient_id: UUID | None = None
    moving: UUID | None = None
    service_id: UUID | None = None

    def params(self) -> list[Any]:
        return [
            self.after, self.until, self.limit, list(self.doctor_ids) or None,
            self.subject or None, self.minutes, list(self.weekdays or WEEK),
            *PARTS.get(self.part, WHOLE_DAY), self.compact, self.patient_id, self.moving,
            self.service_id,
        ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A clinic that was searched, and what it has."""

    clinic: ClinicInfo
    role: str
    slots: list[FoundSlot] = field(default_factory=list)


def find_slots(wish: Wish) -> list[FoundSlot]:
    """Free times in the clinic of the context, by time, or by day and how well they pack it.

    One query. Raises NoTenant, Busy; DataError above 200 times or 400 days.
    """
    try:
        with connection.cursor() as cursor:
            cursor.execute(FIND, wish.params())
            return [FoundSlot(*row) for row in cursor.fetchall()]
    except DatabaseError as error:
        raise translate(error) from error


def find_across(
    request: Any, ways: Iterable[MembershipInfo], wish_in: Callable[[ClinicInfo], Wish]
) -> list[Place]:
    """A wish in each clinic, each in its own transaction; together no more than one may have.

    wish_in puts the wish into a clinic's zone. Of several clinics the first times are kept: by the
    instant, or by the day there and how well they pack it.
    """
    places, wish = [], Wish()
    for way in ways:
        wish = wish_in(way.clinic)
        with visiting(request, way) as context:
            places.append(Place(way.clinic, context.role, find_slots(wish)))
    ranked = sorted(
        (rank(slot, wish), n, slot) for n, place in enumerate(places) for slot in place.slots
    )
    kept = ranked[: wish.limit]
    return [
        replace(place, slots=[slot for _, at, slot in kept if at == n])
        for n, place in enumerate(places)
    ]


def rank(slot: FoundSlot, wish: Wish) -> tuple[Any, ...]:
    """The order of find_slots, for merging."""
    if wish.compact:
        return (slot.day, -(slot.score or 0), slot.starts_at, slot.doctor)
    return (slot.starts_at, slot.doctor)


def next_free(
    *,
    after: datetime,
    limit: int,
    doctor_id: UUID | None = None,
    busy_patient: UUID | None = None,
    service_id: UUID | None = None,
) -> list[FoundSlot]:
    """The next times that can be booked, soonest first; not those at which the patient is busy, nor
    those at which the service does not fit.
    """
    doctors = (doctor_id,) if doctor_id else ()
    until = after + HORIZON
    return find_slots(
        Wish(
            after=after,
            until=until,
            limit=limit,
            doctor_ids=doctors,
            patient_id=busy_patient,
            service_id=service_id,
        )
    )


class Reason(NamedTuple):
    """Why nothing was found, and the wish nearest to it that finds something, if any."""

    why: str
    nearest: FoundSlot | None
    dropped: str


def nearest(wish: Wish) -> Reason:
    """The first thing that stands in the way: the part of the day, the weekday, the dates, who.

    Asked only when nothing was found; six queries at most.
    """
    tries = (
        ("part", replace(wish, part="")),
        ("weekdays", replace(wish, part="", weekdays=())),
        ("dates", replace(wish, part="", weekdays=(), until=far(wish))),
        ("doctor", replace(wish, part="", weekdays=(), until=far(wish), doctor_ids=(), subject="")),
    )
    for name, wider in tries:
        if found := find_slots(replace(wider, limit=1, compact=False)):
            return Reason(reason(name, wish, found[0]), found[0], name)
    return Reason("There is no free time within a year.", None, "")


def far(wish: Wish) -> datetime:
    """A year on."""
    return max(wish.after or timezone.now(), timezone.now()) + HORIZON


def reason(dropped: str, wish: Wish, found: FoundSlot) -> str:
    """One sentence; the page adds the time that is nearest."""
    if dropped == "part":
        return f"Nothing is free in the {wish.part}."
    if dropped == "weekdays":
        return "Nothing is free on those days of the week."
    if dropped == "dates":
        return no_time_until(wish, found)
    return "Nothing is free with whom you asked for within a year."


def no_time_until(wish: Wish, found: FoundSlot) -> str:
    """Dr Berg has no clinic, or is fully booked, until Thu 26 Nov."""
    rows = AppointmentSlot.objects.filter(is_blocked=False, starts_at__lt=found.starts_at)
    if wish.doctor_ids:
        rows = rows.filter(doctor_id__in=wish.doctor_ids)
    if wish.after:
        rows = rows.filter(starts_at__gte=wish.after)
    day = date_text(found.day, "D j M")
    if len(wish.doctor_ids) != 1:
        return (
            f"{'Everyone is fully booked' if rows.exists() else 'Nobody has a clinic'} until {day}."
        )
    return f"{found.doctor} {'is fully booked' if rows.exists() else 'has no clinic'} until {day}."


def doctors_to_choose() -> tuple[list[tuple[UUID, str]], list[str]]:
    """([(id, name)] of the doctors who see patients here, their subjects). One query."""
    rows = list(
        Doctor.objects.filter(is_active=True, deleted_at=None)
        .order_by("full_name", "id")
        .values_list("id", "full_name", "specializations")
    )
    subjects = {str(subject) for *_, of in rows for subject in of}
    return [(pk, name) for pk, name, _ in rows], sorted(subjects)
