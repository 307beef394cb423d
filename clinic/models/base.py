"""What every table of a clinic shares: its key, its clinic, its clock, its one tenant policy."""

import uuid
from typing import Any

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Now
from django_rls.models import RLSModel
from django_rls.policies import BasePolicy

# The login functions find people before there is a context.
LOGIN = " or current_user = 'clinic_authenticator'"


class TenantIsolation(BasePolicy):
    """The declared form of tenant_isolation; sql/<app>/policies installs it."""

    def __init__(
        self, column: str = "clinic_id", unless: str = "", write_unless: str = "", **kwargs: Any
    ) -> None:
        """Rows of the clinic, and those of `unless` to read, those of `write_unless` to write."""
        own = f"{column} = (select app.current_clinic_id())"
        self.expression, self.check = own + unless, own + write_unless
        super().__init__("tenant_isolation", permissive=False, roles="public", **kwargs)

    def get_sql_expression(self) -> str:
        return self.expression

    def get_check_expression(self) -> str:
        """What rows must meet to be written."""
        return self.check


def json_default(value: dict[str, Any] | list[Any]) -> dict[str, Any]:
    """default and db_default of a JSON column."""
    return {"default": type(value), "db_default": Value(value, models.JSONField())}


class Timestamps(models.Model):
    """created_at and updated_at; a trigger keeps the second."""

    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        abstract = True


class TenantModel(RLSModel):
    """A row that belongs to one clinic. Composite foreign keys are in sql/<app>/constraints."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    clinic = models.ForeignKey(
        "clinic.Clinic", on_delete=models.PROTECT, related_name="+", editable=False, db_index=False
    )

    class Meta:
        abstract = True
        rls_policies = [TenantIsolation()]


class SoftDelete(models.Model):
    """Rows are never deleted by people; deleted_at hides them."""

    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True


def implied_clinic() -> Any:
    """clinic where a composite key to a row of the clinic proves it already."""
    return models.ForeignKey(
        "clinic.Clinic", models.PROTECT, related_name="+", editable=False, db_index=False,
        db_constraint=False,
    )  # fmt: skip


def tenant_key(model: Any, **kwargs: Any) -> Any:
    """A foreign key to a row of the same clinic: the constraint is composite, so SQL makes it."""
    kwargs = {"on_delete": models.PROTECT, "db_constraint": False, "db_index": False, **kwargs}
    return models.ForeignKey(model, **kwargs)


def person_key(column: str, **kwargs: Any) -> Any:
    """Who did it: a user, who may have another home clinic and is never deleted."""
    kwargs = {"null": True, "blank": True, **kwargs}
    return models.ForeignKey(
        "clinic.User", models.DO_NOTHING, db_column=column, db_constraint=False,
        db_index=False, related_name="+", editable=False, **kwargs,
    )  # fmt: skip


def document_number(prefix: str) -> models.CharField:
    """A human number such as MR-00001, counted per clinic by the database."""
    return models.CharField(
        max_length=50,
        editable=False,
        db_default=Func(Value(prefix), function="clinic.next_document_number"),
    )


def one_of(table: str, column: str, choices: type[models.TextChoices]) -> models.CheckConstraint:
    """The column holds one of the choices, or null."""
    return models.CheckConstraint(
        condition=Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__in": choices.values}),
        name=f"{table}_{column}",
    )


def within(table: str, column: str, low: Any, high: Any) -> models.CheckConstraint:
    """The column is null or between low and high, both included."""
    return models.CheckConstraint(
        condition=Q(**{f"{column}__isnull": True}) | Q(**{f"{column}__range": (low, high)}),
        name=f"{table}_{column}",
    )
