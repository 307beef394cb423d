"""Doors opened for a time and with a reason: a patient's records, or a whole clinic."""

from django.db import models

from clinic.models.base import (
    LOGIN,
    TenantIsolation,
    TenantModel,
    implied_clinic,
    person_key,
    tenant_key,
)


class GlassBreak(TenantModel):
    """Written by app.break_glass; administrators review it."""

    clinic = implied_clinic()
    user = person_key("user_id", null=False)
    patient = tenant_key("clinic.Patient", related_name="+")
    reason = models.TextField()
    opened_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    reviewed_by = person_key("reviewed_by")
    reviewed_at = models.DateTimeField(null=True)
    review_note = models.TextField(blank=True, default="")

    class Meta:
        managed = False
        db_table = "glass_breaks"
        verbose_name = "break-glass access"
        verbose_name_plural = "break-glass accesses"
        ordering = ["-opened_at"]

    def __str__(self) -> str:
        return self.reason


class ClinicEntry(TenantModel):
    """Written by app.enter_clinic: a superadmin who came into the clinic."""

    clinic = implied_clinic()
    user = person_key("user_id", null=False)
    user_name = models.TextField("who")
    reason = models.TextField()
    entered_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "clinic_entries"
        verbose_name = "superadmin's entry"
        verbose_name_plural = "superadmins' entries"
        ordering = ["-entered_at"]
        rls_policies = [TenantIsolation(unless=LOGIN, write_unless=LOGIN)]

    def __str__(self) -> str:
        return self.reason
