"""What the desk reads about the services of a clinic: which there are, and which a doctor gives."""

from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce

from booking.models import Service, ServiceDoctor


class Offer(NamedTuple):
    """A service that a doctor gives, and how many minutes it takes with them."""

    id: UUID
    name: str
    minutes: int


def services_of(*, clinic_id: UUID, doctor_id: UUID) -> list[Offer]:
    """The active services of a doctor by name. One query."""
    rows = (
        ServiceDoctor.objects.filter(
            clinic_id=clinic_id, doctor_id=doctor_id, is_active=True, service__is_active=True
        )
        .order_by("service__name")
        .values_list("service_id", "service__name", _own("duration_minutes"))
    )
    return [Offer(*row) for row in rows]


def _own(column: str) -> Coalesce:
    """The doctor's own number, or else the service's."""
    return Coalesce(F(column), F(f"service__{column}"))


def services_to_choose(*, clinic_id: UUID) -> list[tuple[UUID, str]]:
    """[(id, name)] of the services that some doctor of the clinic gives, by name. One query."""
    given = ServiceDoctor.objects.filter(
        clinic_id=clinic_id, service_id=OuterRef("id"), is_active=True, doctor__is_active=True,
        doctor__deleted_at=None,
    )  # fmt: skip
    found = Service.objects.filter(Exists(given), clinic_id=clinic_id, is_active=True)
    return list(found.order_by("name").values_list("id", "name"))
