"""A clinic with few slots and many who want them: noon, three doctors, eight patients."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from booking.models import Appointment, AppointmentSlot
from booking.services.appointments import book_appointment
from tests.booking.life import noon_world
from tests.booking.serving import make_pool, make_service
from tests.factories import DoctorFactory, PatientFactory, World

# Minutes from two hours ahead on. The half-hours at 15 and 75 overlap their neighbours: only the
# constraint stands between them. The last two are tomorrow's.
STARTS = (0, 15, 30, 60, 75, 90, 24 * 60, 24 * 60 + 30)
LONG = 30


@dataclass
class Stage:
    """visits are the appointments that clients know of; they grow while a round lasts.

    service takes three quarters of an hour and the one room, with any of the doctors.
    """

    world: World
    slots: list[uuid.UUID]
    patients: list[uuid.UUID]
    service: uuid.UUID
    visits: list[uuid.UUID] = field(default_factory=list)

    @property
    def people(self) -> list[Any]:
        return [self.world.bob, self.world.alice]


def set_stage() -> Stage:
    """Committed; with one visit of each doctor that began a while ago."""
    world = noon_world()
    with world.as_owner():
        doctors = [world.doctor, *DoctorFactory.create_batch(2, clinic=world.clinic)]
        patients = [world.patient, *PatientFactory.create_batch(7, clinic=world.clinic)]
        slots = [make_slot(world, doctor, minutes) for doctor in doctors for minutes in STARTS]
    scan = make_service(world, 45, buffers=(0, 5), doctors=doctors, pools=[make_pool(world, 1)])
    stage = Stage(world, [slot.id for slot in slots], [p.id for p in patients], scan.id)
    for number, doctor in enumerate(doctors):
        stage.visits.append(begun_visit(stage, doctor, patients[number].id))
    return stage


def make_slot(world: World, doctor: Any, minutes: int) -> AppointmentSlot:
    hour = dt.datetime.now(dt.UTC).replace(minute=0, second=0, microsecond=0)
    starts = hour + dt.timedelta(hours=2, minutes=minutes)
    return AppointmentSlot.objects.using("owner").create(
        clinic=world.clinic, doctor=doctor, duration_minutes=LONG, **times(world, starts)
    )


def times(world: World, starts: dt.datetime) -> dict[str, Any]:
    wall = starts.astimezone(ZoneInfo(world.clinic.time_zone))
    ends = starts + dt.timedelta(minutes=LONG)
    day = {"slot_date": wall.date(), "slot_time": wall.time()}
    return {**day, "starts_at": starts, "ends_at": ends}


def begun_visit(stage: Stage, doctor: Any, patient: uuid.UUID) -> uuid.UUID:
    """Booked for the day after tomorrow, then moved to forty minutes ago by the owner."""
    world = stage.world
    with world.as_owner():
        slot = make_slot(world, doctor, 48 * 60)
    with world.as_user(world.bob):
        outcome = book_appointment(
            idempotency_key=f"begun {slot.id}", user_id=world.bob.id, clinic_id=world.id,
            slot_id=slot.id, patient_id=patient,
        )  # fmt: skip
    assert outcome.ok, outcome
    assert outcome.appointment_id
    now = times(world, dt.datetime.now(dt.UTC) - dt.timedelta(minutes=40))
    with world.as_owner():
        AppointmentSlot.objects.using("owner").filter(pk=slot.pk).update(**now)
        now = {key.replace("slot_", "appointment_"): value for key, value in now.items()}
        Appointment.objects.using("owner").filter(pk=outcome.appointment_id).update(**now)
    return outcome.appointment_id
