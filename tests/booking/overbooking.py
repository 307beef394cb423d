"""Two visits at one time on purpose, and who may: for the tests of overbooking."""

import datetime as dt
import uuid
from typing import Any

from django.db import connections

from booking.models import Appointment, AppointmentSlot
from booking.services.appointments import BookingOutcome, cancel_appointment
from booking.services.despite import overbook_slot
from clinic.models import Staff
from tests.factories import World


def overbooked(world: World, slot_id: Any, user: Any = None, **given: Any) -> BookingOutcome:
    """Book somebody new at a taken time; by Alice unless somebody is named."""
    given = {"idempotency_key": str(uuid.uuid4()), "reason_code": "urgent", **given}
    if "patient_id" not in given:
        given["patient_id"] = world.add_patient().pk
    with world.as_user(user or world.alice):
        return overbook_slot(slot_id=slot_id, **given)


def allow(world: World, user: Any, **permissions: Any) -> None:
    with world.as_owner():
        Staff.objects.using("owner").filter(user=user).update(permissions=permissions)


def gone(world: World, visit: Appointment) -> BookingOutcome:
    with world.as_user(world.bob):
        return cancel_appointment(
            idempotency_key=str(uuid.uuid4()), appointment_id=visit.pk, reason="Asked"
        )


def another(world: World) -> list[AppointmentSlot]:
    """The free slots of a second doctor, at the same times as the first's."""
    doctor = world.add_doctor(full_name="Dr Other")
    with world.as_owner(), connections["owner"].cursor() as cursor:
        day = dt.datetime.now(dt.UTC).date()
        cursor.execute(
            "select booking.generate_slots(%s, %s, %s)",
            [doctor.pk, day, day + dt.timedelta(days=4)],
        )
    return [free for free in world.free_slots() if free.doctor_id == doctor.pk]
