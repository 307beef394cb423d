"""What form, conflict and used page all say about a slot and a patient."""

from typing import Any

from booking.queries.appointments import (
    SlotDetail,
    visits_on,
)
from booking.queries.day import day_bounds
from booking.queries.services import services_of
from booking.views.page import kept
from booking.views.patients import Option
from booking.views.shell import (
    FrontDeskRequest,
    desk_url,
    local,
    zone_of,
)
from booking.wording import TYPES, until
from clinic.search import PatientRow


def about(
    request: FrontDeskRequest, slot: SlotDetail, patient: PatientRow | None
) -> dict[str, Any]:
    """What form, conflict and used page all say about the slot and the patient."""
    at = local(request, slot.starts_at)
    option = Option.of(patient, same_day(request, slot, patient)) if patient else None
    day, keep = slot.slot_date.isoformat(), kept(request)
    return {
        "slot": slot,
        "at": at,
        **kinds(request, slot),
        "patient": option,
        "action": desk_url(request, "new", **{**keep, "patient": ""}),
        "hold_url": desk_url(request, "hold", slot.id),
        "release_url": desk_url(request, "release", slot.id, **keep),
        "look_url": desk_url(request, "day", day, **{**keep, "patient": patient and patient.id}),
        "title": f"Book {at:%H:%M} with {slot.doctor}",
    }


def kinds(request: FrontDeskRequest, slot: SlotDetail) -> dict[str, Any]:
    """What may be chosen for the slot: services say how long they take and until when."""
    given = services_of(clinic_id=request.clinic.id, doctor_id=slot.doctor_id)
    at = local(request, slot.starts_at)
    services = [
        (str(one.id), f"{one.name}, {one.minutes} min, until {until(at, one.minutes)}")
        for one in given
    ]
    plain = f", {slot.duration_minutes} min, until {until(at, slot.duration_minutes)}"
    types = [(code, word + (plain if services else "")) for code, word in TYPES.items()]
    return {"types": types, "services": services}


def same_day(request: FrontDeskRequest, slot: SlotDetail, patient: PatientRow) -> str:
    """09:30 with Dr Berg, when the patient comes that day already."""
    start, end = day_bounds(slot.slot_date, zone_of(request))
    visits = visits_on(clinic_id=request.clinic.id, patient_ids=[patient.id], start=start, end=end)
    visit = visits.get(patient.id)
    return visit.text(zone_of(request)) if visit else ""
