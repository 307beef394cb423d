"""What the desk reads of the waiting list. Each query has the clinic in it for the planner."""

from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from booking.models import WaitingListEntry, WaitingListOffer

SHOWN = 200  # entries of a page


class Entry(NamedTuple):
    """Somebody who waits, and for what. No doctor is any; weekdays are ISO, none are any."""

    id: UUID
    patient_id: UUID
    patient: str
    born: date
    record: str
    phone: str
    country: str
    doctor_id: UUID | None
    doctor: str | None
    kind: str
    earliest: date
    latest: date
    weekdays: list[int]
    day_part: str
    priority: int
    note: str
    status: str
    version: int
    since: datetime
    appointment_id: UUID | None


class Offer(NamedTuple):
    """A time held for somebody. channel and told_at are of the message, None without one."""

    id: UUID
    entry_id: UUID
    patient: str
    phone: str
    country: str
    starts_at: datetime
    doctor: str
    made_at: datetime
    expires_at: datetime
    status: str
    channel: str | None
    told_at: datetime | None
    closed_at: datetime | None


class FillRate(NamedTuple):
    """Times that came free in a period, and what became of them; percent is None while unknown."""

    freed: int
    offered: int
    accepted: int
    booked: int
    lost: int
    open: int
    percent: int | None


class FittingSlot(NamedTuple):
    """A free time that an entry asks for."""

    id: UUID
    starts_at: datetime
    doctor: str
    room: str


ENTRY = (
    "id", "patient_id", "patient__full_name", "patient__date_of_birth", "patient__patient_number",
    "patient__phone", "clinic__country", "doctor_id", "doctor__full_name", "appointment_type",
    "earliest", "latest", "weekdays", "day_part", "priority", "note", "status", "version",
    "created_at", "appointment_id",
)  # fmt: skip
OFFER = (
    "id", "entry_id", "entry__patient__full_name", "entry__patient__phone", "clinic__country",
    "slot__starts_at", "slot__doctor__full_name", "made_at", "expires_at", "status",
    "notice__channel", "notice__scheduled_for", "closed_at",
)  # fmt: skip


def waiting(*, clinic_id: UUID) -> list[Entry]:
    """The first SHOWN who wait or have an offer, as they are ranked. One query."""
    rows = WaitingListEntry.objects.filter(
        clinic_id=clinic_id, status__in=["waiting", "offered"]
    ).order_by("priority", "created_at", "id")
    return [Entry(*row) for row in rows.values_list(*ENTRY)[:SHOWN]]


def waiting_entry(*, clinic_id: UUID, entry_id: UUID) -> Entry | None:
    """The entry in whatever state, or None for a missing one and for another clinic's."""
    rows = WaitingListEntry.objects.filter(clinic_id=clinic_id, id=entry_id)
    row = rows.values_list(*ENTRY).first()
    return Entry(*row) if row else None


def open_offers(*, clinic_id: UUID) -> list[Offer]:
    """Every open offer, the one that ends first first. One query."""
    rows = WaitingListOffer.objects.filter(clinic_id=clinic_id, status="open")
    return [Offer(*row) for row in rows.order_by("expires_at", "id").values_list(*OFFER)]


def is_on_offer(*, clinic_id: UUID, slot_id: UUID) -> bool:
    """Whether a slot that this transaction has just freed is offered to somebody who waits.

    That is decided when the transaction ends; asking has it decided now.
    """
    with connection.cursor() as cursor:
        cursor.execute("set constraints clinic.freed immediate")
    rows = WaitingListOffer.objects.filter(clinic_id=clinic_id, slot_id=slot_id, status="open")
    return rows.exists()


def offers_of(*, clinic_id: UUID, entry_id: UUID) -> list[Offer]:
    """The last twenty offers to an entry, newest first."""
    rows = WaitingListOffer.objects.filter(clinic_id=clinic_id, entry_id=entry_id)
    return [Offer(*row) for row in rows.order_by("-made_at", "id").values_list(*OFFER)[:20]]


FITTING = """
select s.id, s.starts_at, d.full_name, d.room
from clinic.waiting_list_entries e
join clinic.appointment_slots s on s.clinic_id = e.clinic_id and s.starts_at > %s
  and s.starts_at < %s and s.is_available and not s.is_blocked
  and (s.held_until is null or s.held_until <= %s) and booking.fits(e, s)
join clinic.doctors d on d.clinic_id = s.clinic_id and d.id = s.doctor_id and d.is_active
  and d.deleted_at is null
where e.clinic_id = %s and e.id = %s
order by s.starts_at, d.full_name limit %s"""


def fitting_slots(
    *, clinic_id: UUID, entry: Entry, now: datetime, limit: int = 12
) -> list[FittingSlot]:
    """The next free times that the entry asks for, soonest first."""
    # A day more at the end: the dates are of the clinic's calendar, whatever its zone.
    last = now + timedelta(days=max(0, (entry.latest - now.date()).days) + 2)
    with connection.cursor() as cursor:
        cursor.execute(FITTING, [now, last, now, clinic_id, entry.id, limit])
        return [FittingSlot(*row) for row in cursor.fetchall()]


def fill_rate(*, start: datetime, end: datetime) -> FillRate:
    """What became of the times that came free from start until end, in the clinic of the context.

    percent is accepted of those no longer open; times put back by an undo are left out.
    """
    with connection.cursor() as cursor:
        cursor.execute("select * from booking.fill_rate(%s, %s)", [start, end])
        return FillRate(*cursor.fetchone())
