"""Events in and their sources; the tables of events out."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Coalesce, Now

from clinic.fields import PgEnumField
from clinic.models.base import (
    TenantIsolation,
    TenantModel,
    Timestamps,
    implied_clinic,
    json_default,
    one_of,
    tenant_key,
)
from webhooks.enums import DeliveryStatus, WebhookEventStatus

# Who stores events before a clinic is known, and who claims them for every clinic.
NARROW = " or current_user = 'clinic_receiver' or current_user = 'clinic_dispatcher'"


class Source(Timestamps):
    """A sender of events and the clinic that they are for. The pads are what HMAC needs of a key.

    provider is what payments call payment_gateway. Outside schema clinic django-rls checks nothing,
    so the policies are declared in sql/webhooks alone.
    """

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    clinic = models.ForeignKey(
        "clinic.Clinic", models.PROTECT, related_name="+", editable=False, db_index=False
    )
    name = models.CharField(max_length=100)
    provider = models.CharField(max_length=50)
    is_active = models.BooleanField(db_default=True)
    secret_pad = models.BinaryField(null=True, editable=False)
    secret_set_at = models.DateTimeField(null=True, editable=False)
    old_secret_pad = models.BinaryField(null=True, editable=False)
    old_secret_expires_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        db_table = "sources"
        verbose_name = "webhook source"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="sources_clinic_id"),
            models.UniqueConstraint(fields=["clinic", "name"], name="sources_clinic_name"),
            models.CheckConstraint(
                condition=Q(provider__regex=r"^[a-z0-9][a-z0-9_-]*$"), name="sources_provider"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class WebhookEvent(TenantModel):
    """One delivery, once. due_at is when it may be claimed next, null when it is at its end."""

    clinic = implied_clinic()
    source = tenant_key("webhooks.Source", db_column="webhook_id", related_name="events")
    event_id = models.TextField()
    event_type = models.CharField(max_length=100, db_default="")
    received_at = models.DateTimeField(db_default=Now(), editable=False)
    payload = models.JSONField()
    body_digest = models.BinaryField(null=True, editable=False)
    signature = models.TextField(db_default="")
    conflicts = models.IntegerField(db_default=0)
    status = PgEnumField(
        type_name="webhook_event_status", choices=WebhookEventStatus, db_default="pending"
    )
    attempts = models.IntegerField(db_default=0)
    max_attempts = models.IntegerField(db_default=10)
    crashes = models.IntegerField(db_default=0)
    next_attempt_at = models.DateTimeField(null=True)
    last_attempt_at = models.DateTimeField(null=True)
    locked_by = models.TextField(null=True)
    lease_until = models.DateTimeField(null=True)
    processed_at = models.DateTimeField(null=True)
    error = models.TextField(db_default="")
    due_at = models.GeneratedField(
        expression=Case(
            When(status="processing", then=F("lease_until")),
            When(status__in=["pending", "failed"], then=Coalesce("next_attempt_at", "received_at")),
        ),
        output_field=models.DateTimeField(null=True),
        db_persist=True,
    )

    class Meta:
        db_table = "webhook_events"
        ordering = ["-received_at", "id"]
        rls_policies = [TenantIsolation(unless=NARROW, write_unless=NARROW)]
        constraints = [
            models.UniqueConstraint(fields=["source", "event_id"], name="webhook_events_once"),
            models.CheckConstraint(
                condition=Q(event_id__regex=r"^[A-Za-z0-9_-]{1,128}$"),
                name="webhook_events_event_id",
            ),
            models.CheckConstraint(
                condition=Q(
                    attempts__gte=0, max_attempts__range=(1, 100), crashes__gte=0, conflicts__gte=0
                ),
                name="webhook_events_counts",
            ),
            models.CheckConstraint(
                condition=Q(status="processing", locked_by__isnull=False, lease_until__isnull=False)
                | ~Q(status="processing") & Q(locked_by__isnull=True, lease_until__isnull=True),
                name="webhook_events_lease",
            ),
            models.CheckConstraint(
                condition=~Q(status="success") | Q(processed_at__isnull=False),
                name="webhook_events_processed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at", "id"], name="webhook_events_due",
                condition=Q(due_at__isnull=False),
            ),
            models.Index(
                fields=["lease_until"], name="webhook_events_leases",
                condition=Q(status="processing"),
            ),
            models.Index(fields=["clinic", "-received_at"], name="webhook_events_recent"),
            models.Index(fields=["clinic", "status", "-received_at"], name="webhook_events_status"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.event_type or '?'} {self.event_id}"


class IntegrationWebhook(Timestamps, TenantModel):
    """Where a clinic wants its events sent. The secret is kept encrypted, and read by no role."""

    name = models.CharField(max_length=100)
    url = models.TextField()
    secret_encrypted = models.TextField(null=True, editable=False)
    is_active = models.BooleanField(db_default=True)
    events = models.JSONField(blank=True, **json_default([]))
    headers = models.JSONField(blank=True, **json_default({}))
    max_retries = models.IntegerField(db_default=3)
    timeout_seconds = models.IntegerField(db_default=30)
    last_triggered_at = models.DateTimeField(null=True, editable=False)
    success_count = models.IntegerField(db_default=0, editable=False)
    failure_count = models.IntegerField(db_default=0, editable=False)

    class Meta:
        db_table = "integration_webhooks"
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="integration_webhooks_clinic_id"),
            models.UniqueConstraint(fields=["clinic", "name"], name="integration_webhooks_name"),
            models.CheckConstraint(
                condition=Q(url__regex=r"^https://[^\s]+$"), name="integration_webhooks_url"
            ),
            models.CheckConstraint(
                condition=Q(
                    max_retries__range=(0, 20), timeout_seconds__range=(1, 60),
                    success_count__gte=0, failure_count__gte=0,
                ),
                name="integration_webhooks_values",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class WebhookLog(TenantModel):
    """One try to deliver an event to an integration. response_time_ms in milliseconds."""

    clinic = implied_clinic()
    webhook = tenant_key("webhooks.IntegrationWebhook", related_name="logs")
    event_type = models.CharField(max_length=100)
    payload = models.JSONField()
    response_status = models.IntegerField(null=True)
    response_body = models.TextField(db_default="")
    response_time_ms = models.IntegerField(null=True)
    status = models.TextField(choices=DeliveryStatus, db_default="pending")
    error_message = models.TextField(db_default="")
    retry_count = models.IntegerField(db_default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "webhook_logs"
        ordering = ["-created_at", "id"]
        constraints = [
            one_of("webhook_logs", "status", DeliveryStatus),
            models.CheckConstraint(
                condition=(Q(response_status__isnull=True) | Q(response_status__range=(100, 599)))
                & (Q(response_time_ms__isnull=True) | Q(response_time_ms__gte=0))
                & Q(retry_count__gte=0),
                name="webhook_logs_values",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "webhook", "-created_at"], name="webhook_logs_webhook"),
            models.Index(fields=["clinic", "-created_at"], name="webhook_logs_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.event_type} {self.created_at}"
