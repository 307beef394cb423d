"""Outcomes of the booking functions and the HTTP status of each."""

from clinic.errors import RowanError


class TooManyTries(RowanError):
    """Too many wrong links came from one address."""


HTTP_STATUS = {
    "in_progress": 409,
    "slot_unavailable": 409,
    "slot_blocked": 409,
    "slot_past": 409,
    "doctor_unavailable": 409,
    "hold_limit": 409,
    "patient_overlap": 409,
    "service_unavailable": 409,
    "resource_unavailable": 409,
    "bad_transition": 409,
    "stale": 409,
    "times_overlap": 422,
    "series_conflict": 409,
    "slot_free": 409,
    "overbooking_limit": 409,
    "already_absent": 409,
    "too_late": 409,
    "already_waiting": 409,
    "already_offered": 409,
    "offer_expired": 409,
    "offer_closed": 409,
    "slot_too_soon": 409,
    "idempotency_mismatch": 422,
    "invalid_input": 422,
    "slot_not_found": 404,
    "patient_not_found": 404,
    "appointment_not_found": 404,
    "doctor_not_found": 404,
    "day_not_found": 404,
    "absence_not_found": 404,
    "entry_not_found": 404,
    "offer_not_found": 404,
    "not_allowed": 403,
}
