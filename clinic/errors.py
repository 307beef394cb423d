"""Errors with a name. Those that PostgreSQL raises carry a SQLSTATE of sql/README.md."""

from django.db import Error as DatabaseError
from django.db import InterfaceError, OperationalError


class RowanError(Exception):
    """Base of our own errors. sqlstate is set on those that the database raises."""

    sqlstate: str = ""


class TenantContextError(RowanError):
    """The Python door was used wrongly: unknown role, or a second context in a transaction."""


class NoTenant(RowanError):
    """SQL that needs a clinic ran without a tenant context."""

    sqlstate = "RW001"


class NotAllowed(RowanError):
    """The role in force may not do this; at the door, the pass is none."""

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


class Collision(Busy):
    """Two stood in each other's way and the database chose this one to give way: again, at once."""

    sqlstate = "40P01"


class Unavailable(RowanError, OperationalError):
    """The connection to the database was lost, or there is none.

    Whether the work was done is not known; asking again with the same key tells, and is safe.
    """


OURS = (NoTenant, NotAllowed, NotFound, KeysLocked, NotEncryptedHere, KeyInUse, Busy)
BY_SQLSTATE = {error.sqlstate: error for error in OURS}
# Nothing happened, whichever it was: try again.
BY_SQLSTATE |= {"40P01": Collision, "40001": Collision, "57014": Busy}
# Shut down, crashed, starting up; idle for too long; no place for one more.
GONE = ("57P01", "57P02", "57P03", "25P03", "53300")


def translate(error: DatabaseError) -> Exception:
    """Our error for a database error that carries one of our SQLSTATEs or tells of a lost
    connection, else the same error.
    """
    cause = error.__cause__
    state = getattr(cause, "sqlstate", None) or ""
    named = Unavailable if is_lost(error, state) else BY_SQLSTATE.get(state)
    if named is None or isinstance(error, RowanError):
        return error
    return named(in_short(error))


def in_short(error: Exception) -> str:
    """What a log may say: no detail, no context, for rows and parameters stand in them."""
    diag = getattr(error.__cause__ or error, "diag", None)
    return getattr(diag, "message_primary", None) or str(error).partition("\n")[0]


def is_lost(error: DatabaseError, state: str) -> bool:
    """A connection that breaks leaves no SQLSTATE, for nobody is there to send one."""
    if not state:
        return isinstance(error, OperationalError | InterfaceError)
    return state in GONE or state.startswith("08")
