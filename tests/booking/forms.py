"""The booking form: its address, what it sends, and the appointments that come of it."""

import uuid
from typing import Any

from booking.models import Appointment, AppointmentSlot
from tests.factories import World


def new_url(world: World) -> str:
    return f"/c/{world.clinic.code}/appointments/new/"


def form_for(world: World, slot: AppointmentSlot, **changed: Any) -> dict[str, Any]:
    """What the form of a slot sends for Dana."""
    return {
        "idempotency_key": str(uuid.uuid4()), "slot": slot.id, "patient": world.patient.id,
        "appointment_type": "consultation", "visit_reason": "", **changed,
    }  # fmt: skip


def appointments(world: World) -> list[Appointment]:
    with world.as_owner():
        found = Appointment.objects.using("owner").filter(clinic_id=world.id)
        return list(found.order_by("created_at"))
