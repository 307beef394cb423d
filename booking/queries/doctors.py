"""Whom a form offers to choose from."""

from uuid import UUID

from clinic.models import Doctor


def bookable_doctors(*, clinic_id: UUID) -> dict[UUID, str]:
    """{id: name} of the clinic's doctors who may be booked, by name. One query."""
    found = Doctor.objects.filter(clinic_id=clinic_id, is_active=True, deleted_at=None)
    return dict(found.order_by("full_name", "id").values_list("id", "full_name"))
