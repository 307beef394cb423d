"""Booking in spite of another visit: of the doctor, of the patient, or on the same day."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from booking.forms.despite import OVERBOOK_REASONS, DespiteForm
from booking.queries.appointments import SlotDetail
from booking.queries.day import day_bounds
from booking.queries.despite import (
    DayVisit,
    overbooked_that_day,
    visits_of_day,
)
from booking.queries.rights import overbookers
from booking.queries.services import services_of
from booking.services.appointments import BookingOutcome, book_appointment
from booking.services.despite import book_overlapping, overbook_slot
from booking.views.shell import FrontDeskRequest, zone_of
from clinic.search import PatientRow


def may_overbook(request: FrontDeskRequest) -> bool:
    """Whether pages offer overbooking; the database decides again."""
    if request.role == "staff":
        return overbookers(clinic_id=request.clinic.id, user_id=request.user.pk).exists()
    return request.role in ("admin", "superadmin")


def book(
    request: FrontDeskRequest, slot: SlotDetail, patient_id: UUID, form: DespiteForm
) -> BookingOutcome:
    """The booking that the form means: ordinary, overbooked, or overlapping."""
    data = form.cleaned_data
    same: dict[str, Any] = {
        "idempotency_key": data["idempotency_key"], "slot_id": slot.id, "patient_id": patient_id,
        "visit_reason": data["visit_reason"] or None, "appointment_type": data["appointment_type"],
        "service_id": data["service"],
    }  # fmt: skip
    if data["overbook"]:
        outcome = overbook_slot(
            **same, reason_code=data["overbook_code"], reason=data["overbook_reason"],
            overlap_reason=data["overlap_reason"],
        )  # fmt: skip
        if outcome.code != "slot_free":
            return outcome
    if data["overlap_reason"].strip():
        return book_overlapping(**same, overlap_reason=data["overlap_reason"])
    return book_appointment(**same, user_id=request.user.pk, clinic_id=request.clinic.id)


def that_day(request: FrontDeskRequest, slot: SlotDetail, patient: PatientRow) -> list[DayVisit]:
    """The patient's standing visits on the day of the slot."""
    start, end = day_bounds(slot.slot_date, zone_of(request))
    return visits_of_day(clinic_id=request.clinic.id, patient_id=patient.id, start=start, end=end)


def in_the_way(
    request: FrontDeskRequest, slot: SlotDetail, patient: PatientRow, service_id: UUID | None
) -> str:
    """09:30 with Dr Berg: the patient's visit that overlaps this time, or what a service takes."""
    given = services_of(clinic_id=request.clinic.id, doctor_id=slot.doctor_id) if service_id else []
    lengths = [timedelta(minutes=one.minutes) for one in given if one.id == service_id]
    ends_at = max([slot.ends_at, *(slot.starts_at + length for length in lengths)])
    found = (v for v in that_day(request, slot, patient) if v.overlaps(slot.starts_at, ends_at))
    return next((v.visit.text(zone_of(request)) for v in found), "")


def overbooking(request: FrontDeskRequest, slot: SlotDetail, typed: Any) -> dict[str, Any] | None:
    """What the form says and keeps when the time is taken and somebody may overbook it."""
    if not typed.get("overbook"):
        return None
    used = overbooked_that_day(clinic_id=request.clinic.id, slot=slot)
    return {
        "reasons": OVERBOOK_REASONS.items(),
        "code": typed.get("overbook_code", ""),
        "words": typed.get("overbook_reason", ""),
        "used": used,
        "left": max(used.cap - used.used, 0),
    }
