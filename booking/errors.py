"""Outcomes of the booking functions and the HTTP status of each."""

HTTP_STATUS = {
    "in_progress": 409,
    "slot_unavailable": 409,
    "slot_blocked": 409,
    "slot_past": 409,
    "doctor_unavailable": 409,
    "hold_limit": 409,
    "patient_overlap": 409,
    "bad_transition": 409,
    "stale": 409,
    "idempotency_mismatch": 422,
    "invalid_input": 422,
    "slot_not_found": 404,
    "patient_not_found": 404,
    "appointment_not_found": 404,
    "not_allowed": 403,
}
