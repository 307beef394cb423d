"""Who waits and what is offered, in every table of the waiting list."""

import datetime as dt
import hashlib
from typing import Any

import booking.models as flow
from tests.factories.records import new

EVER = {"earliest": dt.date(2020, 1, 1), "latest": dt.date(2099, 12, 31)}


def stock_waiting(clinic: Any, patient: Any, slot: Any, by: Any) -> flow.WaitingListOffer:
    """One who waits, and one to whom a freed slot is offered. Call it inside World.as_owner()."""
    who: dict[str, Any] = {"clinic": clinic, "patient": patient, "added_by": by, **EVER}
    new(flow.WaitingListEntry, doctor=slot.doctor, request_key="stock", **who)
    offered = new(
        flow.WaitingListEntry, appointment_type="screening", status="offered", note="x", **who
    )
    freed = new(
        flow.FreedSlot, clinic=clinic, slot=slot, cause="visit",
        considered_at=dt.datetime.now(dt.UTC),
    )  # fmt: skip
    return new(
        flow.WaitingListOffer, clinic=clinic, entry=offered, slot=slot, freed=freed,
        expires_at=dt.datetime.now(dt.UTC) + dt.timedelta(days=300),
        token_hash=hashlib.sha256(b"stock").digest(),
    )  # fmt: skip
