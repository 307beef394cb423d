"""Settings, flags, feedback."""

import uuid

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from clinic.models.base import TenantIsolation, TenantModel, Timestamps, json_default, person_key


class SystemSetting(Timestamps, TenantModel):
    """A setting of a clinic, or of all of them when clinic is null."""

    clinic = models.ForeignKey(
        "clinic.Clinic", models.PROTECT, null=True, related_name="+", editable=False, db_index=False
    )
    category = models.CharField(max_length=100)
    key = models.CharField(max_length=100)
    value = models.JSONField()
    description = models.TextField(blank=True, db_default="")
    is_encrypted = models.BooleanField(verbose_name="encrypted", db_default=False, editable=False)
    is_public = models.BooleanField(verbose_name="public", db_default=False)
    updated_by = person_key("updated_by")

    class Meta:
        db_table = "system_settings"
        verbose_name = "setting"
        ordering = ["category", "key"]
        rls_policies = [
            TenantIsolation(
                unless=" or clinic_id is null",
                write_unless=" or (clinic_id is null and current_user = 'clinic_owner')",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["clinic", "category", "key"],
                name="system_settings_clinic_key",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.category}.{self.key}"


class FeatureFlag(Timestamps):
    """A feature of the product, on for all, some or none. Belongs to no clinic."""

    id = models.UUIDField(
        primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )
    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True, db_default="")
    is_enabled = models.BooleanField(verbose_name="on", db_default=False)
    rollout_percentage = models.IntegerField(verbose_name="rollout (%)", db_default=0)
    enabled_for_clinics = models.JSONField(blank=True, **json_default([]))
    enabled_for_users = models.JSONField(blank=True, **json_default([]))
    configuration = models.JSONField(blank=True, **json_default({}))

    class Meta:
        db_table = "feature_flags"
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rollout_percentage__range=(0, 100)), name="feature_flags_rollout"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UserFeedback(TenantModel):
    user = person_key("user_id")
    rating = models.IntegerField(null=True, blank=True)
    feedback_text = models.TextField(verbose_name="text", blank=True, db_default="")
    page_url = models.TextField(verbose_name="page", blank=True, db_default="")
    user_agent = models.TextField(blank=True, db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "user_feedback"
        verbose_name_plural = "user feedback"
        ordering = ["-created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__range=(1, 5)),
                name="user_feedback_rating",
            ),
        ]
        indexes = [models.Index(fields=["clinic", "-created_at"], name="user_feedback_recent")]

    def __str__(self) -> str:
        return f"{self.rating or '-'}: {self.feedback_text[:40]}"
