"""Puts on record who looked at what.

A page that reads runs read-only and a page that writes may be rolled back: what they looked at is
noted while they run and written afterwards, in one transaction of its own, before the answer is
sent. An answer whose notes cannot be written is not sent.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import astuple, dataclass, replace
from typing import Any, Literal

from django.db import connection, transaction

from clinic.tenancy.context import Context, pushed

Action = Literal["READ", "SEARCH", "PRINT", "EXPORT", "DENIED"]
LONG_NUMBER = re.compile(r"\w*\d[\w-]{4,}")
# Not waiting for the disk: what the server had not written when it crashed was shown all the same,
# and no page becomes slower.
RECORD = """
select set_config('synchronous_commit', 'off', true),
  audit.record_access(n ->> 0, n ->> 1, n ->> 2, (n ->> 3)::uuid, n -> 4)
from jsonb_array_elements(%s::jsonb) n
"""


@dataclass(frozen=True, slots=True)
class Access:
    """One entry to come. detail is JSON text: hashable, so that a page notes a thing once."""

    action: Action
    table: str
    record_id: str | None
    patient_id: str | None
    detail: str


_noted: ContextVar[dict[Access, None] | None] = ContextVar("rowan_accesses", default=None)


def note_access(
    action: Action,
    table: str,
    *,
    record_id: Any = None,
    patient_id: Any = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Note what is about to be shown. detail holds no secret and no clinical text.

    In a request it is written after the page; elsewhere at once, in the caller's transaction.
    """
    record_id, patient_id = (v if v is None else str(v) for v in (record_id, patient_id))
    access = Access(action, table, record_id, patient_id, json.dumps(detail, sort_keys=True))
    noted = _noted.get()
    if noted is None:
        record([access])
    else:
        noted[access] = None


def note_opening(row: Any, action: Action = "READ") -> None:
    """Note that a row about a patient is shown; other rows are nobody's secret."""
    table = row._meta.db_table
    patient_id = row.pk if table == "patients" else getattr(row, "patient_id", None)
    if patient_id is not None:
        note_access(action, table, record_id=row.pk, patient_id=patient_id)


def masked(query: str) -> str:
    """What was searched for, without what may be an identity or a card number but its end."""
    text = query.replace("\0", "").strip()[:100]
    return LONG_NUMBER.sub(lambda m: "•" * (len(m[0]) - 3) + m[0][-3:], text)


@contextmanager
def noting() -> Iterator[dict[Access, None]]:
    """Collect what is noted inside."""
    noted: dict[Access, None] = {}
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def record(accesses: list[Access]) -> None:
    """Write entries in the transaction at hand."""
    rows = [[*astuple(access)[:-1], json.loads(access.detail)] for access in accesses]
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [json.dumps(rows)])


def record_after(context: Context, noted: dict[Access, None]) -> None:
    """Write what a request noted, in a transaction of its own in the request's context."""
    if noted:
        with pushed(replace(context, read_only=False)), transaction.atomic():
            record(list(noted))
