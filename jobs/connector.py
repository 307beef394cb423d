"""The worker's own connections: the queue's, never a clinic's."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from django.db import connections
from procrastinate import PsycopgConnector
from procrastinate.exceptions import UniqueViolation
from psycopg import errors

from clinic.tenancy.backend.base import OPEN, opening_values
from clinic.tenancy.context import Context
from clinic.tenancy.membership import NO_CLINIC

BEGIN = f"{OPEN}, set_config('search_path', 'jobs, pg_temp', true)"


class WorkerConnector(PsycopgConnector):
    """Works as clinic_worker in schema jobs, by a context signed for each transaction.

    Nothing is set for a session, so that it may go through a pooler (without LISTEN).
    """

    @asynccontextmanager
    async def _get_cursor(self, connection: Any = None) -> AsyncIterator[Any]:
        context = Context(clinic_id=NO_CLINIC, user_id=None, role="worker", reason="Job queue")
        try:
            async with super()._get_cursor(connection) as cursor:
                await cursor.execute(BEGIN, opening_values(context))
                yield cursor
        except errors.UniqueViolation as error:
            # Where rows are guarded PostgreSQL does not say which key it was: procrastinate asks.
            raise UniqueViolation(
                constraint_name=error.diag.constraint_name, queueing_lock=None
            ) from error


def worker_connector() -> WorkerConnector:
    """A connector with the address and login of DATABASE_URL."""
    params = connections["default"].get_connection_params()
    for ours in ("cursor_factory", "context"):
        params.pop(ours, None)
    params |= {"prepare_threshold": None, "application_name": "rowan worker"}
    return WorkerConnector(kwargs=params, min_size=1, max_size=4)
