"""What happens to an appointment after it is booked: arriving, moving, taking it back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.dateformat import format as date_text
from django.views.decorators.http import require_POST

from booking.forms.appointments import ACTIONS, MoveForm, TransitionForm, VersionForm
from booking.queries.appointments import AppointmentDetail, appointment_detail
from booking.services.appointments import (
    BookingOutcome,
    change_status,
    reschedule_appointment,
    undo_transition,
)
from booking.views.appointments import appointment_panel, stop_unless_answerable
from booking.views.page import panel_response
from booking.views.permits import keep_permit, permit_offer
from booking.views.shell import CARE, STAFF, FrontDeskRequest, desk_page, desk_url, go, local

SAID = {
    "confirm": "Confirmed", "check_in": "Checked in", "start": "In room:", "finish": "Finished:",
    "no_show": "Did not attend:", "leave": "Left without being seen:",
}  # fmt: skip
RELOAD = "This page was out of date. Nothing was changed; try again."
WHY_NOT = {
    "stale": "Someone changed it first. This is how it is now.",
    "bad_transition": "That can no longer be done. This is how it is now.",
    "in_progress": "It is still being saved. Wait a moment, then try again.",
    "slot_unavailable": "That time is taken. Choose another.",
    "slot_past": "That time has passed. Choose another.",
    "slot_blocked": "That time is blocked. Choose another.",
    "slot_not_found": "That time is no longer there. Choose another.",
    "doctor_unavailable": "The doctor is not available then. Choose another time.",
    "patient_overlap": "The patient has another appointment then. Choose another time.",
    "service_unavailable": "This doctor does not give that service. Choose another.",
}
# What is undone has one time only, and that may be given away.
WHY_NOT_BACK = WHY_NOT | {
    "slot_unavailable": "Its time was given to somebody else. Book the patient another one.",
    "doctor_unavailable": "The doctor is away then, or has enough visits that day. Book the patient"
    " another time.",
}


@require_POST
@desk_page(*CARE)
def transition(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """Confirm, check in, move to the room, finish, did not attend, left without being seen."""
    panel = appointment_panel(request, pk)
    form = TransitionForm(request.POST)
    if not form.is_valid():
        return refused(request, panel, RELOAD, 422)
    action = ACTIONS[form.cleaned_data["to"]]
    outcome = change_status(
        idempotency_key=form.cleaned_data["idempotency_key"], appointment_id=pk, action=action,
        version=form.cleaned_data["version"],
    )  # fmt: skip
    return answered(request, panel["detail"], outcome, SAID[action])


@require_POST
@desk_page(*CARE)
def undo(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """Take back the last change."""
    panel = appointment_panel(request, pk)
    form = VersionForm(request.POST)
    if not form.is_valid():
        return refused(request, panel, RELOAD, 422)
    slot_id = panel["history"][0][-1].from_slot_id if panel["history"] else None
    keep_permit(request, slot_id, panel["detail"].patient_id)
    outcome = undo_transition(
        idempotency_key=form.cleaned_data["idempotency_key"], appointment_id=pk,
        version=form.cleaned_data["version"],
    )  # fmt: skip
    return answered(request, panel["detail"], outcome, "Undone:", WHY_NOT_BACK, slot_id)


@require_POST
@desk_page(*STAFF)
def move(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """To the free time that was chosen in move mode."""
    panel = appointment_panel(request, pk)
    form = MoveForm(request.POST)
    if not form.is_valid():
        return refused(request, panel, RELOAD, 422)
    slot_id = form.cleaned_data["slot"]
    keep_permit(request, slot_id, panel["detail"].patient_id)
    outcome = reschedule_appointment(
        idempotency_key=form.cleaned_data["idempotency_key"], appointment_id=pk,
        slot_id=slot_id, version=form.cleaned_data["version"],
    )  # fmt: skip
    return answered(request, panel["detail"], outcome, "Moved", goal=slot_id)


def answered(
    request: FrontDeskRequest,
    was: AppointmentDetail,
    outcome: BookingOutcome,
    said: str,
    why_not: dict[str, str] = WHY_NOT,
    goal: UUID | None = None,
) -> HttpResponse:
    """On to the day of the appointment as it is now, or the panel with what stands against it.

    goal is the slot that it should have got: where the day has enough visits, a reason lets it in.
    """
    if outcome.code != "slot_not_found":
        stop_unless_answerable(outcome)
    if not outcome.ok:
        status = 422 if outcome.code in ("idempotency_mismatch", "invalid_input") else 409
        text = why_not.get(outcome.code or "", outcome.message or "")
        panel = appointment_panel(request, was.id)
        if outcome.code == "doctor_unavailable" and (permit := permit_offer(request, goal)):
            panel |= {**permit, "permit_url": request.get_full_path(), "goal": goal}
            text = "The doctor has enough visits that day. Choose another time, or say why."
        return refused(request, panel, text, status)
    now = appointment_detail(clinic_id=request.clinic.id, appointment_id=was.id) or was
    text = f"{said} {now.patient}"
    if now.slot_id != was.slot_id:
        text += f" to {date_text(local(request, now.starts_at), 'D j M H:i')} with {now.doctor}"
    if said == SAID["check_in"]:
        text += f", ticket {now.ticket}"
    messages.success(request, f"{text}.", extra_tags="changed")
    return go(request, desk_url(request, "day", now.day.isoformat(), sel=now.id))


def refused(
    request: FrontDeskRequest, panel: dict[str, Any], why: str, status: int
) -> HttpResponse:
    """The panel as it is now, with why nothing was done; in move mode one may choose again."""
    detail = panel["detail"]
    extra = {"change_error": why, "title": f"Error: {panel['title']}"}
    return panel_response(request, detail.day, {**panel, **extra}, detail.id, status)
