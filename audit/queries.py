"""Nouns of the audit trail, read in the caller's tenant context by roles that may read it."""

from uuid import UUID

from django.db.models import QuerySet

from audit.models import AuditLog


def trail(*, clinic_id: UUID) -> QuerySet[AuditLog]:
    """All entries of the clinic, newest first."""
    return AuditLog.objects.filter(clinic_id=clinic_id).order_by("-created_at", "-id")


def history(*, clinic_id: UUID, record_id: str, table_name: str) -> QuerySet[AuditLog]:
    """What happened to one row, newest first. Its index is (clinic_id, record_id)."""
    return trail(clinic_id=clinic_id).filter(record_id=record_id, table_name=table_name)
