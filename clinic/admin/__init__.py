"""The admin of the clinic's tables."""

from clinic.admin import clinics, patients, users, workforce

__all__ = ["clinics", "patients", "users", "workforce"]
