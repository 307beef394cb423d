"""The door: what the login of the site may ask before a clinic is known (login.sql)."""

from typing import Any

from django.db import connection

from clinic.tenancy.signing import door_pass


def at_the_door(function: str, *given: Any) -> list[tuple[Any, ...]]:
    """The rows of a function of the database that asks for a pass first. Needs no context."""
    marks = ", ".join(["%s"] * (1 + len(given)))
    with connection.cursor() as cursor:
        cursor.execute(f"select * from {function}({marks})", [door_pass(), *given])  # noqa: S608  a name of ours
        return cursor.fetchall()
