"""Records opened against the rules, for a time and with a reason."""

from django.db import models

from clinic.models.base import TenantModel, implied_clinic, person_key, tenant_key


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
