"""Chains to be tampered with: a clinic of its own, and entries that no other test touches."""

import datetime as dt
import random
import uuid
from dataclasses import dataclass
from typing import Any

import psycopg

from clinic.tenancy.signing import door_pass

# Two entries a number: every second number stays free, so that something can be put between.
WRITE = """
with n as (
  select nextval('audit.audit_logs_id_seq') + 0 * nextval('audit.audit_logs_id_seq') as id, g
  from generate_series(1, %(count)s) g)
insert into audit.audit_logs (id, table_schema, table_name, record_id, action, new_values,
  clinic_id, created_at)
overriding system value
select id, 'clinic', 'patients', 'r' || g, 'INSERT', jsonb_build_object('notes', 'n' || g),
  %(clinic)s, %(start)s::timestamptz + g * interval '1 ms' from n order by id
"""


@dataclass
class Sealed:
    """A sealed chain: entries[p - 1] is the id of the entry at position p."""

    clinic: uuid.UUID
    entries: list[int]

    def __len__(self) -> int:
        return len(self.entries)

    def place(self, dice: random.Random) -> int:
        """A position with others on both sides."""
        return dice.randrange(2, len(self))

    def entry(self, position: int) -> int:
        return self.entries[position - 1]


def connect(url: str) -> "psycopg.Connection[Any]":
    """A superuser's connection, above every policy."""
    return psycopg.connect(url, autocommit=True)


def write(
    sql: "psycopg.Connection[Any]",
    clinic: uuid.UUID,
    count: int,
    start: dt.datetime | None = None,
) -> None:
    """Entries of a clinic, with free numbers between them."""
    sql.execute(
        WRITE, {"clinic": clinic, "count": count, "start": start or dt.datetime.now(dt.UTC)}
    )


def turn(sql: "psycopg.Connection[Any]", limit: int | None = 5000) -> int:
    """One turn of the sealer; returns what audit.seal does."""
    return int(sql.execute("select audit.seal(%s, %s)", [door_pass(), limit]).fetchone()[0])


def seal(sql: "psycopg.Connection[Any]") -> int:
    """Seal what waits; returns how many entries that was."""
    total = 0
    while (done := turn(sql)) > 0:
        total += done
    assert done == 0, "another sealer was at it"
    return total


def make_chain(sql: "psycopg.Connection[Any]", count: int = 60) -> Sealed:
    """A chain of so many entries, sealed in three turns."""
    clinic = uuid.uuid4()
    for part in (count // 3, count // 3, count - 2 * (count // 3)):
        write(sql, clinic, part)
        seal(sql)
    # As if every other transaction on this server, those of other tests too, had ended.
    sql.execute("update audit.sealing set sealed_below = (select max(entry_id) from audit.seals)")
    rows = sql.execute(
        "select entry_id from audit.seals where clinic_id = %s order by position", [clinic]
    )
    return Sealed(clinic, [row[0] for row in rows])


def verify(
    sql: "psycopg.Connection[Any]", clinic: uuid.UUID, since: Any = None, until: Any = None
) -> list[tuple[Any, ...]]:
    """(position, entry, its time, problem) of what is broken."""
    query = "select * from audit.verify_chain(%s, %s, %s)"
    return sql.execute(query, [clinic, since, until]).fetchall()
