"""Rights that a row of the clinic gives to one of its people."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from clinic.models import Staff


def overbookers(*, clinic_id: UUID, user_id: UUID | None) -> QuerySet[Staff]:
    """The user's own staff row, if it allows overbooking; the database asks again."""
    who: Any = user_id
    return Staff.objects.filter(
        clinic_id=clinic_id, user_id=who, permissions__contains={"overbook": True}
    )
