"""A clinic with its fixed cast."""

import datetime as dt
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connections
from django.db.models import Field, Model
from django.db.models.expressions import DatabaseDefault

from booking.models import AppointmentSlot
from clinic.models import Clinic, Doctor, Patient, User
from clinic.tenancy.context import tenant_context
from tests.factories.people import (
    ClinicFactory,
    DoctorFactory,
    PatientFactory,
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

    def add_patient(self, **fields: Any) -> Patient:
        with self.as_owner():
            patient: Patient = PatientFactory(clinic=self.clinic, **fields)
        return patient

    def add_doctor(self, *, ends: dt.time = dt.time(17), **fields: Any) -> Doctor:
        """Who works every day from nine, like the doctor, and has no slots yet."""
        doctor = DoctorFactory.build(clinic=self.clinic, **fields)
        hours = [
            WorkingHoursFactory.build(clinic=self.clinic, doctor=doctor, weekday=n + 1, ends=ends)
            for n in range(7)
        ]
        with self.as_owner():
            store([doctor, *hours])
        return doctor

    def make_slots(self, days: int = 2, *, doctor: Doctor | None = None) -> int:
        """Slots of the doctor, or of another one, for the next days, tomorrow first."""
        tomorrow = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
        with self.as_owner(), connections["owner"].cursor() as cursor:
            cursor.execute(
                "select booking.generate_slots(%s, %s, %s)",
                [(doctor or self.doctor).id, tomorrow, tomorrow + dt.timedelta(days=days)],
            )
            return cursor.fetchone()[0]

    def free_slots(self, count: int | None = None) -> list[AppointmentSlot]:
        """By time: all of them, or the first so many."""
        with self.as_owner():
            slots = AppointmentSlot.objects.using("owner").filter(
                clinic_id=self.id, is_available=True, is_blocked=False,
                starts_at__gt=dt.datetime.now(dt.UTC),
            )  # fmt: skip
            return list(slots.order_by("starts_at", "id")[:count])


@cache
def insertion(model: type[Model], given: tuple[bool, ...], count: int) -> str:
    """An insert of so many rows that returns what the database gives those columns not given."""
    names = [f'"{field.column}"' for field in columns(model)]
    row = ", ".join("%s" if each else "default" for each in given)
    made = ", ".join(name for name, each in zip(names, given, strict=True) if not each)
    return (
        f"insert into {connections['owner'].ops.quote_name(model._meta.db_table)}"
        f" ({', '.join(names)}) values {', '.join([f'({row})'] * count)} returning {made}"
    )


@cache
def columns(model: type[Model]) -> "list[Field[Any, Any]]":
    return [field for field in model._meta.concrete_fields if not field.generated]


def store(rows: list[Any]) -> None:
    """One statement per table and choice of columns, in the order in which they first come.

    As bulk_create, which says the same SQL anew each time and takes twice as long.
    """
    kinds: dict[Any, list[tuple[Any, list[Any]]]] = {}
    for row in rows:
        cells = [field.pre_save(row, True) for field in columns(type(row))]
        given = tuple(not isinstance(cell, DatabaseDefault) for cell in cells)
        kinds.setdefault((type(row), given), []).append((row, cells))
    for (model, given), mine in kinds.items():
        store_alike(model, given, mine)


def store_alike(
    model: type[Model], given: tuple[bool, ...], rows: list[tuple[Any, list[Any]]]
) -> None:
    owner, fields = connections["owner"], columns(model)
    params = [
        field.get_db_prep_save(cell, owner)
        for _, cells in rows
        for field, cell, has in zip(fields, cells, given, strict=True)
        if has
    ]
    with owner.cursor() as cursor:
        cursor.execute(insertion(model, given, len(rows)), params)
        made = cursor.fetchall()
    defaults = [field for field, has in zip(fields, given, strict=True) if not has]
    for (row, _), values in zip(rows, made, strict=True):
        row._state.adding, row._state.db = False, "owner"
        for field, value in zip(defaults, values, strict=True):
            for convert in field.get_db_converters(owner):
                value = convert(value, None, owner)
            setattr(row, field.attname, value)


# What no test holds in its hands: who may do what, three people's posts, the doctor's week.
WORK = """
with allowed as (
  insert into clinic.memberships (clinic_id, user_id, role)
  select clinic_id, id, role from clinic.users where clinic_id = %(clinic)s
), employed as (
  insert into clinic.staff (clinic_id, user_id, full_name, employee_id, start_date)
  select clinic_id, id, full_name, 'S-' || role, '2020-01-01' from clinic.users
  where clinic_id = %(clinic)s and role in ('admin', 'staff', 'nurse')
)
insert into clinic.doctor_working_hours
  (clinic_id, doctor_id, weekday, starts, ends, effective_from)
select clinic_id, id, weekday, '09:00', '17:00', '2020-01-01'
from clinic.doctors, generate_series(1, 7) weekday where clinic_id = %(clinic)s
"""


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
    with tenant_context(clinic=clinic_id, role="owner", using="owner"):
        store([clinic, *users, doctor, patient])
        with connections["owner"].cursor() as cursor:
            cursor.execute(WORK, {"clinic": clinic_id})
    return World(clinic, alice, bob, chen, nur, dana, doctor, patient)
