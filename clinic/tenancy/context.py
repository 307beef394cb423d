"""Who is asking, and for which clinic: the one Python door.

The database backend writes the context into every transaction that begins while it is set; see
clinic/tenancy/backend. Nothing is ever set for a session.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import connections, transaction

from clinic.errors import TenantContextError, Unavailable, translate

REQUEST_ROLES = ("patient", "doctor", "nurse", "staff", "admin", "superadmin")
ROLES = (*REQUEST_ROLES, "worker", "owner")
# No clinic has this id: under it a queue is worked, and no clinic's rows are seen.
NO_CLINIC = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Context:
    """What one transaction is signed for. using is the only database alias that it opens."""

    clinic_id: UUID
    user_id: UUID | None
    role: str
    using: str = "default"
    read_only: bool = False
    request_id: str = ""
    ip: str = ""
    user_agent: str = ""
    reason: str = ""

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise TenantContextError(f"unknown role {self.role!r}")


_current: ContextVar[Context | None] = ContextVar("rowan_tenant_context", default=None)


def current_context(using: str = "default") -> Context | None:
    """The context that the next transaction on the alias would get, or None."""
    context = _current.get()
    return context if context and context.using == using else None


@contextmanager
def pushed(context: Context | None) -> Iterator[None]:
    """Make context the one that transactions begin with, without beginning one."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def tenant_context(
    *,
    clinic: UUID | str,
    role: str,
    user: UUID | str | None = None,
    reason: str = "",
    using: str = "default",
    read_only: bool = False,
) -> Iterator[Context]:
    """A transaction inside one clinic, for commands, jobs, streams and on-commit callbacks.

    Raises TenantContextError inside an open transaction: a transaction has one context; Busy
    when BEGIN or COMMIT fails; Unavailable when the connection does: did it commit? Nobody knows.
    """
    if connections[using].in_atomic_block:
        raise TenantContextError("a transaction is open already; a transaction has one context")
    context = Context(
        clinic_id=UUID(str(clinic)),
        user_id=UUID(str(user)) if user else None,
        role=role,
        reason=reason,
        using=using,
        read_only=read_only,
    )
    inside = False
    try:
        with pushed(context), transaction.atomic(using):
            inside = True
            yield context
            inside = False
    except DatabaseError as error:
        named = translate(error)
        if named is error or (inside and not isinstance(named, Unavailable)):
            raise
        raise named from error
