"""One factory per table. Call them inside World.as_owner()."""

import datetime as dt
import uuid
from typing import Any

import factory

from clinic.models import Clinic, Doctor, Membership, Patient, Staff, User, WorkingHours

CODES = "T"  # what the codes of all clinics of tests begin with


class OwnerFactory(factory.django.DjangoModelFactory):
    """Writes through the owner's connection."""

    class Meta:
        abstract = True
        database = "owner"


def unique(prefix: str) -> Any:
    return factory.LazyFunction(lambda: f"{prefix}{uuid.uuid4().hex[:10].upper()}")


class ClinicFactory(OwnerFactory):
    class Meta:
        model = Clinic

    code = unique(CODES)
    name = "Test Clinic"
    registration_number = "201900001A"
    address = "1 Test Street"
    postal_code = "520001"
    phone = "+65 6000 0000"
    email = "desk@example.test"
    time_zone = "Asia/Singapore"
    currency = "SGD"
    country = "SG"


class UserFactory(OwnerFactory):
    class Meta:
        model = User

    full_name = "Some One"
    email = factory.LazyFunction(lambda: f"{uuid.uuid4().hex[:12]}@example.test")
    role = "staff"


class MembershipFactory(OwnerFactory):
    class Meta:
        model = Membership


class DoctorFactory(OwnerFactory):
    class Meta:
        model = Doctor

    full_name = "Dr Chen"
    employee_id = unique("E")
    medical_registration_number = unique("M")
    license_expiry = dt.date(2099, 12, 31)


class StaffFactory(OwnerFactory):
    class Meta:
        model = Staff

    full_name = "Some One"
    employee_id = unique("S")
    start_date = dt.date(2020, 1, 1)


class PatientFactory(OwnerFactory):
    class Meta:
        model = Patient

    full_name = factory.Sequence(lambda n: f"Pat Ient{n}")
    date_of_birth = dt.date(1984, 3, 12)
    gender = "female"


class WorkingHoursFactory(OwnerFactory):
    class Meta:
        model = WorkingHours

    starts = dt.time(9)
    ends = dt.time(17)
    effective_from = dt.date(2020, 1, 1)
