"""Errors with a name. Those that PostgreSQL raises carry a SQLSTATE of sql/README.md."""

from django.db import Error as DatabaseError


class RowanError(Exception):
    """Base of our own errors. sqlstate is set on those that the database raises."""

    sqlstate: str = ""


class TenantContextError(RowanError):
    """The Python door was used wrongly: unknown role, or a second context in a transaction."""


class NoTenant(RowanError):
    """SQL that needs a clinic ran without a tenant context."""

    sqlstate = "RW001"


class NotAllowed(RowanError):
    """The role in force may not do this."""

    sqlstate = "RW002"


class NotFound(RowanError):
    """No such row in this clinic."""

    sqlstate = "RW003"


class KeysLocked(RowanError):
    """The clinic's keys have not been brought to the database since it started, or ever."""

    sqlstate = "RW020"


class NotEncryptedHere(RowanError):
    """Not a text, or a key, of this clinic and place; or one whose key is gone."""

    sqlstate = "RW021"


class KeyInUse(RowanError):
    """Values still need this key."""

    sqlstate = "RW022"


class Busy(RowanError):
    """Somebody else holds the row for longer than we wait; trying again is safe."""

    sqlstate = "55P03"


OURS = (NoTenant, NotAllowed, NotFound, KeysLocked, NotEncryptedHere, KeyInUse, Busy)
BY_SQLSTATE = {error.sqlstate: error for error in OURS}
# Deadlock and serialization failures mean the same to a caller: nothing happened, try again.
BY_SQLSTATE |= {"40P01": Busy, "40001": Busy, "57014": Busy}


def translate(error: DatabaseError) -> Exception:
    """Our error for a database error that carries one of our SQLSTATEs, else the same error."""
    cause = error.__cause__
    named = BY_SQLSTATE.get(getattr(cause, "sqlstate", None) or "")
    if named is None:
        return error
    diag = getattr(cause, "diag", None)
    return named(getattr(diag, "message_primary", None) or str(error))
