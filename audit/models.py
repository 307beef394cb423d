"""The audit trail. Only the triggers write it (sql/audit)."""

from typing import Any

from django.db import models


class AuditLog(models.Model):
    """One row written, updated or deleted, and by whom; partitioned by month."""

    id = models.BigIntegerField(primary_key=True)
    table_schema = models.CharField(max_length=100)
    table_name = models.CharField(max_length=100)
    record_id = models.TextField(null=True)
    action = models.CharField(max_length=10)
    old_values = models.JSONField(null=True)
    new_values = models.JSONField(null=True)
    changed_fields = models.JSONField(null=True)
    user_id = models.UUIDField(null=True)
    actor_role = models.TextField(null=True)
    clinic_id = models.UUIDField(null=True)
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.TextField(null=True)
    request_id = models.CharField(max_length=100, null=True)
    reason = models.TextField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "audit_logs"
        ordering = ["-created_at", "-id"]
        verbose_name = "audit log entry"
        verbose_name_plural = "audit log"

    def __str__(self) -> str:
        return f"{self.action} {self.table_name} {self.record_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("the audit log is written by triggers only")


class AccessLog(models.Model):
    """Somebody looked, or was refused; never what was seen."""

    id = models.BigIntegerField(primary_key=True)
    clinic_id = models.UUIDField(null=True)
    action = models.CharField(max_length=10)
    table_name = models.CharField(max_length=100)
    record_id = models.TextField(null=True)
    patient_id = models.UUIDField(null=True)
    detail = models.JSONField(null=True)
    user_id = models.UUIDField(null=True)
    actor_role = models.TextField(null=True)
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.TextField(null=True)
    request_id = models.CharField(max_length=100, null=True)
    reason = models.TextField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        managed = False
        db_table = "access_logs"
        ordering = ["-created_at", "-id"]
        verbose_name = "access"
        verbose_name_plural = "access report"

    def __str__(self) -> str:
        return f"{self.action} {self.table_name} {self.record_id or ''}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        raise TypeError("accesses are put on record by audit.record_access only")
