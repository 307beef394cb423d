"""Limits of a doctor, who asks for a time under them, and the desk's leave to go over."""

import uuid
from typing import Any

from booking.hours import permit_over_limit
from booking.models import AppointmentSlot
from booking.services.appointments import BookingOutcome, book_appointment
from clinic.models import Doctor, User
from tests.factories import PatientFactory, World
from tests.factories.people import MembershipFactory, UserFactory


def limit(world: World, **values: int) -> None:
    with world.as_owner():
        Doctor.objects.using("owner").filter(pk=world.doctor.pk).update(**values)


def ask_for(world: World, slot: AppointmentSlot, who: User, patient: Any = None) -> BookingOutcome:
    with world.as_user(who):
        return book_appointment(
            idempotency_key=str(uuid.uuid4()), user_id=who.id, clinic_id=world.id,
            slot_id=slot.pk, patient_id=(patient or world.patient).id,
        )  # fmt: skip


def another(world: World, login: bool = False) -> Any:
    """A patient, with a login of their own if asked."""
    with world.as_owner():
        user = None
        if login:
            user = UserFactory(clinic=world.clinic, role="patient")
            MembershipFactory(clinic=world.clinic, user=user, role="patient")
        return PatientFactory(clinic=world.clinic, user=user)


def permit(world: World, slot: Any, patient: Any, who: User, reason: str = "Fever") -> str | None:
    with world.as_user(who):
        return permit_over_limit(slot_id=slot, patient_id=patient, reason=reason)
