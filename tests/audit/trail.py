"""What the trail says of a clinic, and rows to change for it."""

from collections.abc import Callable
from typing import Any

from django.db import connections

from audit.models import AuditLog
from clinic.models import Patient
from tests.factories import World


def entries(world: World, table: str = "patients", **conditions: Any) -> list[AuditLog]:
    """The clinic's entries of a table, oldest first."""
    with world.as_owner():
        found = AuditLog.objects.using("owner").filter(clinic_id=world.id, table_name=table)
        return list(found.filter(**conditions).order_by("id"))


def since(world: World, table: str = "patients") -> Callable[[], list[AuditLog]]:
    """A function that gives the entries that came after this call."""
    before = {entry.id for entry in entries(world, table)}
    return lambda: [entry for entry in entries(world, table) if entry.id not in before]


def owner_sql(world: World, query: str, *params: Any) -> list[Any]:
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchall() if cursor.description else []


def patients(world: World) -> list[Any]:
    with world.as_user(world.bob):
        return list(Patient.objects.order_by("id"))
