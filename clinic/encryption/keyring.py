"""The keys of one clinic: made, unlocked in the database, wrapped anew.

A key goes to the database encrypted with a key for one journey, which comes from there as the
result of a query: no statement, parameter or log has either in clear.
"""

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.views.decorators.debug import sensitive_variables
from psycopg import errors

from clinic.encryption.masters import for_journey, unwrap, wrap, wrapping_id
from clinic.tenancy.connections import Connection, connection_of, inside
from clinic.tenancy.membership import active_clinics

PURPOSES = ("data", "index")
LIVE = ("active", "old")


@dataclass(frozen=True, slots=True)
class ClinicKey:
    """One version of a key. wrapped is None once it is retired or destroyed."""

    id: UUID
    purpose: str
    version: int
    state: str
    wrapped: bytes | None
    wrapped_by: str | None
    unlocked: bool


def keyring(connection: Connection) -> list[ClinicKey]:
    """The keys of the clinic that the connection is inside of, by purpose and version."""
    return [ClinicKey(*row) for row in connection.execute("select * from app.clinic_keyring()")]


@sensitive_variables()
def send(connection: Connection, key: bytes) -> tuple[UUID, bytes]:
    """(journey, key as a parameter) for the functions that take a key."""
    row: Any = connection.execute("select * from app.open_transport()").fetchone()
    transport_id, once = row
    return transport_id, for_journey(key, once)


@sensitive_variables()
def add_version(
    connection: Connection, clinic_id: UUID, purpose: str, ring: list[ClinicKey]
) -> int:
    """Make the version after those of ring, active from the commit on; returns the version.

    ring is what the caller decided by. Raises psycopg.errors.SerializationFailure when somebody
    has added a key since.
    """
    version = 1 + max((k.version for k in ring if k.purpose == purpose), default=0)
    _add(connection, clinic_id, purpose, version)
    return version


@sensitive_variables()
def _add(connection: Connection, clinic_id: UUID, purpose: str, version: int) -> None:
    """Make this version; the database refuses it (40001) when somebody else has just made one."""
    key = secrets.token_bytes(32)
    wrapped, master_id = wrap(key, clinic_id=clinic_id, purpose=purpose, version=version)
    connection.execute(
        "select app.add_key(%s, %s, %s, %s, %s, %s)",
        [purpose, version, wrapped, master_id, *send(connection, key)],
    )


@sensitive_variables()
def opened(key: ClinicKey, clinic_id: UUID) -> bytes:
    """The key itself, by its master key."""
    return unwrap(
        key.wrapped or b"", key.wrapped_by or "", clinic_id=clinic_id, purpose=key.purpose,
        version=key.version,
    )  # fmt: skip


def unlock(connection: Connection, clinic_id: UUID) -> int:
    """Bring the working copies that the database lacks; returns how many."""
    locked = [key for key in keyring(connection) if key.state in LIVE and not key.unlocked]
    for key in locked:
        sent = send(connection, opened(key, clinic_id))
        connection.execute("select app.unlock_key(%s, %s, %s)", [key.id, *sent])
    return len(locked)


def make_missing(connection: Connection, clinic_id: UUID) -> None:
    """Give a clinic that never had keys its first ones."""
    known = {key.purpose for key in keyring(connection)}
    for purpose in PURPOSES:
        if purpose not in known:
            _add(connection, clinic_id, purpose, 1)  # never the next of one just made


def unlock_clinic(clinic_id: UUID, *, make: bool = False) -> int:
    """Unlock the keys of a clinic, beside the caller's transaction; returns how many were locked.

    With make, a clinic that never had keys gets them. Raises ImproperlyConfigured without the
    master key.
    """
    with connection_of() as connection:
        return _unlock(connection, clinic_id, make=make)


def unlock_all(*, make: bool = False) -> int:
    """unlock_clinic for every active clinic: after a start, a crash or a restore."""
    clinics = active_clinics()
    with connection_of() as connection:
        return sum(_unlock(connection, clinic.id, make=make) for clinic in clinics)


def _unlock(connection: Connection, clinic_id: UUID, *, make: bool) -> int:
    if make:
        try:
            with inside(connection, clinic_id, "worker", "First keys"):
                make_missing(connection, clinic_id)
        except (errors.UniqueViolation, errors.SerializationFailure):
            pass  # another process has just made them
    with inside(connection, clinic_id, "worker", "Keys unlocked"):
        return unlock(connection, clinic_id)


def rewrap(clinic_id: UUID) -> int:
    """Wrap the keys of a clinic with the first master key; returns how many had another."""
    first = wrapping_id()
    with (
        connection_of("owner") as connection,
        inside(connection, clinic_id, "owner", "Keys wrapped anew"),
    ):
        others = [k for k in keyring(connection) if k.state in LIVE and k.wrapped_by != first]
        for key in others:
            wrapped, by = wrap(
                opened(key, clinic_id), clinic_id=clinic_id, purpose=key.purpose,
                version=key.version,
            )  # fmt: skip
            connection.execute("select app.rewrap_key(%s, %s, %s)", [key.id, wrapped, by])
    return len(others)
