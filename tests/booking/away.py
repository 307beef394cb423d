"""A clinic whose Dr Chen has a full day tomorrow, for the tests of absences."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db import connections

from booking.models import Appointment, AppointmentSlot
from clinic.models import Doctor, Patient
from tests.factories import DoctorFactory, PatientFactory, World, make_world
from tests.factories.people import WorkingHoursFactory
from tests.factories.world import store

ZONE = "Etc/UTC"
BUSY = """
with chosen as (
  select s.*, row_number() over (order by s.starts_at, s.id) as n
  from clinic.appointment_slots s
  where s.clinic_id = %(clinic)s and s.doctor_id = any(%(doctors)s) and s.is_available
    and s.starts_at >= %(start)s and s.starts_at < %(end)s
    and ('x' || right(md5(s.id::text), 2))::bit(8)::int < %(share)s * 256
), made as (
  insert into clinic.appointments (clinic_id, patient_id, doctor_id, slot_id, appointment_number,
    appointment_date, appointment_time, duration_minutes, starts_at, ends_at)
  select c.clinic_id, p.id, c.doctor_id, c.id, %(prefix)s || c.n, c.slot_date, c.slot_time,
    c.duration_minutes, c.starts_at, c.ends_at
  from chosen c
  join (select id, row_number() over (order by created_at, id) as n from clinic.patients
        where clinic_id = %(clinic)s and id = any(%(patients)s)) p
    on p.n = 1 + (c.n - 1) %% %(people)s
  on conflict do nothing
  returning id, slot_id)
update clinic.appointment_slots s set is_available = false, appointment_id = made.id
from made where s.id = made.slot_id
"""


@dataclass(slots=True)
class Away:
    """day is tomorrow; start and end are its midnights; patients have one visit each of Dr Chen."""

    world: World
    day: dt.date
    start: dt.datetime
    end: dt.datetime
    patients: list[Patient]
    others: list[Doctor]

    def visits(self) -> list[Appointment]:
        """Dr Chen's visits of the day, by time."""
        with self.world.as_owner():
            found = Appointment.objects.using("owner").filter(
                clinic_id=self.world.id, doctor_id=self.world.doctor.id,
                starts_at__gte=self.start, starts_at__lt=self.end,
            )  # fmt: skip
            return list(found.order_by("starts_at"))

    def slots(self, doctor: Doctor, **where: Any) -> list[AppointmentSlot]:
        with self.world.as_owner():
            found = AppointmentSlot.objects.using("owner").filter(doctor_id=doctor.id, **where)
            return list(found.order_by("starts_at"))


def make_away(
    patients: int = 4, doctors: int = 1, days: int = 1, busy: float = 0, zone: str = ZONE
) -> Away:
    """Dr Chen works 8 to 18 with visits of 15 minutes; busy is the share of the others' time."""
    world = make_world(time_zone=zone)
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(1)
    start = dt.datetime.combine(day, dt.time(), dt.UTC)
    with world.as_owner():
        world.doctor.working_hours_set.using("owner").update(starts="08:00", ends="18:00")
        others = [
            DoctorFactory.build(clinic=world.clinic, full_name=f"Dr Other{n:02}")
            for n in range(doctors)
        ]
        hours = [
            WorkingHoursFactory.build(
                clinic=world.clinic, doctor=other, weekday=n, starts="08:00", ends="18:00"
            )
            for other in others
            for n in range(1, 8)
        ]
        people = [
            PatientFactory.build(
                clinic=world.clinic, full_name=f"Pat Away{n:02}", patient_number=f"A{n:03}",
                phone=f"+659123{n:04}", sms_consent=True,
            )
            for n in range(patients)
        ]  # fmt: skip
        crowd = [
            PatientFactory.build(clinic=world.clinic, full_name=f"Crowd {n}")
            for n in range(200 if busy else 0)
        ]
        store([*others, *hours, *people, *crowd])
        with connections["owner"].cursor() as cursor:
            for doctor in [world.doctor, *others]:
                cursor.execute(
                    "select booking.generate_slots(%s, %s, %s)",
                    [doctor.id, day, day + dt.timedelta(days)],
                )
            end = start + dt.timedelta(minutes=8 * 60 + 15 * patients)
            fill(cursor, world, [world.doctor], people, start, end, 1)
            if busy:
                far = start + dt.timedelta(days + 1)
                fill(cursor, world, others, crowd, start, far, busy)
    return Away(world, day, start, start + dt.timedelta(1), people, others)


def fill(
    cursor: Any, world: World, doctors: list[Doctor], patients: list[Patient],
    start: dt.datetime, end: dt.datetime, share: float,
) -> None:  # fmt: skip
    """Visits of the patients, in turn, in this share of the doctors' free slots."""
    cursor.execute(
        BUSY,
        {
            "clinic": world.id, "doctors": [d.id for d in doctors], "start": start, "end": end,
            "share": share, "patients": [p.id for p in patients], "people": len(patients),
            "prefix": f"{world.clinic.code}-{uuid.uuid4().hex[:6]}-",
        },
    )  # fmt: skip
