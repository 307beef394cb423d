"""The admin of the clinic's tables."""

from clinic.admin import (
    access,
    clinics,
    money,
    patients,
    records,
    results,
    settings,
    users,
    workforce,
)

__all__ = [
    "access", "clinics", "money", "patients", "records", "results", "settings", "users",
    "workforce",
]  # fmt: skip
