"""Deliberate overlaps, each with its reason: of a doctor (overbooking) or of a patient."""

from uuid import UUID

from booking.services.appointments import BookingOutcome, outcome
from booking.services.calls import call


def overbook_slot(
    *,
    idempotency_key: str,
    slot_id: UUID,
    patient_id: UUID,
    reason_code: str,
    reason: str = "",
    visit_reason: str | None = None,
    appointment_type: str = "consultation",
    overlap_reason: str = "",
    service_id: UUID | None = None,
) -> BookingOutcome:
    """Book a second visit at a time of the doctor that is taken, once per key. Raises Busy.

    reason_code is urgent, doctor_asked, brief or other, which needs words in reason. Codes:
    not_allowed without the right, slot_free where there is nothing to overbook, overbooking_limit
    above the doctor's cap of the day. overlap_reason lets the patient be in two places as well. A
    visit of a service lasts as long as that and keeps its room: resource_unavailable without one.
    """
    return outcome(
        call(
            "overbook_slot", idempotency_key, slot_id, patient_id, reason_code, reason or None,
            visit_reason, appointment_type, overlap_reason or None, service_id,
        )
    )  # fmt: skip


def book_overlapping(
    *,
    idempotency_key: str,
    slot_id: UUID,
    patient_id: UUID,
    overlap_reason: str,
    visit_reason: str | None = None,
    appointment_type: str = "consultation",
    service_id: UUID | None = None,
) -> BookingOutcome:
    """Book a free slot although the patient has another visit then, once per key. Raises Busy."""
    return outcome(
        call(
            "book_overlapping", idempotency_key, slot_id, patient_id, overlap_reason, visit_reason,
            appointment_type, service_id,
        )
    )  # fmt: skip
