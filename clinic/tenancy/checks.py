"""Refuses to serve on a connection, or an engine, that the policies do not bind."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

# Older ones have known holes in row-level security.
FLOOR = {15: 150020, 16: 160016, 17: 170012, 18: 180006}

# Of the login and of every role that it could become: RESET ROLE and SET ROLE are one statement.
ROLE_SQL = """
select session_user::text, bool_or(rolsuper), bool_or(rolbypassrls),
       exists (select from pg_class where pg_has_role(session_user, relowner, 'member')),
       current_setting('server_version_num')::int
from pg_roles where pg_has_role(session_user, oid, 'member')
"""
WRONGS = (
    ("rowan.E001", "is a superuser or can become one"),
    ("rowan.E002", "has BYPASSRLS or can become a role that has it"),
    ("rowan.E003", "owns tables or can become their owner"),
)


def below_floor(version: int) -> bool:
    """Whether a server_version_num is of an engine with known RLS holes."""
    return version < FLOOR.get(version // 10000, min(FLOOR.values()))


@register(Tags.database)
def tenant_connection(databases: Any = None, **kwargs: Any) -> list[CheckMessage]:
    """The site's own login must be bound by row-level security (rowan.E001 to E004)."""
    if not databases or "default" not in databases:
        return []
    with connections["default"].cursor() as cursor:
        cursor.execute(ROLE_SQL)
        role, *wrong, version = cursor.fetchone()
    found: list[CheckMessage] = [
        Error(f"DATABASE_URL logs in as {role}, which {what}.", hint="Use clinic_app.", id=code)
        for (code, what), is_so in zip(WRONGS, wrong, strict=True)
        if is_so
    ]
    if below_floor(version):
        kind = Error if settings.PRODUCTION else Warning
        found.append(
            kind(
                f"PostgreSQL {version // 10000}.{version % 10000} has known row-level security"
                " holes.",
                hint="Update to 15.20, 16.16, 17.12, 18.6 or newer.",
                id="rowan.E004" if settings.PRODUCTION else "rowan.W004",
            )
        )
    return found
