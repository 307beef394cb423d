"""Secret calendar addresses. Only the booking functions write them."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.timezone import localtime

from clinic.models.base import (
    LOGIN,
    TenantIsolation,
    TenantModel,
    implied_clinic,
    person_key,
    tenant_key,
)


class CalendarFeed(TenantModel):
    """The calendar of one doctor or one patient, for whoever holds its address.

    user is the owner's login, if there is one: the address ends with its way into the clinic.
    fetches are counted by the hour from counted_from on.
    """

    clinic = implied_clinic()
    doctor = tenant_key("clinic.Doctor", null=True, blank=True, related_name="+")
    patient = tenant_key("clinic.Patient", null=True, blank=True, related_name="+")
    user = person_key("user_id")
    token_hash = models.BinaryField(editable=False)
    made_by = person_key("made_by")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = person_key("revoked_by")
    last_fetched_at = models.DateTimeField(null=True, editable=False)
    counted_from = models.DateTimeField(null=True, editable=False)
    fetches = models.IntegerField(db_default=0, editable=False)

    class Meta:
        db_table = "calendar_feeds"
        ordering = ["-created_at", "id"]
        rls_policies = [TenantIsolation(unless=LOGIN)]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "doctor"],
                name="calendar_feeds_doctor",
                condition=Q(revoked_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["clinic", "patient"],
                name="calendar_feeds_patient",
                condition=Q(revoked_at__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(doctor__isnull=False, patient__isnull=True)
                | Q(doctor__isnull=True, patient__isnull=False),
                name="calendar_feeds_owner",
            ),
            models.CheckConstraint(
                condition=Q(fetches__gte=0)
                & (Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("created_at"))),
                name="calendar_feeds_values",
            ),
        ]
        indexes = [
            models.Index(fields=["token_hash"], name="calendar_feeds_token"),
            models.Index(fields=["clinic", "doctor"], name="calendar_feeds_of_doctor"),
            models.Index(fields=["clinic", "patient"], name="calendar_feeds_of_patient"),
        ]

    def __str__(self) -> str:
        return f"{localtime(self.created_at):%d %b %Y}"
