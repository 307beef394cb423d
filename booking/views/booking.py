"""The booking form, and what comes of it."""

from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.dateformat import format as date_text

from booking.finding import FoundSlot, next_free
from booking.forms.appointments import PICK
from booking.forms.despite import DespiteForm
from booking.forms.registration import RegistrationForm
from booking.queries.appointments import (
    SlotDetail,
    Taker,
    slot_detail,
    taker_of,
    visits_on,
)
from booking.queries.day import day_bounds
from booking.queries.services import services_of
from booking.services.appointments import BookingOutcome
from booking.views.appointments import stop_unless_answerable
from booking.views.despite import book, in_the_way, may_overbook, overbooking
from booking.views.page import kept, panel_response
from booking.views.patients import Option, newcomer, options
from booking.views.permits import keep_permit, permit_offer
from booking.views.registration import (
    coming_new,
    first_error,
    is_new,
    newcomer_id,
    register,
    registration_form,
)
from booking.views.shell import (
    STAFF,
    FrontDeskRequest,
    as_uuid,
    desk_page,
    desk_url,
    fresh_key,
    go,
    leave,
    local,
    when,
    zone_of,
)
from booking.wording import TYPES, until
from clinic.search import PatientRow, get_patient

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


@desk_page(*STAFF)
def new(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """GET: the form for one slot. POST: find a patient without JavaScript, or book."""
    source = request.POST if request.method == "POST" else request.GET
    slot_id = as_uuid(source.get("slot"))
    slot = slot_id and slot_detail(clinic_id=request.clinic.id, slot_id=slot_id)
    if not slot:
        raise Http404
    if request.method == "POST":
        return create(request, slot)
    patient, code = chosen(request, request.GET.get("patient")), standing_against(slot)
    meant = code == "slot_unavailable" and "overbook" in request.GET and may_overbook(request)
    if code and not meant:
        return conflict(request, slot, patient, code)
    return form_page(request, slot, patient)


def standing_against(slot: SlotDetail) -> str:
    """Why the slot can be seen not to be free, before anything is typed."""
    if slot.starts_at <= timezone.now():
        return "slot_past"
    if slot.is_blocked:
        return "slot_blocked"
    if slot.is_held:
        return "slot_held"
    return "" if slot.is_open else "slot_unavailable"


def create(request: FrontDeskRequest, slot: SlotDetail) -> HttpResponse:
    if coming_new(request.POST):
        return create_new(request, slot)
    form = DespiteForm(request.POST)
    patient = chosen(request, request.POST.get("patient"))
    if "find" in request.POST:
        return form_page(request, slot, None, form=form)
    if "ask" in request.POST and patient and may_overbook(request):
        return form_page(request, slot, patient, form=form)
    if not form.is_valid():
        kept = None if form.has_error("patient") else patient
        return form_page(request, slot, kept, form=form, status=422)
    if patient is None:
        raise Http404
    return go_on(request, slot, patient, form)


def create_new(request: FrontDeskRequest, slot: SlotDetail) -> HttpResponse:
    """The same for somebody who is registered by it; nobody is, by a form with an error."""
    registration = registration_form(request)
    pk = newcomer_id(request, registration)
    data = request.POST.copy()
    data["patient"], data["picked"] = str(pk), ""
    form = DespiteForm(data)
    if not (form.is_valid() and is_new(request, registration)):
        registration.is_valid()
        return form_page(request, slot, None, form=form, registration=registration, status=422)
    same = register(request, registration)
    patient = get_patient(clinic_id=request.clinic.id, patient_id=pk)
    if patient is None:
        raise Http404
    return go_on(request, slot, patient, form) if same else used(request, slot, patient)


def go_on(
    request: FrontDeskRequest, slot: SlotDetail, patient: PatientRow, form: DespiteForm
) -> HttpResponse:
    """To the series, or the booking and what came of it."""
    if "repeat" in request.POST:
        return leave(request, desk_url(request, "series_new", slot=slot.id, patient=patient.id))
    keep_permit(request, slot.id, patient.id)
    return answer(request, slot, patient, form, book(request, slot, patient.id, form))


def answer(
    request: FrontDeskRequest,
    slot: SlotDetail,
    patient: PatientRow,
    form: DespiteForm,
    outcome: BookingOutcome,
) -> HttpResponse:
    """The page for what the database decided."""
    stop_unless_answerable(outcome)
    if outcome.status == "success":
        at = date_text(local(request, slot.starts_at), "D j M, H:i")
        messages.success(
            request, f"{outcome.appointment_number} · {at} with {slot.doctor}", extra_tags="booked"
        )
        day = slot.slot_date.isoformat()
        return go(request, desk_url(request, "day", day, sel=outcome.appointment_id))
    if outcome.code == "idempotency_mismatch":
        return used(request, slot, patient)
    if outcome.code == "invalid_input":
        form.add_error(None, outcome.message or "Check the form.")
        return form_page(request, slot, patient, form=form, status=422)
    return conflict(request, slot, patient, outcome.code or "", form, outcome.message or "")


def form_page(
    request: FrontDeskRequest,
    slot: SlotDetail,
    patient: PatientRow | None,
    form: DespiteForm | None = None,
    status: int = 200,
    registration: RegistrationForm | None = None,
) -> HttpResponse:
    """The form in the panel, with everything that was typed."""
    typed = form.data if form else request.GET
    query = typed.get("q", "")
    found = options(request, query, slot) if form and not (patient or registration) else None
    errors = {**form.errors, **(registration.errors if registration else {})} if form else {}
    panel = {
        "panel": "booking/_book.html",
        **about(request, slot, patient),
        "key": typed.get("idempotency_key") or fresh_key(),
        "q": patient.full_name if patient else query,
        "found": found,
        "registration": registration
        or (found and found.searched and newcomer(request, query, typed.dict())),
        "first": first_error(registration),
        "kind": typed.get("appointment_type") or kind_of(request),
        "reason": typed.get("visit_reason", ""),
        "errors": errors if status == 422 else {},
        "pick": PICK,
        "plain": not request.htmx,
        "overbook": overbooking(request, slot, typed),
    }
    if status == 422:
        panel["title"] = f"Error: {panel['title']}"
    return panel_response(request, slot.slot_date, panel, slot.id, status)


def kind_of(request: FrontDeskRequest) -> str:
    """The type or service that was looked for, where the page of free times leads here."""
    kind = request.GET.get("kind", "")
    return kind if kind in TYPES or as_uuid(kind) else "consultation"


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


def chosen(request: FrontDeskRequest, text: str | None) -> PatientRow | None:
    """The patient that a form or link names; a foreign one is as good as missing."""
    pk = as_uuid(text)
    return get_patient(clinic_id=request.clinic.id, patient_id=pk) if pk else None
