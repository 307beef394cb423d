"""Mirrors of the clinic's tables. Rules live in the database; nothing here writes by itself."""

from clinic.models.base import TenantIsolation, TenantModel
from clinic.models.clinics import Clinic
from clinic.models.patients import Patient
from clinic.models.people import Membership, User
from clinic.models.workforce import Doctor, DoctorLeave, Staff, WorkingHours

__all__ = [
    "Clinic",
    "Doctor",
    "DoctorLeave",
    "Membership",
    "Patient",
    "Staff",
    "TenantIsolation",
    "TenantModel",
    "User",
    "WorkingHours",
]
