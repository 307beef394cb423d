"""Verbs of absences: each calls one SQL function in the transaction of the caller.

They need a tenant context of the desk (staff, admin, superadmin); the database decides again. All
raise clinic.errors.Busy when a row stays locked too long; the same key may then be retried.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from booking.services.calls import Outcome, call, common


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to become of one visit, as the page showed it.

    choice is a value of booking.enums.AbsenceChoice; cover, move and ask need a slot. version is
    that of the appointment: one that was changed since is refused as stale.
    """

    appointment_id: UUID
    version: int
    choice: str
    slot_id: UUID | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "appointment_id": str(self.appointment_id), "version": self.version,
            "choice": self.choice, "slot_id": str(self.slot_id) if self.slot_id else None,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class AbsenceOutcome(Outcome):
    """What a function of absences answered. code and message are None on success.

    done counts visits; refused gives {appointment: code} of those that something stood against.
    """

    new_status = 200

    absence_id: UUID | None = None
    version: int | None = None
    affected: int = 0
    done: int = 0
    refused: dict[UUID, str] = field(default_factory=dict)


def outcome(answer: str) -> AbsenceOutcome:
    """An AbsenceOutcome from the jsonb text of a function."""
    parsed = json.loads(answer)
    result = parsed.get("result") or {}
    return AbsenceOutcome(
        **common(parsed),
        absence_id=UUID(result["absence_id"]) if result else None,
        version=result.get("version"),
        affected=result.get("affected", 0),
        done=result.get("done", 0),
        refused={UUID(r["appointment_id"]): r["code"] for r in result.get("refused", [])},
    )


def start_absence(
    *,
    idempotency_key: str,
    doctor_id: UUID,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    note: str = "",
) -> AbsenceOutcome:
    """Record that a doctor is away (aware instants): leave at once, and the visits it concerns.

    reason is a value of booking.enums.AbsenceReason. doctor_not_found, already_absent where an
    absence of the doctor overlaps, invalid_input for times that are over or above 366 days.
    """
    return outcome(
        call("start_absence", idempotency_key, doctor_id, starts_at, ends_at, reason, note)
    )


def apply_absence(
    *,
    idempotency_key: str,
    absence_id: UUID,
    version: int,
    choices: Sequence[Choice],
    save: bool = False,
) -> AbsenceOutcome:
    """Do the choices in one transaction, or with save only keep them for later.

    What lost its place meanwhile is in refused and keeps its choice; the rest is done. stale when
    somebody else was faster: version is that of the absence.
    """
    listed = json.dumps([choice.as_json() for choice in choices])
    return outcome(call("apply_absence", idempotency_key, absence_id, version, listed, save))


def answer_absence(
    *, idempotency_key: str, absence_id: UUID, appointment_id: UUID, agreed: bool, version: int
) -> AbsenceOutcome:
    """Note what an asked patient said: they move to the offered place, or it is let go."""
    return outcome(
        call("answer_absence", idempotency_key, absence_id, appointment_id, agreed, version)
    )


def undo_absence(*, idempotency_key: str, absence_id: UUID, version: int) -> AbsenceOutcome:
    """Take the absence back with everything that was done for it; too_late once a message is due.

    Visits that cannot go back stay where they are and are in refused.
    """
    return outcome(call("undo_absence", idempotency_key, absence_id, version))
