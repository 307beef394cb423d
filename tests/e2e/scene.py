"""A clinic with enough in it to be looked at."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connections

from booking.models import Appointment, AppointmentSlot
from booking.services.appointments import book_appointment
from clinic.models import Doctor, Patient
from tests.factories import DoctorFactory, PatientFactory, World, make_world
from tests.factories.people import WorkingHoursFactory
from tests.factories.world import store

ZONE = ZoneInfo("Asia/Singapore")
NAMES = ["Grace Adeyemi", "Oscar Adeyemi", "Elif Osei", "Nadia Petrov", "Zoë Ångström-Lindqvist"]
DOCTORS = [("Dr Berg", 15), ("Dr Haddad", 20), ("Dr Rossi", 30), ("Dr Tanaka", 15)]
STATUSES = ["scheduled", "confirmed", "in_progress", "completed", "no_show", "cancelled"]


@dataclass(slots=True)
class Scene:
    """tomorrow is the day that is full; patients are those of NAMES, in that order."""

    world: World
    tomorrow: dt.date
    patients: list[Patient]

    @property
    def base(self) -> str:
        return f"/c/{self.world.clinic.code}"

    @property
    def day(self) -> str:
        return f"{self.base}/schedule/{self.tomorrow}/"

    def appointments(self) -> list[Appointment]:
        """Every appointment of the clinic, newest last."""
        with self.world.as_owner():
            found = Appointment.objects.using("owner").filter(clinic_id=self.world.id)
            return list(found.order_by("created_at", "id"))

    def end_hold(self, slot_id: Any) -> None:
        """As if the minutes of an open form were over."""
        with self.world.as_owner():
            AppointmentSlot.objects.using("owner").filter(id=slot_id).update(
                held_until=None, held_by=None
            )

    def slot(self, slot_id: Any) -> AppointmentSlot:
        with self.world.as_owner():
            return AppointmentSlot.objects.using("owner").get(id=slot_id)


def make_scene() -> Scene:
    """Five doctors of different lengths of visit, an appointment of every status, one arrived."""
    world = make_world()
    tomorrow = dt.datetime.now(ZONE).date() + dt.timedelta(1)
    patients = [
        PatientFactory.build(
            clinic=world.clinic, full_name=name, patient_number=f"P{number}",
            phone=f"+659123{number}",
        )
        for number, name in enumerate(NAMES, 1001)
    ]  # fmt: skip
    doctors = [
        DoctorFactory.build(
            clinic=world.clinic, full_name=name, consultation_duration_minutes=minutes,
            specializations=["General practice"], room="Room 2",
        )
        for name, minutes in DOCTORS
    ]  # fmt: skip
    hours = [
        WorkingHoursFactory.build(
            clinic=world.clinic, doctor=doctor, weekday=weekday, ends=dt.time(13)
        )
        for doctor in doctors
        for weekday in range(1, 8)
    ]
    with world.as_owner():
        store([*patients, *doctors, *hours])
        _make_slots(world, tomorrow)
        _fill(world, tomorrow)
    return Scene(world, tomorrow, patients)


def _make_slots(world: World, day: dt.date) -> None:
    doctors = Doctor.objects.using("owner").filter(clinic_id=world.id)
    with connections["owner"].cursor() as cursor:
        for doctor in doctors:
            until = day + dt.timedelta(1)
            cursor.execute("select booking.generate_slots(%s, %s, %s)", [doctor.id, day, until])


def _fill(world: World, day: dt.date) -> None:
    """Two appointments of each status, at the end of the day."""
    slots = AppointmentSlot.objects.using("owner").filter(clinic_id=world.id, slot_date=day)
    last = slots.order_by("-starts_at", "doctor_id")[: 2 * len(STATUSES)]
    people = [
        PatientFactory.build(
            clinic=world.clinic, full_name=f"Wei Tan{number}", patient_number=f"W{number}"
        )
        for number in range(len(last))
    ]
    visits = [
        _appointment(world, slot, person, number)
        for number, (slot, person) in enumerate(zip(last, people, strict=True))
    ]
    store([*people, *visits])
    with connections["owner"].cursor() as cursor:
        cursor.execute(TAKEN, [world.id])


TAKEN = """
update clinic.appointment_slots s set is_available = false, appointment_id = a.id
from clinic.appointments a
where a.clinic_id = %s and a.clinic_id = s.clinic_id and a.slot_id = s.id
  and a.status <> 'cancelled'
"""


def _appointment(world: World, slot: AppointmentSlot, person: Patient, number: int) -> Appointment:
    now, status = dt.datetime.now(dt.UTC), STATUSES[number % len(STATUSES)]
    taken = status != "cancelled"
    return Appointment(
        clinic=world.clinic, patient=person, doctor_id=slot.doctor_id, slot=slot,
        appointment_number=f"OLD-{number:04}", appointment_date=slot.slot_date,
        appointment_time=slot.slot_time, duration_minutes=slot.duration_minutes,
        starts_at=slot.starts_at, ends_at=slot.ends_at, status=status, booked_by=world.bob,
        checked_in_at=now if number == len(STATUSES) else None,
        cancelled_at=None if taken else now, cancellation_reason="" if taken else "Mistake",
    )  # fmt: skip


def take(scene: Scene, slot_id: Any) -> None:
    """Somebody else books it once the form's hold is over."""
    scene.end_hold(slot_id)
    with scene.world.as_user(scene.world.alice):
        outcome = book_appointment(
            idempotency_key="take", user_id=scene.world.alice.id, clinic_id=scene.world.id,
            slot_id=slot_id, patient_id=scene.patients[3].id,
        )  # fmt: skip
    assert outcome.ok, outcome
