"""A clinic with its fixed cast."""

import datetime as dt
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connections

from booking.models import AppointmentSlot
from clinic.models import Clinic, Doctor, Patient, User
from clinic.tenancy.context import tenant_context
from tests.factories.people import (
    ClinicFactory,
    DoctorFactory,
    MembershipFactory,
    PatientFactory,
    StaffFactory,
    UserFactory,
    WorkingHoursFactory,
)

PASSWORD = "correct horse battery"


@cache
def password_hash() -> str:
    return make_password(PASSWORD)


@dataclass(slots=True)
class World:
    """alice is admin, bob reception, chen a doctor, nur a nurse, dana a patient with a login."""

    clinic: Clinic
    alice: User
    bob: User
    chen: User
    nur: User
    dana: User
    doctor: Doctor
    patient: Patient

    @property
    def id(self) -> Any:
        return self.clinic.id

    def as_owner(self) -> AbstractContextManager[Any]:
        return tenant_context(clinic=self.id, role="owner", using="owner")

    def as_user(self, user: User, role: str | None = None) -> AbstractContextManager[Any]:
        return tenant_context(clinic=self.id, user=user.id, role=role or str(user.role))

    def make_slots(self, days: int = 2) -> int:
        """Slots of the doctor for the next days, tomorrow first."""
        tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
        with self.as_owner(), connections["owner"].cursor() as cursor:
            cursor.execute(
                "select booking.generate_slots(%s, %s, %s)",
                [self.doctor.id, tomorrow, tomorrow + dt.timedelta(days=days)],
            )
            return cursor.fetchone()[0]

    def free_slots(self) -> list[AppointmentSlot]:
        with self.as_owner():
            slots = AppointmentSlot.objects.using("owner").filter(
                clinic_id=self.id, is_available=True, is_blocked=False,
                starts_at__gt=dt.datetime.now(dt.UTC),
            )  # fmt: skip
            return list(slots.order_by("starts_at", "id"))


def store(rows: list[Any]) -> None:
    """One statement per table, in the order in which the tables first come."""
    for model in dict.fromkeys(map(type, rows)):
        mine = [row for row in rows if type(row) is model]
        model._base_manager.using("owner").bulk_create(mine)


def make_world(*, mallory: bool = False, **clinic_fields: Any) -> World:
    """A committed clinic. With mallory its people bear other names."""
    clinic_id = Clinic._meta.pk.get_default()
    names = ["Mallory A", "Mallory B", "Dr Mallory", "Mallory N", "Mallory P"]
    names = names if mallory else ["Alice Admin", "Bob Desk", "Dr Chen", "Nur Nurse", "Dana Doe"]
    roles = ["admin", "staff", "doctor", "nurse", "patient"]
    clinic = ClinicFactory.build(id=clinic_id, **clinic_fields)
    users = [
        UserFactory.build(clinic=clinic, full_name=name, role=role, password=password_hash())
        for name, role in zip(names, roles, strict=True)
    ]
    alice, bob, chen, nur, dana = users
    doctor = DoctorFactory.build(clinic=clinic, user=chen, full_name=names[2])
    patient = PatientFactory.build(clinic=clinic, user=dana, full_name=names[4])
    rows = [clinic, *users, doctor, patient]
    rows += [MembershipFactory.build(clinic=clinic, user=u, role=u.role) for u in users]
    rows += [
        WorkingHoursFactory.build(clinic=clinic, doctor=doctor, weekday=n + 1) for n in range(7)
    ]
    rows += [
        StaffFactory.build(clinic=clinic, user=u, full_name=u.full_name) for u in (alice, bob, nur)
    ]
    with tenant_context(clinic=clinic_id, role="owner", using="owner"):
        store(rows)
    return World(clinic, alice, bob, chen, nur, dana, doctor, patient)
