"""Appointments at a point of their life, for the tests of what may happen next."""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connections

from booking.models import Appointment, AppointmentSlot, AppointmentTransition, QueueEntry
from booking.services.appointments import (
    BookingOutcome,
    book_appointment,
    change_status,
    undo_transition,
)
from tests.factories import World, make_world


def noon_world() -> World:
    """A world in whose clinic it is about noon: "today" does not end during a test."""
    ahead = 12 - dt.datetime.now(dt.UTC).hour
    return make_world(time_zone=f"Etc/GMT{-ahead:+d}" if ahead else "UTC")


def visit_tomorrow(world: World, which: int = 0) -> Appointment:
    """An appointment of Dana in one of tomorrow's free slots."""
    free = world.free_slots(which + 1)
    if not free:
        world.make_slots(days=0)
        free = world.free_slots(which + 1)
    with world.as_user(world.bob):
        outcome = book_appointment(
            idempotency_key=str(uuid.uuid4()), user_id=world.bob.id, clinic_id=world.id,
            slot_id=free[which].id, patient_id=world.patient.id,
        )  # fmt: skip
    assert outcome.ok, outcome
    return read(world, outcome.appointment_id)


def visit_now(world: World, minutes: int = -5) -> Appointment:
    """An appointment of Dana that began some minutes ago, in a clinic in which it is noon."""
    visit = visit_tomorrow(world)
    starts = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=minutes)
    length = dt.timedelta(minutes=visit.duration_minutes)
    wall = starts.astimezone(ZoneInfo(world.clinic.time_zone))
    times = {"starts_at": starts, "ends_at": starts + length}
    with world.as_owner():
        AppointmentSlot.objects.using("owner").filter(pk=visit.slot_id).update(
            slot_date=wall.date(), slot_time=wall.time(), **times
        )
        Appointment.objects.using("owner").filter(pk=visit.pk).update(
            appointment_date=wall.date(), appointment_time=wall.time(), **times
        )
    return read(world, visit.pk)


def read(world: World, pk: Any) -> Appointment:
    with world.as_owner():
        return Appointment.objects.using("owner").get(pk=pk)


def slot(world: World, pk: Any) -> AppointmentSlot:
    with world.as_owner():
        return AppointmentSlot.objects.using("owner").get(pk=pk)


def history(world: World, visit: Appointment) -> list[AppointmentTransition]:
    with world.as_owner():
        found = AppointmentTransition.objects.using("owner").filter(appointment_id=visit.pk)
        return list(found.order_by("version"))


def in_line(world: World, visit: Appointment) -> list[QueueEntry]:
    with world.as_owner():
        found = QueueEntry.objects.using("owner").filter(appointment_id=visit.pk)
        return list(found.order_by("created_at"))


def act(
    world: World, visit: Appointment, action: str, user: Any = None, *,
    version: int | None = None, key: str = "", reason: str = "", role: str | None = None,
) -> BookingOutcome:  # fmt: skip
    with world.as_user(user or world.bob, role):
        return change_status(
            idempotency_key=key or str(uuid.uuid4()), appointment_id=visit.pk, action=action,
            version=version, reason=reason,
        )  # fmt: skip


def undo(world: World, visit: Appointment, user: Any = None, *, key: str = "") -> BookingOutcome:
    version = read(world, visit.pk).version
    with world.as_user(user or world.bob):
        return undo_transition(
            idempotency_key=key or str(uuid.uuid4()), appointment_id=visit.pk, version=version
        )


def agree(world: World) -> None:
    """Slots and appointments say the same of each other."""
    with world.as_owner(), connections["owner"].cursor() as cursor:
        cursor.execute(
            """
            select count(*) from clinic.appointment_slots s
            full join (select * from clinic.appointments
                       where status not in ('cancelled', 'rescheduled')) a
              on a.slot_id = s.id and a.id = s.appointment_id
            where (s.appointment_id is not null and a.id is null)
              or (a.slot_id is not null and (s.id is null or s.is_available))
            """
        )
        found = cursor.fetchone()
    assert found == (0,), found
