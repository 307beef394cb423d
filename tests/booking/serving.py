"""Services, rooms and equipment of a world, and visits booked with them."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import F, Q

from booking.models import (
    Appointment,
    AppointmentResource,
    AppointmentSlot,
    Resource,
    ResourcePool,
    Service,
    ServiceDoctor,
    ServiceNeed,
)
from booking.services.appointments import BookingOutcome, book_appointment, reschedule_appointment
from tests.factories import World
from tests.harness.checker import History, judge


def make_service(
    world: World, minutes: int = 45, *, name: str = "Ultrasound", buffers: tuple[int, int] = (0, 0),
    doctors: Iterable[Any] = (), pools: Iterable[Any] = (), resources: Iterable[Any] = (),
    **fields: Any,
) -> Service:  # fmt: skip
    """Given by the world's doctor unless others are named. A pool may come twice."""
    fields = {"code": f"s{uuid.uuid4().hex[:8]}", **fields}
    with world.as_owner():
        service = Service.objects.using("owner").create(
            clinic=world.clinic, name=name, duration_minutes=minutes,
            buffer_before_minutes=buffers[0], buffer_after_minutes=buffers[1], **fields,
        )  # fmt: skip
        for pool in pools:
            ServiceNeed.objects.using("owner").create(
                clinic=world.clinic, service=service, pool=pool
            )
        for one in resources:
            ServiceNeed.objects.using("owner").create(
                clinic=world.clinic, service=service, resource=one
            )
    for doctor in doctors or [world.doctor]:
        gives(world, service, doctor)
    return service


def gives(world: World, service: Service, doctor: Any, **own: Any) -> ServiceDoctor:
    with world.as_owner():
        return ServiceDoctor.objects.using("owner").create(
            clinic=world.clinic, service=service, doctor=doctor, **own
        )


def make_pool(world: World, count: int, name: str = "Ultrasound room") -> ResourcePool:
    """A pool with so many rooms, numbered from 1."""
    with world.as_owner():
        pool = ResourcePool.objects.using("owner").create(clinic=world.clinic, name=name)
    for number in range(1, count + 1):
        make_resource(world, f"{name} {number}", pool=pool)
    return pool


def make_resource(world: World, name: str, **fields: Any) -> Resource:
    with world.as_owner():
        return Resource.objects.using("owner").create(clinic=world.clinic, name=name, **fields)


def slots_of(world: World, doctor: Any = None) -> list[AppointmentSlot]:
    """All slots of a doctor, by their time."""
    with world.as_owner():
        found = AppointmentSlot.objects.using("owner").filter(doctor=doctor or world.doctor)
        return list(found.order_by("starts_at"))


def serve(
    world: World, service: Service | None, slot: AppointmentSlot, *, patient: Any = None,
    user: Any = None, key: str = "",
) -> BookingOutcome:  # fmt: skip
    """Book the service from the slot on."""
    user = user or world.bob
    with world.as_user(user):
        return book_appointment(
            idempotency_key=key or str(uuid.uuid4()), user_id=user.id, clinic_id=world.id,
            slot_id=slot.id, patient_id=(patient or world.patient).id,
            service_id=service and service.id,
        )  # fmt: skip


def move(world: World, visit: Any, slot: AppointmentSlot, user: Any = None) -> BookingOutcome:
    with world.as_user(user or world.bob):
        return reschedule_appointment(
            idempotency_key=str(uuid.uuid4()), appointment_id=visit, slot_id=slot.id
        )


def taken(world: World, visit: Any) -> list[str]:
    """Local starts of the slots that a visit has, its own first: ["09:00", "09:15"]."""
    with world.as_owner():
        slots = AppointmentSlot.objects.using("owner")
        own = slots.filter(appointment_id=visit)
        covered = slots.filter(covered_by_id=visit).order_by("starts_at")
        return [f"{slot.slot_time:%H:%M}" for slot in (*own, *covered)]


def kept_for(world: World, visit: Any) -> list[str]:
    """Names of the rooms and equipment of a visit."""
    with world.as_owner():
        rows = AppointmentResource.objects.using("owner").filter(appointment_id=visit)
        return sorted(rows.values_list("resource__name", flat=True))


def row(world: World, visit: Any) -> Appointment:
    with world.as_owner():
        return Appointment.objects.using("owner").get(pk=visit)


def shift(world: World, slots: Iterable[AppointmentSlot], to: dt.datetime) -> dt.timedelta:
    """Put slots elsewhere, the first of them at an instant; says by how much they went."""
    slots = list(slots)
    by = to - slots[0].starts_at
    zone = ZoneInfo(str(world.clinic.time_zone))
    with world.as_owner():
        for slot in slots:
            wall = (slot.starts_at + by).astimezone(zone)
            AppointmentSlot.objects.using("owner").filter(pk=slot.pk).update(
                starts_at=slot.starts_at + by, ends_at=slot.ends_at + by,
                slot_date=wall.date(), slot_time=wall.time(),
            )  # fmt: skip
    return by


def begin(world: World, visit: Appointment, minutes: int = 5) -> None:
    """Put a visit with all that it has so many minutes back from now."""
    with world.as_owner():
        slots = AppointmentSlot.objects.using("owner")
        mine = list(slots.filter(Q(appointment_id=visit.pk) | Q(covered_by_id=visit.pk))
                    .order_by("starts_at"))  # fmt: skip
    by = shift(world, mine, dt.datetime.now(dt.UTC) - dt.timedelta(minutes=minutes))
    wall = (visit.starts_at + by).astimezone(ZoneInfo(str(world.clinic.time_zone)))
    busy = {"busy_from": F("busy_from") + by, "busy_to": F("busy_to") + by}
    with world.as_owner():
        Appointment.objects.using("owner").filter(pk=visit.pk).update(
            starts_at=visit.starts_at + by, ends_at=visit.ends_at + by,
            appointment_date=wall.date(), appointment_time=wall.time(), **busy,
        )  # fmt: skip
        kept = AppointmentResource.objects.using("owner").filter(appointment_id=visit.pk)
        kept.update(**busy)


def minutes_of(visit: Appointment) -> float:
    return (visit.ends_at - visit.starts_at) / dt.timedelta(minutes=1)


def broken(world: World) -> Counter[str]:
    """What the harness's checker finds: nothing, if slots, rooms and visits agree."""
    return judge(History(world), [])


def second_doctor(world: World) -> tuple[Any, list[AppointmentSlot]]:
    """A doctor with the same hours, and their slots."""
    doctor = world.add_doctor(full_name="Dr Second")
    world.make_slots(days=0, doctor=doctor)
    return doctor, slots_of(world, doctor)
