"""When a time could not be booked, or a form has booked before."""

from functools import partial
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone

from booking.finding import FoundSlot, next_free
from booking.forms.despite import DespiteForm
from booking.queries.appointments import (
    SlotDetail,
    Taker,
    taker_of,
)
from booking.queries.day import day_bounds
from booking.views.despite import in_the_way, may_overbook
from booking.views.page import panel_response
from booking.views.permits import permit_offer
from booking.views.shell import (
    FrontDeskRequest,
    desk_url,
    fresh_key,
    local,
    when,
    zone_of,
)
from booking.views.slot_page import about
from clinic.search import PatientRow

HEADINGS = {
    "slot_unavailable": "That time has just been taken",
    "slot_held": "That time is held for somebody",
    "slot_blocked": "That time is blocked",
    "slot_past": "That time has passed",
    "doctor_unavailable": "The doctor is not available then",
    "patient_overlap": "The patient is already booked then",
    "in_progress": "This booking is still being saved",
    "resource_unavailable": "Nothing is free for it then",
    "service_unavailable": "It is not given then",
    "does_not_fit": "It does not fit there",
    "overbooking_limit": "No more overbooking that day",
}
# About a service, when nobody took the slot itself.
DOES_NOT_FIT = ("slot_unavailable", "slot_blocked", "doctor_unavailable")


def conflict(
    request: FrontDeskRequest,
    slot: SlotDetail,
    patient: PatientRow | None,
    code: str,
    form: DespiteForm | None = None,
    said: str = "",
) -> HttpResponse:
    """409: what happened, the patient kept, the next free times one press away, a fresh key."""
    taker = taker_of(clinic_id=request.clinic.id, slot_id=slot.id)
    data = form.cleaned_data if form else {}
    service = data.get("service")
    if service and not taker and code in DOES_NOT_FIT:
        code, said = "does_not_fit", ""
    way = (
        in_the_way(request, slot, patient, service) if patient and code == "patient_overlap" else ""
    )
    over = code == "slot_unavailable" and may_overbook(request)
    there = desk_url(request, "new", slot=slot.id, overbook=1, patient=patient and patient.id)
    panel = {
        "panel": "booking/_conflict.html",
        **about(request, slot, patient),
        "heading": HEADINGS.get(code, "That time could not be booked"),
        "what": what_happened(request, slot, code, taker, way or said),
        "offers": offers(request, slot, patient, service),
        "key": fresh_key(),
        "kind": service or data.get("appointment_type", "consultation"),
        "reason": data.get("visit_reason", ""),
        "given": data,
        "overbook_url": there if over else "",
        "in_the_way": way,
    }
    if code == "doctor_unavailable" and patient and (permit := permit_offer(request, slot.id)):
        panel |= {"heading": "The doctor has enough visits that day", **permit}
    panel["title"] = f"Error: {panel['heading']}"
    return panel_response(request, slot.slot_date, panel, slot.id, 409)


def what_happened(
    request: FrontDeskRequest, slot: SlotDetail, code: str, taker: Taker | None, said: str = ""
) -> str:
    """Ben booked 11:15 with Dr Berg at 10:52."""
    begins = f"{local(request, slot.starts_at):%H:%M}"
    time = f"{begins} with {slot.doctor}"
    if said and code == "patient_overlap":
        return f"{said}, an appointment of this patient, overlaps {time}."
    if code == "slot_unavailable" and taker and taker.name:
        who = "You" if taker.user_id == request.user.pk else taker.name
        return f"{who} booked {time} at {local(request, taker.at):%H:%M}."
    return {
        "slot_past": f"{time} is over.",
        "slot_held": f"Somebody is booking {time} just now. It is free again if they do not.",
        "slot_blocked": f"{time} has been blocked.",
        "overbooking_limit": f"{slot.doctor} has as many overbooked visits as may be.",
        "in_progress": "Wait a moment, then look at the schedule.",
        "resource_unavailable": said,
        "service_unavailable": f"{slot.doctor} does not give this service.",
        "does_not_fit": f"There is not enough free time with {slot.doctor} from {begins} on.",
    }.get(code, f"{time} cannot be booked.")


def offers(
    request: FrontDeskRequest,
    slot: SlotDetail,
    patient: PatientRow | None,
    service: UUID | None = None,
) -> list[tuple[FoundSlot, str]]:
    """The next times with the same doctor, then with others: [(slot, when)].

    Of a service only those at which it fits.
    """
    find = partial(next_free, service_id=service)
    after = max(timezone.now(), day_bounds(slot.slot_date, zone_of(request))[0])
    busy, later = patient.id if patient else None, max(after, slot.starts_at)
    same = find(after=later, limit=3, doctor_id=slot.doctor_id, busy_patient=busy)
    others = find(after=after, limit=12, busy_patient=busy)
    near = sorted(
        (s for s in others if s.doctor_id != slot.doctor_id),
        key=lambda s: abs(s.starts_at - slot.starts_at),
    )
    return [(s, when(request, s.starts_at, slot.slot_date)) for s in [*same, *near[:3]]]


def used(request: FrontDeskRequest, slot: SlotDetail, patient: PatientRow) -> HttpResponse:
    """422: this form has booked something else already, most often this very time."""
    taker = taker_of(clinic_id=request.clinic.id, slot_id=slot.id)
    mine = taker if taker and taker.user_id == request.user.pk else None
    panel = {
        "panel": "booking/_used.html",
        **about(request, slot, patient),
        "opened": mine and desk_url(request, "appointment", mine.appointment_id),
        "title": "Error: This form was already used",
    }
    return panel_response(request, slot.slot_date, panel, slot.id, 422)
