"""Verbs of booking: each calls one SQL function in the transaction of the caller.

They need a tenant context (clinic.tenancy.context), and take identity from it: the ids that are
passed must be those of the context.
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from booking.services.calls import Outcome, call, common


@dataclass(frozen=True, slots=True)
class BookingOutcome(Outcome):
    """What a booking function answered; held_until is of a hold."""

    appointment_id: UUID | None = None
    appointment_number: str | None = None
    slot_id: UUID | None = None
    held_until: datetime | None = None


def outcome(answer: str) -> BookingOutcome:
    """A BookingOutcome from the jsonb text of a booking function."""
    parsed = json.loads(answer)
    result = parsed.get("result") or {}
    appointment_id, slot_id = result.get("appointment_id"), result.get("slot_id")
    held_until = result.get("held_until")
    return BookingOutcome(
        **common(parsed),
        appointment_id=UUID(appointment_id) if appointment_id else None,
        appointment_number=result.get("appointment_number"),
        slot_id=UUID(slot_id) if slot_id else None,
        held_until=datetime.fromisoformat(held_until) if held_until else None,
    )


def hold_slot(*, slot_id: UUID, seconds: int = 300) -> BookingOutcome:
    """Hold a free slot for the user of the context, 1 to 900 seconds from now. Raises Busy.

    Held again it lasts from now; nobody else can book it meanwhile. hold_limit above five.
    """
    return outcome(call("hold_slot", slot_id, seconds))


def release_slot(*, slot_id: UUID) -> BookingOutcome:
    """Let go of a hold of the user of the context; slot_not_found where they have none."""
    return outcome(call("release_slot", slot_id))


def book_appointment(
    *,
    idempotency_key: str,
    user_id: UUID,
    clinic_id: UUID,
    slot_id: UUID,
    patient_id: UUID,
    visit_reason: str | None = None,
    appointment_type: str = "consultation",
    service_id: UUID | None = None,
) -> BookingOutcome:
    """Book a free slot for a patient, once per key.

    With a service the visit begins there and lasts as long as the service with that doctor, takes
    the slots that it runs into and what it needs; appointment_type is then the service's.

    Raises clinic.errors.Busy when a row stays locked too long; the same key may then be retried.
    """
    return outcome(
        call(
            "create_booking", idempotency_key, user_id, clinic_id, slot_id, patient_id,
            visit_reason, appointment_type, service_id,
        )
    )  # fmt: skip


def cancel_appointment(
    *,
    idempotency_key: str,
    appointment_id: UUID,
    reason: str,
    version: int | None = None,
    initiator: str | None = None,
) -> BookingOutcome:
    """Cancel an appointment that has not begun; its slot is free at once. Raises Busy.

    version is the one that was looked at: an appointment changed since answers stale.
    initiator is "patient" or "clinic"; None takes it from the role.
    """
    return outcome(
        call("cancel_booking", idempotency_key, appointment_id, reason, version, initiator)
    )


def reschedule_appointment(
    *,
    idempotency_key: str,
    appointment_id: UUID,
    slot_id: UUID,
    reason: str = "",
    version: int | None = None,
) -> BookingOutcome:
    """Move an appointment to another free slot, of any doctor; its number stays. Raises Busy.

    The old slot is let go only when the new one is won.
    """
    return outcome(
        call("reschedule_booking", idempotency_key, appointment_id, slot_id, reason, version)
    )


def change_status(
    *,
    idempotency_key: str,
    appointment_id: UUID,
    action: str,
    version: int | None = None,
    reason: str = "",
) -> BookingOutcome:
    """Do an action of booking.enums.TransitionAction that moves no time: confirm, check_in, start,
    finish, no_show or leave. Raises Busy.
    """
    return outcome(call("change_status", idempotency_key, appointment_id, action, version, reason))


def undo_transition(*, idempotency_key: str, appointment_id: UUID, version: int) -> BookingOutcome:
    """Take back the last change, whose version is given; once, within twelve hours. Raises Busy.

    A time that was let go must still be free, else slot_unavailable.
    """
    return outcome(call("undo_transition", idempotency_key, appointment_id, version))


def generate_slots(*, doctor_id: UUID, from_date: date, to_date: date) -> int:
    """Make the doctor's slots for the dates, both included; returns how many are new.

    Raises NotAllowed for roles other than administrators and jobs, NotFound for a doctor of
    another clinic, DataError for more than 401 days.
    """
    return int(call("generate_slots", doctor_id, from_date, to_date))
