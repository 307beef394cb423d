"""The tenant."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django_rls.models import RLSModel

from clinic.models.base import LOGIN, SoftDelete, TenantIsolation, Timestamps, json_default


class Clinic(Timestamps, SoftDelete, RLSModel):
    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=255)
    branch_name = models.CharField(max_length=255, blank=True, db_default="")
    registration_number = models.CharField(max_length=50)
    address = models.TextField()
    postal_code = models.CharField(max_length=10)
    phone = models.CharField(max_length=20)
    email = models.CharField(max_length=255)
    website = models.CharField(max_length=255, blank=True, db_default="")
    time_zone = models.CharField(max_length=64, help_text="IANA name, such as Asia/Singapore")
    currency = models.CharField(max_length=3, help_text="ISO 4217, such as SGD")
    country = models.CharField(max_length=2, help_text="ISO 3166, for phone numbers")
    slot_step_minutes = models.IntegerField(db_default=15)
    operating_hours = models.JSONField(blank=True, **json_default({}))
    services = models.JSONField(blank=True, **json_default([]))
    facilities = models.JSONField(blank=True, **json_default([]))
    latitude = models.DecimalField(max_digits=10, decimal_places=8, null=True, blank=True)
    longitude = models.DecimalField(max_digits=11, decimal_places=8, null=True, blank=True)
    is_active = models.BooleanField(db_default=True)
    settings = models.JSONField(blank=True, **json_default({}))
    subscription_tier = models.CharField(max_length=50, db_default="basic")
    subscription_expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "clinics"
        ordering = ["name", "code"]
        rls_policies = [TenantIsolation("id", LOGIN)]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^[A-Z0-9][A-Z0-9_-]{1,19}$"), name="clinics_code"
            ),
            models.CheckConstraint(
                condition=Q(email__regex=r"^[^@\s]+@[^@\s]+\.[^@\s]+$"), name="valid_email"
            ),
            models.CheckConstraint(
                condition=Q(phone__regex=r"^[+0-9][0-9 -]{3,19}$"), name="valid_phone"
            ),
            models.CheckConstraint(
                condition=Q(currency__regex=r"^[A-Z]{3}$"), name="clinics_currency"
            ),
            models.CheckConstraint(
                condition=Q(country__regex=r"^[A-Z]{2}$"), name="clinics_country"
            ),
            models.CheckConstraint(
                condition=Q(slot_step_minutes__in=[5, 10, 15, 20, 30]), name="clinics_slot_step"
            ),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True) | Q(latitude__range=(-90, 90)),
                name="clinics_latitude",
            ),
            models.CheckConstraint(
                condition=Q(longitude__isnull=True) | Q(longitude__range=(-180, 180)),
                name="clinics_longitude",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def clinic_id(self) -> uuid.UUID:
        """A clinic belongs to itself, so that code over tenant rows need not ask."""
        return self.id
