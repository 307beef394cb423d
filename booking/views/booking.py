"""The booking form, and what comes of it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.dateformat import format as date_text

from booking.forms.despite import DespiteForm
from booking.forms.registration import RegistrationForm
from booking.queries.appointments import (
    SlotDetail,
    slot_detail,
)
from booking.services.appointments import BookingOutcome
from booking.views.appointments import stop_unless_answerable
from booking.views.conflict import conflict, used
from booking.views.despite import book, may_overbook, overbooking
from booking.views.page import panel_response
from booking.views.patients import newcomer, options
from booking.views.permits import keep_permit
from booking.views.registration import (
    coming_new,
    look_first,
    newcomer_id,
    problems,
    register,
    registration_form,
    tell,
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
)
from booking.views.slot_page import about
from booking.wording import TYPES
from clinic.search import PatientRow, get_patient

# Where the fields of the form are on the page.
ANCHORS = {
    "patient": "patient-search", "overbook_code": "overbook-code", "overbook_reason":
    "overbook-reason", "appointment_type": "kind", "visit_reason": "reason",
}  # fmt: skip


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
    form = DespiteForm(request.POST)
    if "find" in request.POST:
        return form_page(request, slot, None, form=form)
    if coming_new(request.POST):
        return create_new(request, slot)
    patient = chosen(request, request.POST.get("patient"))
    if "wait" in request.POST:
        return wait(request, slot, patient)
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
    ready = look_first(request, registration, slot) and ("wait" in request.POST or form.is_valid())
    patient = register(request, registration) if ready else None
    if patient is None:
        return form_page(request, slot, None, form=form, registration=registration, status=422)
    response = go_on(request, slot, patient, form)
    if response.status_code < 400:
        tell(request, patient)
    return response


def go_on(
    request: FrontDeskRequest, slot: SlotDetail, patient: PatientRow, form: DespiteForm
) -> HttpResponse:
    """To the waiting list, the series, or the booking and what came of it."""
    if "wait" in request.POST:
        return wait(request, slot, patient)
    if "repeat" in request.POST:
        return leave(request, desk_url(request, "series_new", slot=slot.id, patient=patient.id))
    keep_permit(request, slot.id, patient.id)
    return answer(request, slot, patient, form, book(request, slot, patient.id, form))


def wait(request: FrontDeskRequest, slot: SlotDetail, patient: PatientRow | None) -> HttpResponse:
    """To the waiting list, with whom and what was looked for."""
    about = {"patient": patient.id} if patient else {"q": request.POST.get("q", "")}
    return leave(request, desk_url(request, "new_waiting_entry", slot=slot.id, **about))


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
    sent = registration or form
    wrong: list[tuple[str, Any]] = []
    errors: dict[str, Any] = {}
    if form and status == 422:
        wrong = problems_of(form, registration)
        errors = {**form.errors, **(registration.errors if registration else {})}
    panel = {
        "panel": "booking/_book.html",
        **about(request, slot, patient),
        "key": (sent.key if sent else "") or fresh_key(),
        "q": patient.full_name if patient else query,
        "found": found,
        "registration": registration
        or (found and found.searched and newcomer(request, query, typed)),
        "problems": wrong,
        "first": next((where for where, _ in wrong if where), "patient-search"),
        "kind": typed.get("appointment_type") or kind_of(request),
        "reason": typed.get("visit_reason", ""),
        "errors": errors,
        "plain": not request.htmx,
        "overbook": overbooking(request, slot, typed),
    }
    if status == 422:
        panel["title"] = f"Error: {panel['title']}"
    return panel_response(request, slot.slot_date, panel, slot.id, status)


def problems_of(form: DespiteForm, registration: RegistrationForm | None) -> list[tuple[str, Any]]:
    """[(where to go, what is wrong)], in the order of the page."""
    ours = [(ANCHORS.get(name, ""), found[0]) for name, found in form.errors.items()]
    return list(dict.fromkeys([*(problems(registration) if registration else []), *ours]))


def kind_of(request: FrontDeskRequest) -> str:
    """The type or service that was looked for, where the page of free times leads here."""
    kind = request.GET.get("kind", "")
    return kind if kind in TYPES or as_uuid(kind) else "consultation"


def chosen(request: FrontDeskRequest, text: str | None) -> PatientRow | None:
    """The patient that a form or link names; a foreign one is as good as missing."""
    pk = as_uuid(text)
    return get_patient(clinic_id=request.clinic.id, patient_id=pk) if pk else None
