"""Mirrors of the PostgreSQL enums (sql/clinic/enums); a test keeps both equal."""

from django.db.models import TextChoices


class UserRole(TextChoices):
    PATIENT = "patient", "Patient"
    DOCTOR = "doctor", "Doctor"
    NURSE = "nurse", "Nurse"
    STAFF = "staff", "Reception"
    ADMIN = "admin", "Administrator"
    SUPERADMIN = "superadmin", "Superadmin"


class Gender(TextChoices):
    MALE = "male", "Male"
    FEMALE = "female", "Female"
    OTHER = "other", "Other"
    PREFER_NOT_TO_SAY = "prefer_not_to_say", "Prefers not to say"


class ChasCardType(TextChoices):
    BLUE = "blue", "Blue"
    ORANGE = "orange", "Orange"
    GREEN = "green", "Green"
    NONE = "none", "None"


class EmploymentType(TextChoices):
    FULL_TIME = "full-time", "Full time"
    PART_TIME = "part-time", "Part time"
    CONTRACT = "contract", "Contract"
