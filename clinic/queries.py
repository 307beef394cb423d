"""Nouns of the clinic, read in the caller's tenant context."""

from uuid import UUID

from django.db import connection


def member_names() -> dict[UUID, str]:
    """{user id: name} of those who work or worked in the clinic. One query.

    Logins whose home is another clinic have a name only where a doctors or staff row gives one.
    """
    with connection.cursor() as cursor:
        cursor.execute("select user_id, full_name from app.member_names() where full_name <> ''")
        return dict(cursor.fetchall())
