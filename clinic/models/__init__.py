"""Mirrors of the clinic's tables. Rules live in the database; nothing here writes by itself."""

from clinic.models.access import ClinicEntry, GlassBreak
from clinic.models.base import TenantIsolation, TenantModel
from clinic.models.clinics import Clinic
from clinic.models.money import InsuranceClaim, Payment, PaymentItem
from clinic.models.patients import Patient
from clinic.models.people import Membership, User
from clinic.models.records import MedicalRecord, Prescription, PrescriptionItem
from clinic.models.results import (
    HealthScreeningPackage,
    HealthScreeningResult,
    ImagingResult,
    LabResult,
    VaccinationRecord,
)
from clinic.models.settings import FeatureFlag, SystemSetting, UserFeedback
from clinic.models.workforce import (
    Doctor,
    DoctorLeave,
    ExtraSession,
    Holiday,
    Staff,
    WorkingHours,
)

__all__ = [
    "Clinic",
    "ClinicEntry",
    "Doctor",
    "DoctorLeave",
    "ExtraSession",
    "FeatureFlag",
    "GlassBreak",
    "HealthScreeningPackage",
    "HealthScreeningResult",
    "Holiday",
    "ImagingResult",
    "InsuranceClaim",
    "LabResult",
    "MedicalRecord",
    "Membership",
    "Patient",
    "Payment",
    "PaymentItem",
    "Prescription",
    "PrescriptionItem",
    "Staff",
    "SystemSetting",
    "TenantIsolation",
    "TenantModel",
    "User",
    "UserFeedback",
    "VaccinationRecord",
    "WorkingHours",
]
