"""A row in every table of absences."""

import datetime as dt
from typing import Any

import booking.models as flow
from tests.factories.records import NOON, new

FAR = NOON + dt.timedelta(days=3650)


def stock_absences(clinic: Any, doctor: Any, visit: Any, user: Any) -> flow.Absence:
    """An absence far ahead with one visit and what was done. Call it inside World.as_owner()."""
    away = new(
        flow.Absence, clinic=clinic, doctor=doctor, starts_at=FAR,
        ends_at=FAR + dt.timedelta(days=1), reason="sick", reported_by=user,
    )  # fmt: skip
    new(
        flow.AbsenceRow, clinic=clinic, absence=away, appointment=visit, slot=visit.slot,
        from_starts_at=visit.starts_at,
    )  # fmt: skip
    new(
        flow.AbsenceRun, clinic=clinic, absence=away, action="start", idempotency_key="stock",
        request_hash=b"x", done_by=user,
    )  # fmt: skip
    return away
