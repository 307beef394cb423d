"""More visits than the doctor's day has, by a reason that the desk gives and that is kept."""

from typing import Any
from uuid import UUID

from booking.hours import needs_permit, permit_over_limit
from booking.views.shell import FrontDeskRequest, may_book


def keep_permit(request: FrontDeskRequest, slot_id: UUID | None, patient_id: UUID) -> None:
    """What was typed as the reason, if anything was, lets this patient into this slot."""
    why = request.POST.get("permit", "").strip()[:500]
    if slot_id and why and may_book(request):
        permit_over_limit(slot_id=slot_id, patient_id=patient_id, reason=why)


def permit_offer(request: FrontDeskRequest, slot_id: UUID | None) -> dict[str, Any]:
    """What asks for the reason, where the doctor's visits of the day stand against the slot."""
    if not slot_id or not may_book(request) or not needs_permit(slot_id=slot_id):
        return {}
    missing = "permit" in request.POST and not request.POST["permit"].strip()
    return {"permit": True, "permit_error": "Say why: the reason is kept." if missing else ""}
