"""Hours and single days of a doctor: what changes them, and what can be booked afterwards."""

import datetime as dt
import uuid
from typing import Any

from booking.hours import CalendarOutcome, change_calendar, hours_stamp
from booking.models import Appointment, AppointmentSlot
from booking.services.appointments import book_appointment
from clinic.models import WorkingHours
from tests.factories import World

TODAY = dt.datetime.now(dt.UTC).date()
MONDAY = TODAY + dt.timedelta(days=14 - TODAY.weekday())  # of a week that has not begun anywhere
SATURDAY = MONDAY + dt.timedelta(days=5)


def stamp(world: World) -> str:
    with world.as_user(world.alice):
        return hours_stamp(clinic_id=world.id, doctor_id=world.doctor.id)


def calendar(
    world: World, kind: str, values: dict[str, Any] | None, *, pk: Any = None, who: Any = None,
    preview: bool = False, role: str | None = None,
) -> CalendarOutcome:  # fmt: skip
    if values is not None and kind != "holiday":
        values = {"doctor_id": world.doctor.id, **values}
    with world.as_user(who or world.alice, role):
        return change_calendar(
            kind=kind, entry_id=pk or uuid.uuid4(), values=values, preview=preview
        )


def slots(world: World, day: dt.date, **conditions: Any) -> list[str]:
    """The times of a day that can be booked."""
    with world.as_owner():
        found = AppointmentSlot.objects.using("owner").filter(
            clinic_id=world.id, doctor=world.doctor, slot_date=day, is_blocked=False, **conditions
        )
        return [f"{s.slot_time:%H:%M}" for s in found.order_by("starts_at")]


def rows(world: World) -> list[tuple[Any, ...]]:
    """All weekly hours that count, as they are kept."""
    with world.as_owner():
        found = WorkingHours.objects.using("owner").filter(doctor=world.doctor, deleted_at=None)
        return sorted(
            found.values_list("weekday", "starts", "ends", "effective_from", "effective_to"),
            key=str,
        )


def visit(world: World, day: dt.date, time: dt.time) -> Appointment:
    """Dana's visit at a time of a day."""
    with world.as_owner():
        slot = AppointmentSlot.objects.using("owner").get(
            clinic_id=world.id, slot_date=day, slot_time=time
        )
    with world.as_user(world.bob):
        made = book_appointment(
            idempotency_key=str(slot.id), user_id=world.bob.id, clinic_id=world.id,
            slot_id=slot.id, patient_id=world.patient.id,
        )  # fmt: skip
    assert made.ok, made
    with world.as_owner():
        return Appointment.objects.using("owner").get(pk=made.appointment_id)
