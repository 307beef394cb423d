"""A new data key for a clinic, online: batch by batch, each in a short transaction of its own.

Where a rotation stands is in the rows, whose texts begin with the version that encrypted them. So
it may be killed anywhere; run again, it goes on, and makes no further version before it is done.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import errors

from clinic.encryption.keyring import ClinicKey, add_version, keyring, unlock
from clinic.tenancy.connections import Connection, connection_of, inside

START = UUID(int=0)
REASON = "Keys rotated"
WAIT_SECONDS = 0.2
PASSES = 200
BATCH = 200  # rows: they are locked for as long as it takes
IN_USE, GONE = "RW022", "RW003"


@dataclass(slots=True)
class Progress:
    """How far one table is: values moved so far, of so many in all; places that cannot be read."""

    table: str
    total: int
    moved: int = 0
    unreadable: set[str] = field(default_factory=set)


Said = Callable[[Progress], None]


def versions(ring: list[ClinicKey], state: str, purpose: str = "data") -> list[int]:
    """The versions of a key that are in this state."""
    return [key.version for key in ring if key.purpose == purpose and key.state == state]


@dataclass(slots=True)
class Rotation:
    """One run. connection is the owner's, outside of a transaction; batch is rows at a time."""

    connection: Connection
    clinic_id: UUID
    batch: int = BATCH
    pause: float = 0

    def ask(self, query: str, *params: Any) -> tuple[Any, ...]:
        """The one row of a query, in a transaction of its own."""
        with inside(self.connection, self.clinic_id, "owner", REASON):
            return next(iter(self.connection.execute(query.encode(), params)))

    def start(self) -> tuple[int, list[int]]:
        """(active version, versions to leave): a new one unless a rotation is under way."""
        try:
            return self._start()
        except (errors.UniqueViolation, errors.SerializationFailure):
            return self._start()  # another run has just begun: share its work

    def _start(self) -> tuple[int, list[int]]:
        with inside(self.connection, self.clinic_id, "owner", REASON):
            unlock(self.connection, self.clinic_id)
            ring = keyring(self.connection)
            if not versions(ring, "active", "index"):  # destroyed: the clinic begins anew
                add_version(self.connection, self.clinic_id, "index", ring)
            if not versions(ring, "old"):
                add_version(self.connection, self.clinic_id, "data", ring)
            ring = keyring(self.connection)
            return versions(ring, "active")[0], versions(ring, "old")

    def tables(self) -> dict[str, list[str]]:
        """{table: places of its encrypted columns}"""
        found: dict[str, list[str]] = {}
        for place in self.ask("select array_agg(place) from app.encrypted_columns()")[0]:
            found.setdefault(place.rpartition(".")[0], []).append(place)
        return found

    def values(self, places: list[str], version: int | None = None) -> int:
        """How many values are in these columns: of one version of the key, or of all."""
        query = "select sum(app.values_under(p, %s))::bigint from unnest(%s::text[]) p"
        return int(self.ask(query, version, places)[0])

    def move(self, table: str, places: list[str], old: list[int], said: Said) -> Progress:
        """Move a table's values to the active version; passes again for rows that were locked."""
        progress = Progress(table, self.values(places))
        for _ in range(PASSES):
            for moved, unreadable in self._batches(table):
                progress.moved += moved
                progress.unreadable |= set(unreadable)
                said(progress)
            if sum(self.values(places, version) for version in old) <= len(progress.unreadable):
                break
            time.sleep(WAIT_SECONDS)
        return progress

    def _batches(self, table: str) -> Iterator[tuple[int, list[str]]]:
        after = START
        query = "select rotated, unreadable, last_id from app.rotate_batch(%s, %s, %s)"
        while True:
            moved, unreadable, last = self.ask(query, table, after, self.batch)
            if last is None:
                return
            yield moved, unreadable
            after = last
            time.sleep(self.pause)

    def retire(self, version: int) -> bool:
        """Forget an old version, or find it forgotten; False while a value needs it."""
        try:
            self.ask("select app.retire_key(%s)", version)
        except errors.DatabaseError as error:
            if error.sqlstate not in (IN_USE, GONE):
                raise
            return error.sqlstate == GONE
        return True


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to: version is active; kept are old versions that values still need."""

    version: int
    tables: list[Progress]
    retired: list[int]
    kept: list[int]


def rotate(
    clinic_id: UUID, *, batch: int = BATCH, pause: float = 0, said: Said = lambda progress: None
) -> Outcome:
    """Move every encrypted value of the clinic to a new key, or finish doing so.

    said hears of each batch; pause is seconds between batches. The site may read and write
    meanwhile.
    """
    with connection_of("owner") as connection:
        run = Rotation(connection, clinic_id, batch, pause)
        version, old = run.start()
        tables = [run.move(table, places, old, said) for table, places in run.tables().items()]
        retired = [each for each in old if run.retire(each)]
    return Outcome(version, tables, retired, [each for each in old if each not in retired])


def destroy(clinic_id: UUID, *, code: str) -> int:
    """Destroy all keys of the clinic, whose code confirms it; returns how many.

    What they encrypted cannot be read again. Raises psycopg.DatabaseError for another code.
    """
    with connection_of("owner") as connection:
        row = Rotation(connection, clinic_id).ask("select app.destroy_keys(%s)", code)
    return int(row[0])
