"""Nouns of the clinic, read in the caller's tenant context."""

from functools import cache
from uuid import UUID

import phonenumbers
from django.db import connection

from clinic.models import Clinic


def member_names() -> dict[UUID, str]:
    """{user id: name} of those who work or worked in the clinic. One query.

    Logins whose home is another clinic have a name only where a doctors or staff row gives one.
    """
    with connection.cursor() as cursor:
        cursor.execute("select user_id, full_name from app.member_names() where full_name <> ''")
        return dict(cursor.fetchall())


def own_doctors() -> list[UUID]:
    """Ids of the clinic's doctors that the user of the context is: at most one. One query."""
    with connection.cursor() as cursor:
        cursor.execute("select * from app.own_doctor_ids()")
        return [row[0] for row in cursor.fetchall()]


def phone_region(clinic_id: UUID) -> str | None:
    """Whose phone numbers need no country code in the clinic: ISO 3166, None if it has no such."""
    country: str = Clinic.objects.values_list("country", flat=True).get(id=clinic_id)
    return country if country in phonenumbers.SUPPORTED_REGIONS else None


@cache
def rows_to_take_back(*, role: str, table: str) -> bool:
    """Whether role, which is the context's, may take back any row of a table of schema clinic.

    One query per role, table and process.
    """
    with connection.cursor() as cursor:
        cursor.execute("select app.may_take_back(%s) is not null", [table])
        return bool(cursor.fetchone()[0])
