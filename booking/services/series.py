"""Verbs of series: many visits in one transaction, all of them or none.

As booking.services.appointments: each calls one SQL function in the tenant context of the caller.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from booking.services.calls import Outcome, call, common


@dataclass(frozen=True, slots=True)
class SeriesRule:
    """Every so many weeks on weekdays (1 is Monday) at a time of the clinic's wall clock, from a
    day on, so often or until a day: one of the two is None.
    """

    every: int
    weekdays: tuple[int, ...]
    starts_on: date
    at: time
    occurrences: int | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Against:
    """What stands against one date. appointment_id is None where nothing is booked yet."""

    starts_at: datetime
    code: str
    message: str
    appointment_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class SeriesOutcome(Outcome):
    """What a function of series answered: conflicts date by date when nothing was changed.

    appointments are (id, number, position in the series), in order.
    """

    series_id: UUID | None = None
    appointments: tuple[tuple[UUID, str, int], ...] = ()
    conflicts: tuple[Against, ...] = field(default=())


def outcome(answer: str) -> SeriesOutcome:
    """A SeriesOutcome from the jsonb text of a function of series."""
    parsed = json.loads(answer)
    result = parsed.get("result") or {}
    return SeriesOutcome(
        **common(parsed),
        series_id=UUID(result["series_id"]) if result else None,
        appointments=tuple(
            (UUID(a["appointment_id"]), a["appointment_number"], a["series_position"])
            for a in result.get("appointments", ())
        ),
        conflicts=tuple(_against(one) for one in parsed.get("conflicts", ())),
    )


def _against(one: dict[str, Any]) -> Against:
    visit = one.get("appointment_id")
    at = datetime.fromisoformat(one["starts_at"])
    return Against(at, one["code"], one["message"], UUID(visit) if visit else None)


def book_series(
    *,
    idempotency_key: str,
    patient_id: UUID,
    doctor_id: UUID,
    rule: SeriesRule,
    starts: Sequence[datetime],
    visit_reason: str | None = None,
    appointment_type: str = "consultation",
) -> SeriesOutcome:
    """Book the chosen instants as one series, once per key (of at most 200 characters).

    Code series_conflict names what stands against which date. Raises Busy.
    """
    return outcome(
        call(
            "book_series", idempotency_key, patient_id, doctor_id, rule.every,
            list(rule.weekdays), rule.starts_on, rule.at, rule.occurrences, rule.until,
            list(starts), visit_reason, appointment_type,
        )
    )  # fmt: skip


def move_series(
    *,
    idempotency_key: str,
    appointment_id: UUID,
    scope: str,
    visits: Sequence[tuple[UUID, int, datetime]],
    doctor_id: UUID | None = None,
    reason: str = "",
) -> SeriesOutcome:
    """Move visits (id, version as seen, new instant) of a series, seen from one of them.

    scope is "following" (this one included) or "all"; doctor_id None keeps each visit's own.
    Numbers stay. Raises Busy.
    """
    ids, versions, starts = _columns(visits)
    return outcome(
        call(
            "move_series", idempotency_key, appointment_id, scope, doctor_id, ids, versions,
            starts, reason,
        )
    )  # fmt: skip


def cancel_series(
    *,
    idempotency_key: str,
    appointment_id: UUID,
    scope: str,
    visits: Sequence[tuple[UUID, int]],
    reason: str,
    initiator: str | None = None,
) -> SeriesOutcome:
    """Cancel visits (id, version as seen) of a series with one reason; their times are free.

    initiator is "patient" or "clinic"; None takes it from the role. Raises Busy.
    """
    ids, versions = _columns(visits)
    return outcome(
        call(
            "cancel_series", idempotency_key, appointment_id, scope, ids, versions, reason,
            initiator,
        )
    )  # fmt: skip


def undo_series(*, idempotency_key: str, appointment_id: UUID, version: int) -> SeriesOutcome:
    """Take back the series change that was the last of this visit (version as seen). Raises Busy.

    All its visits that were not changed since, or none; within twelve hours.
    """
    return outcome(call("undo_series", idempotency_key, appointment_id, version))


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
