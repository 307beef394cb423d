"""One appointment: read it, book it, cancel it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.dateformat import format as date_text
from django.views.decorators.http import require_POST

from booking.enums import TransitionAction
from booking.forms.appointments import CancelForm
from booking.forms.despite import overbook_text
from booking.queries.appointments import (
    AppointmentDetail,
    Happening,
    appointment_detail,
    appointment_history,
)
from booking.queries.series import Place, series_size
from booking.queries.waiting import is_on_offer
from booking.services.appointments import BookingOutcome, cancel_appointment
from booking.views.page import panel_response
from booking.views.shell import (
    CARE,
    STAFF,
    FrontDeskRequest,
    desk_page,
    desk_url,
    fresh_key,
    go,
    local,
    may_book,
    today_of,
)
from booking.wording import (
    CHECK_IN,
    CONFIRM,
    DASH,
    FINISH,
    LEFT,
    MISSED,
    OPEN,
    TO_ROOM,
    age_on,
    phone_text,
    status_of,
    type_word,
)
from clinic.tenancy.access import note_access

# The reasons that are offered, and whose they are.
REASONS = {
    "Patient asked to cancel": "patient",
    "Doctor not available": "clinic",
    "Booked by mistake": "clinic",
}
UNDO_FOR = timedelta(hours=12)  # as booking.undo_transition
SCOPE_WORDS = {"following": "This and following", "all": "All"}
NOT_FOUND = ("slot_not_found", "patient_not_found", "appointment_not_found")
SAID = {
    "bad_transition": "It can no longer be cancelled.",
    "stale": "Someone changed it first. This is how it is now.",
    "in_progress": "It is still being saved. Wait a moment, then try again.",
}


@desk_page(*CARE)
def appointment(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """The day of the appointment with its panel open."""
    panel = appointment_panel(request, pk)
    return panel_response(request, panel["detail"].day, panel, pk)


@require_POST
@desk_page(*STAFF)
def cancel(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """Cancel with a reason; the slot is free at once and takes the focus."""
    panel = appointment_panel(request, pk)
    form = CancelForm(request.POST)
    if not form.is_valid():
        return refused(request, panel, form, form.errors.as_data(), 422)
    outcome = cancel_appointment(
        idempotency_key=form.cleaned_data["idempotency_key"],
        appointment_id=pk,
        reason=form.cleaned_data["why"],
        version=form.cleaned_data["version"],
        initiator=REASONS.get(form.cleaned_data["why"]),
    )
    stop_unless_answerable(outcome)
    if outcome.status == "success":
        return cancelled(request, panel["detail"], outcome)
    code = outcome.code or ""
    status = 422 if code in ("idempotency_mismatch", "invalid_input") else 409
    said = SAID.get(code, outcome.message or "")
    return refused(request, appointment_panel(request, pk), form, said, status)


def refused(
    request: FrontDeskRequest, panel: dict[str, Any], form: CancelForm, why: Any, status: int
) -> HttpResponse:
    """The panel again, with what was typed and what is wrong."""
    detail = panel["detail"]
    said = why if isinstance(why, str) else "Say why it is cancelled."
    typed = form.data.get("other", "")
    extra = {"cancel_error": said, "typed": typed, "title": f"Error: {panel['title']}"}
    return panel_response(request, detail.day, {**panel, **extra}, detail.id, status)


def cancelled(
    request: FrontDeskRequest, detail: AppointmentDetail, outcome: BookingOutcome
) -> HttpResponse:
    """Back to the day, with the freed time in focus, and the undo beside it."""
    at = local(request, detail.starts_at)
    slot = outcome.slot_id or detail.slot_id
    offered = slot and is_on_offer(clinic_id=request.clinic.id, slot_id=slot)
    now = "is offered to the waiting list" if offered else "is free again"
    text = f"Cancelled {detail.number}. {at:%H:%M} {now}."
    messages.success(request, text, extra_tags="cancelled")
    return go(request, desk_url(request, "day", detail.day.isoformat(), sel=detail.id, slot=slot))


def stop_unless_answerable(outcome: BookingOutcome) -> None:
    """404 and 403 are pages of their own."""
    if outcome.code in NOT_FOUND:
        raise Http404(outcome.message)
    if outcome.code == "not_allowed":
        raise PermissionDenied(outcome.message)


def appointment_panel(request: FrontDeskRequest, pk: UUID) -> dict[str, Any]:
    """The side panel of one appointment; 404 for a missing one and for another clinic's."""
    user_id = request.user.pk if may_book(request) else None
    detail = appointment_detail(clinic_id=request.clinic.id, appointment_id=pk, user_id=user_id)
    if detail is None:
        raise Http404
    note_access("READ", "appointments", record_id=pk, patient_id=detail.patient_id)
    starts, ends = local(request, detail.starts_at), local(request, detail.ends_at)
    open_ = detail.status in OPEN
    place = place_in(request, detail)
    told = appointment_history(clinic_id=request.clinic.id, appointment_id=pk)
    return {
        "panel": "booking/_appointment.html",
        "detail": detail,
        "status": status_of(detail.status, detail.checked_in_at is not None),
        "since": waiting(request, detail),
        "times": f"{starts:%H:%M}{DASH}{ends:%H:%M} ({detail.duration_minutes} min)",
        "kind": detail.service or type_word(detail.kind),
        "age": age_on(detail.born, starts.date()),
        "phone": phone_text(detail.phone, detail.country),
        "reasons": REASONS,
        "overbooked": overbook_text(detail.overbooked) if detail.overbooked else "",
        "overbook_url": overbook_url(request, detail),
        "may_cancel": may_book(request) and open_,
        "may_move": may_book(request) and open_ and detail.checked_in_at is None,
        "move_url": desk_url(request, "day", detail.day.isoformat(), moving=pk, sel=pk),
        "place": place,
        "series_links": series_links(request, pk, place) if may_book(request) and place else [],
        "offers": offers(request, detail),
        "history": [(*happened(request, one), one) for one in told],
        "undo": undoable(request, detail, told),
        "key": fresh_key(),
        "title": f"{detail.patient}, {date_text(starts, 'D j M H:i')}",
    }


def overbook_url(request: FrontDeskRequest, detail: AppointmentDetail) -> str:
    """Where another patient is booked at the same time, for whom may."""
    taken = detail.slot_id and detail.status in OPEN and detail.starts_at > timezone.now()
    if not taken or not (detail.may_overbook or request.role in ("admin", "superadmin")):
        return ""
    return desk_url(request, "new", slot=detail.slot_id, overbook=1)


def place_in(request: FrontDeskRequest, detail: AppointmentDetail) -> Place | None:
    """3 of 12; None for a visit that does not repeat."""
    if detail.series_id is None or detail.position is None:
        return None
    size = series_size(clinic_id=request.clinic.id, series_id=detail.series_id)
    return Place(detail.series_id, detail.position, size)


def series_links(
    request: FrontDeskRequest, pk: UUID, place: Place
) -> list[tuple[str, list[tuple[str, str]]]]:
    """[(what is done, [(scope in words, address)])] for more than this one visit."""
    names = {"Move": "series_move", "Cancel": "series_cancel"}
    return [
        (
            what,
            [
                (said, desk_url(request, name, place.series_id, visit=pk, scope=scope))
                for scope, said in SCOPE_WORDS.items()
            ],
        )
        for what, name in names.items()
    ]


def offers(request: FrontDeskRequest, detail: AppointmentDetail) -> list[tuple[str, str]]:
    """What may be done to the visit now, the likeliest first. The database decides again."""
    today = local(request, detail.starts_at).date() == today_of(request)
    desk, nurse = may_book(request), request.role == "nurse"
    arrived = detail.checked_in_at is not None
    if detail.status == "in_progress":
        return [FINISH]
    if detail.status not in OPEN:
        return []
    late = detail.starts_at <= timezone.now() and not arrived
    known = (
        (CHECK_IN, today and not arrived and (desk or nurse)),
        (TO_ROOM, today and (arrived or not desk)),
        (CONFIRM, desk and detail.status == "scheduled" and not arrived and not late),
        (MISSED, desk and late),
        (LEFT, arrived and (desk or nurse)),
    )
    return [offer for offer, fits in known if fits]


def happened(request: FrontDeskRequest, one: Happening) -> tuple[str, str]:
    """When, as on the clinic's clock, and what in words."""
    what = TransitionAction(one.action).label
    if one.action == "undo":
        what = f"Undone: {TransitionAction(one.reason).label.lower()}"
    elif one.to != one.at:
        what = f"Moved from {date_text(local(request, one.at), 'D j M H:i')}"
    elif one.reason:
        what = f"{what}: {one.reason}"
    return date_text(local(request, one.made_at), "j M, H:i"), what


def undoable(
    request: FrontDeskRequest, detail: AppointmentDetail, told: list[Happening]
) -> str | None:
    """What the last change was, if it may be taken back."""
    if not told or told[0].version != detail.version or told[0].action == "undo":
        return None
    mine = {"doctor": ("start", "finish"), "nurse": ("check_in", "start", "finish", "leave")}
    fresh = timezone.now() - told[0].made_at < UNDO_FOR
    allowed = told[0].action in mine.get(request.role, (told[0].action,))
    return TransitionAction(told[0].action).label.lower() if fresh and allowed else None


def waiting(request: FrontDeskRequest, detail: AppointmentDetail) -> str:
    """10:41 · waiting 11 min, for a patient who has arrived today and is not yet in the room."""
    if detail.checked_in_at is None or detail.status not in OPEN:
        return ""
    since = local(request, detail.checked_in_at)
    minutes = int((timezone.now() - since).total_seconds() // 60)
    return f"{since:%H:%M} · waiting {minutes} min" if 0 <= minutes < 720 else f"{since:%H:%M}"
