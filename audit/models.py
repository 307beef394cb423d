"""The audit trail. Only the triggers write it (sql/audit)."""

from typing import Any

from django.db import models


class Entry(models.Model):
    """What both logs tell of who did it, when, and from where."""

    id = models.BigIntegerField(primary_key=True)
    table_name = models.CharField(max_length=100)
    record_id = models.TextField(null=True)
    action = models.CharField(max_length=10)
    user_id = models.UUIDField(null=True)
    actor_role = models.TextField(null=True)
    clinic_id = models.UUIDField(null=True)
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.TextField(null=True)
    request_id = models.CharField(max_length=100, null=True)
    reason = models.TextField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        abstract = True
        managed = False
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"{self.action} {self.table_name} {self.record_id or ''}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("only the database writes the audit trail")


class AuditLog(Entry):
    """One row written, updated or deleted, and by whom; partitioned by month."""

    table_schema = models.CharField(max_length=100)
    old_values = models.JSONField(null=True)
    new_values = models.JSONField(null=True)
    changed_fields = models.JSONField(null=True)

    class Meta(Entry.Meta):
        managed = False
        db_table = "audit_logs"
        verbose_name = "audit log entry"
        verbose_name_plural = "audit log"


class AccessLog(Entry):
    """Somebody looked, or was refused; never what was seen."""

    patient_id = models.UUIDField(null=True)
    detail = models.JSONField(null=True)

    class Meta(Entry.Meta):
        managed = False
        db_table = "access_logs"
        verbose_name = "access"
        verbose_name_plural = "access report"
