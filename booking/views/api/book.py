"""POST $hold, $release, $book, $reschedule and $cancel: the same services as the pages."""

from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse, JsonResponse

from booking.services.appointments import (
    BookingOutcome,
    book_appointment,
    cancel_appointment,
    hold_slot,
    release_slot,
    reschedule_appointment,
)
from booking.views.api.find import endpoint
from booking.views.api.reading import (
    APPOINTMENT_TYPE,
    Field,
    body,
    idempotency_key,
    number,
    text,
    uuid,
    whole,
    words,
)
from booking.views.shell import STAFF, FrontDeskRequest
from clinic.problems import problem

BOOKERS = ("patient", *STAFF)
SLOT = Field(uuid)
HOLD = {"slot_id": SLOT, "seconds": Field(whole(1, 900), required=False)}
BOOK = {
    "slot_id": SLOT,
    "patient_id": Field(uuid),
    "appointment_type": Field(APPOINTMENT_TYPE, required=False),
    "service_id": Field(uuid, required=False),
    "visit_reason": Field(text(500), required=False),
}
MOVE = {
    "appointment_id": Field(uuid),
    "slot_id": SLOT,
    "version": Field(number),
    "reason": Field(text(500), required=False),
}
CANCEL = {"appointment_id": Field(uuid), "version": Field(number), "reason": Field(words(500))}


@endpoint("POST", *BOOKERS)
def hold(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """Hold a free time for a while; asked again by the same person it lasts from now."""
    sent = body(request, HOLD)
    outcome = hold_slot(slot_id=sent["slot_id"], seconds=sent.get("seconds", 300))
    return answer(request, outcome)


@endpoint("POST", *BOOKERS)
def release(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """Let go of what the person holds."""
    return answer(request, release_slot(**body(request, {"slot_id": SLOT})))


@endpoint("POST", *BOOKERS)
def book(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """Book a free time for a patient."""
    key, sent = idempotency_key(request), body(request, BOOK)
    outcome = book_appointment(
        idempotency_key=key,
        user_id=request.user.pk,
        clinic_id=request.clinic.id,
        slot_id=sent["slot_id"],
        patient_id=sent["patient_id"],
        visit_reason=sent.get("visit_reason") or None,
        appointment_type=sent.get("appointment_type", "consultation"),
        service_id=sent.get("service_id"),
    )
    return answer(request, outcome, made=True)


@endpoint("POST", *BOOKERS)
def reschedule(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """Move an appointment, as it was in version, to another free time."""
    key, sent = idempotency_key(request), body(request, MOVE)
    outcome = reschedule_appointment(idempotency_key=key, **sent)
    return answer(request, outcome, made=True)


@endpoint("POST", *BOOKERS)
def cancel(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """Cancel an appointment, as it was in version."""
    key, sent = idempotency_key(request), body(request, CANCEL)
    return answer(request, cancel_appointment(idempotency_key=key, **sent), made=True)


def answer(
    request: FrontDeskRequest, outcome: BookingOutcome, *, made: bool = False
) -> HttpResponse:
    """What the database decided. made: 201 for new work; a repeat gets the same body with 200."""
    if not outcome.ok:
        again = {"Retry-After": "1"} if outcome.code == "in_progress" else {}
        code = outcome.code or "invalid_input"
        return problem(outcome.http_status, code, outcome.message or "", headers=again)
    document = result(request, outcome)
    response = JsonResponse(document, status=201 if made and not outcome.idempotent else 200)
    if outcome.idempotent:
        response["Idempotent-Replayed"] = "true"
    return response


def result(request: FrontDeskRequest, outcome: BookingOutcome) -> dict[str, Any]:
    """Only what a repeat would say as well: what never changes."""
    found: dict[str, Any] = {"slot_id": str(outcome.slot_id)}
    if outcome.appointment_id:
        return found | {
            "appointment_id": str(outcome.appointment_id),
            "appointment_number": outcome.appointment_number,
        }
    until = outcome.held_until
    zone = ZoneInfo(request.clinic.timezone)
    return found | {"held_until": until.astimezone(zone).isoformat() if until else None}
