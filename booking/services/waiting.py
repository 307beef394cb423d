"""Verbs of the waiting list. Like all of these they need a tenant context.

offer_of_link and answer_by_link are for people who are not signed in: a signed link is all they
have, and they must be called outside any transaction.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import IntegrityError, connection, transaction

from booking.errors import HTTP_STATUS, TooManyTries
from booking.services.calls import Outcome, call
from clinic.auth import UNKNOWN_IP
from clinic.errors import translate
from clinic.tenancy.context import tenant_context
from clinic.tenancy.door import at_the_door


@dataclass(frozen=True, slots=True)
class WaitingOutcome(Outcome):
    """What a function of the waiting list answered. code and message are None on success."""

    entry_id: UUID | None = None
    offer_id: UUID | None = None
    appointment_id: UUID | None = None
    appointment_number: str | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """The times that would do. No doctor is any; weekdays are ISO, none are any."""

    earliest: date
    latest: date
    doctor_id: UUID | None = None
    appointment_type: str = "consultation"
    weekdays: tuple[int, ...] = ()
    day_part: str = "any"
    priority: int = 3
    note: str = ""

    def columns(self) -> dict[str, Any]:
        return {
            "doctor_id": self.doctor_id, "appointment_type": self.appointment_type,
            "earliest": self.earliest, "latest": self.latest, "weekdays": list(self.weekdays),
            "day_part": self.day_part, "priority": self.priority, "note": self.note,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class LinkOffer:
    """What a link opens: clinic, doctor and time, never whose it is. status is of OfferStatus."""

    clinic_id: UUID
    offer_id: UUID
    status: str
    clinic: str
    branch: str
    phone: str
    time_zone: str
    doctor: str
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime


def read(answer: str) -> WaitingOutcome:
    """A WaitingOutcome from the jsonb text of a function."""
    parsed = json.loads(answer)
    result = parsed.pop("result", None) or {}

    def id_of(name: str) -> UUID | None:
        return UUID(result[name]) if result.get(name) else None

    return WaitingOutcome(
        **parsed, entry_id=id_of("entry_id"), offer_id=id_of("offer_id"),
        appointment_id=id_of("appointment_id"),
        appointment_number=result.get("appointment_number"),
    )  # fmt: skip


def refusal(code: str, message: str) -> WaitingOutcome:
    return WaitingOutcome("conflict" if HTTP_STATUS[code] == 409 else "error", code, message)


ADD = """
insert into clinic.waiting_list_entries (clinic_id, patient_id, added_by, request_key, doctor_id,
  appointment_type, earliest, latest, weekdays, day_part, priority, note)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (clinic_id, added_by, request_key) where not request_key = '' do nothing returning id"""
MADE = """
select id, patient_id from clinic.waiting_list_entries
where clinic_id = %s and added_by = %s and request_key = %s"""


def join_waiting_list(
    *, idempotency_key: str, user_id: UUID, clinic_id: UUID, patient_id: UUID, wish: Wish
) -> WaitingOutcome:
    """Put a patient on the list, once per key.

    already_waiting for one who waits for that doctor and type; patient_not_found for a patient or
    doctor of another clinic; invalid_input for what a constraint refuses. Raises NotAllowed, Busy.
    """
    values = [clinic_id, patient_id, user_id, idempotency_key, *wish.columns().values()]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(ADD, values)
            made = cursor.fetchone()
            if made:
                return WaitingOutcome("success", entry_id=made[0])
            cursor.execute(MADE, [clinic_id, user_id, idempotency_key])
            found, whose = cursor.fetchone()
    except IntegrityError as error:
        return _refused(error)
    except DatabaseError as error:
        raise translate(error) from error
    if whose != patient_id:
        return refusal("idempotency_mismatch", "This form was already used for another patient.")
    return WaitingOutcome("success", idempotent=True, entry_id=found)


def _refused(error: IntegrityError) -> WaitingOutcome:
    """The outcome that a broken constraint means."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "")
    if name == "waiting_list_entries_once":
        return refusal("already_waiting", "The patient is on the waiting list for that already.")
    if name in ("waiting_list_entries_patient_fk", "waiting_list_entries_doctor_fk"):
        return refusal("patient_not_found", "There is no such patient or doctor at this clinic.")
    return refusal("invalid_input", "Something in the request is missing or not valid.")


CHANGE = """
update clinic.waiting_list_entries set doctor_id = %s, appointment_type = %s, earliest = %s,
  latest = %s, weekdays = %s, day_part = %s, priority = %s, note = %s, version = version + 1
where clinic_id = %s and id = %s and version = %s"""


def change_entry(*, clinic_id: UUID, entry_id: UUID, version: int, wish: Wish) -> WaitingOutcome:
    """Change what somebody waits for, as it was seen in version; stale if it changed since.

    Only while nothing is offered for it. Raises NotAllowed, Busy.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(CHANGE, [*wish.columns().values(), clinic_id, entry_id, version])
            changed = cursor.rowcount
    except IntegrityError as error:
        return _refused(error)
    except DatabaseError as error:
        raise translate(error) from error
    if not changed:
        return refusal("stale", "Somebody else changed it first, or a time is being offered.")
    return WaitingOutcome("success", entry_id=entry_id)


def withdraw_entry(*, entry_id: UUID, version: int | None = None) -> WaitingOutcome:
    """Take an entry off the list; what is offered to it goes to the next. Raises Busy."""
    return read(call("withdraw_entry", entry_id, version))


def answer_offer(*, idempotency_key: str, offer_id: UUID, answer: str) -> WaitingOutcome:
    """Accept or decline for the patient: answer is "accepted" or "declined". Raises Busy.

    Accepting books the time; offer_expired and offer_closed tell why it was too late.
    """
    return read(call("answer_offer", idempotency_key, offer_id, answer))


def offer_by_hand(*, idempotency_key: str, entry_id: UUID, slot_id: UUID) -> WaitingOutcome:
    """Offer a free time to somebody who waits, once per key. Raises Busy."""
    return read(call("offer_by_hand", idempotency_key, entry_id, slot_id))


def offer_tokens(*, offer_ids: list[UUID]) -> dict[UUID, str]:
    """{offer: the last part of its link} for those that are open. For the desk and jobs."""
    query = "select t.id, booking.offer_token(t.id) from unnest(%s::uuid[]) as t(id)"
    with connection.cursor() as cursor:
        cursor.execute(query, [offer_ids])
        return {pk: token for pk, token in cursor.fetchall() if token}


def offer_of_link(*, token: str, ip: str) -> LinkOffer | None:
    """The offer that a link is for, or None for any other text. One transaction, at the door.

    Raises TooManyTries after ten wrong links from one address within 15 minutes.
    """
    try:
        with transaction.atomic():
            row = next(iter(at_the_door("booking.offer_by_link", token, ip or UNKNOWN_IP)), None)
    except DatabaseError as error:
        raise translate(error) from error
    if row and row[2] == "blocked":
        raise TooManyTries
    return LinkOffer(*row) if row else None


def answer_by_link(*, token: str, ip: str, answer: str) -> WaitingOutcome | None:
    """Accept or decline through a link, which is its own idempotency key; None for no link.

    Raises Busy when a row stays locked too long: the same may then be tried again; TooManyTries.
    """
    offer = offer_of_link(token=token, ip=ip)
    if offer is None:
        return None
    key, reason = f"link {offer.offer_id} {answer}", "The link of an offer"
    with tenant_context(clinic=offer.clinic_id, role="worker", reason=reason):
        return read(call("answer_offer", key, offer.offer_id, answer, token))


def work_waiting_list(*, limit: int = 100) -> int:
    """Close what is over and offer what is free; how much changed. For jobs. Raises NotAllowed."""
    return int(call("work_waiting_list", limit))


def mark_no_shows(*, limit: int = 200) -> int:
    """Mark visits whose patient never came, where the clinic has switched that on; how many.

    For jobs: raises NotAllowed for anybody else.
    """
    return int(call("mark_no_shows", limit))
