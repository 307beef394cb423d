"""The PostgreSQL backend that opens the tenant context on the outermost BEGIN."""

from typing import Any

from django.db.backends.postgresql.base import ServerBindingCursor
from django_rls.backends.postgresql.base import DatabaseWrapper as RLSDatabaseWrapper
from psycopg import Cursor, sql

from clinic.tenancy.context import Context, current_context
from clinic.tenancy.signing import sign

# One statement for all of it: role first, so that the rest is read under the role in force.
SETTINGS = (
    "role",
    "app.context",
    "app.current_clinic_id",
    "app.current_user_id",
    "app.current_request_id",
    "app.current_user_agent",
    "app.current_ip",
    "app.current_reason",
    "transaction_read_only",
)
OPEN = "select " + ", ".join(f"set_config('{name}', %s, true)" for name in SETTINGS)


def opening_values(context: Context) -> list[str]:
    """The values of SETTINGS for a transaction in context."""
    return [
        f"clinic_{context.role}",
        sign(context),
        str(context.clinic_id),
        str(context.user_id or ""),
        context.request_id,
        context.user_agent,
        context.ip,
        context.reason,
        "on" if context.read_only else "off",
    ]


def opening_statement(context: Context) -> str:
    """The same statement with its values written out, for a person with psql."""
    template = sql.SQL(OPEN.replace("%s", "{}"))
    return template.format(*map(sql.Literal, opening_values(context))).as_string() + ";"


# All that DISCARD ALL does but for the plans: making those of one booking anew costs twice the
# booking. A plan holds no data, and is made anew where role, policies or search path have changed.
DISCARD = """
    close all; set session authorization default; reset role; reset all; deallocate all; unlisten *;
    select pg_advisory_unlock_all(); discard temp; discard sequences
"""


def discard_session(connection: Any) -> None:
    """Pool reset: whatever injected SQL may have set for the session ends with its request."""
    connection.autocommit = True
    Cursor(connection).execute(DISCARD)


class OneCommandCursor(ServerBindingCursor):
    """Sends each statement by the extended protocol, parameters or none: it takes one command.

    By the simple one, SQL that gets into a statement could commit half of a request, and go on as
    the login. It would stand before the door (login.sql), and had better not get even there.
    """

    def _execute_send(self, query: Any, *, force_extended: bool = True, **how: Any) -> None:
        super()._execute_send(query, force_extended=True, **how)  # type: ignore[misc]


class DatabaseWrapper(RLSDatabaseWrapper):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pool = self.settings_dict.get("OPTIONS", {}).get("pool")
        if isinstance(pool, dict):
            pool.setdefault("reset", discard_session)

    def get_connection_params(self) -> dict[str, Any]:
        """As Django's; migrations are scripts of many commands, so the owner may send those."""
        params: dict[str, Any] = super().get_connection_params()
        if "assume_role" not in self.settings_dict["OPTIONS"]:
            params["cursor_factory"] = OneCommandCursor
        return params

    def set_autocommit(
        self, autocommit: bool, force_begin_transaction_with_broken_autocommit: bool = False
    ) -> None:
        context = None if autocommit else current_context(self.alias)
        super().set_autocommit(autocommit, force_begin_transaction_with_broken_autocommit)
        if context:
            self._open_context(context)

    def _open_context(self, context: Context) -> None:
        """Begin the transaction with its context, or leave none open."""
        try:
            with self.wrap_database_errors, self.connection.cursor() as cursor:
                cursor.execute(OPEN, opening_values(context))
        except BaseException:
            self.close()
            raise
