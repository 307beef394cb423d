"""Connections beside Django's: for what must not wait for a request's, or share its transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias
from uuid import UUID

import psycopg
from django.db import connections

from clinic.tenancy.backend.base import OPEN, opening_values
from clinic.tenancy.context import Context

Connection: TypeAlias = "psycopg.Connection[tuple[Any, ...]]"
CONNECT_SECONDS = 3


def connection_of(alias: str = "default") -> Connection:
    """A connection of its own with the login of an alias: a full pool cannot keep it waiting."""
    params = connections[alias].get_connection_params()
    for ours in ("cursor_factory", "context"):
        params.pop(ours, None)
    return psycopg.connect(**params, autocommit=True, connect_timeout=CONNECT_SECONDS)


@contextmanager
def inside(connection: Connection, clinic_id: UUID, role: str, reason: str) -> Iterator[None]:
    """A transaction of such a connection in a clinic, as worker or as owner."""
    context = Context(clinic_id=clinic_id, user_id=None, role=role, reason=reason)
    with connection.transaction():
        connection.execute(OPEN.encode(), opening_values(context))
        yield
