"""Holds: a time is kept for whoever has its form open, and everybody else's board says so.

Without JavaScript nothing is held; the form works all the same, and the database decides.
"""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import push_url

from booking.grid import slot_cell
from booking.queries.day import (
    Held,
    day_bounds,
    day_slot,
    held_by_me,
)
from booking.services.appointments import hold_slot, release_slot
from booking.views.page import grid_links, kept, links, moving_of
from booking.views.schedule import idle_panel
from booking.views.shell import (
    CARE,
    STAFF,
    FrontDeskRequest,
    desk_page,
    desk_url,
    fragment,
    go,
    zone_of,
)

REFUSED = {
    "slot_unavailable": "Somebody else holds or has this time now.",
    "slot_past": "This time has passed.",
    "slot_blocked": "This time is blocked.",
    "hold_limit": "This time is not held for you: you hold five others already.",
}


@desk_page(*STAFF)
def hold(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """POST: hold it, or hold it again. GET: how long it is still held."""
    if request.method != "POST":
        return told(request, pk, held_by_me(clinic_id=request.clinic.id, slot_id=pk))
    outcome = hold_slot(slot_id=pk)
    if outcome.code == "slot_not_found":
        raise Http404
    if outcome.ok:
        return told(request, pk, held_by_me(clinic_id=request.clinic.id, slot_id=pk))
    return told(request, pk, None, REFUSED.get(outcome.code or "", outcome.message or ""))


def told(request: FrontDeskRequest, pk: UUID, held: Held | None, refused: str = "") -> HttpResponse:
    """The line in the form: minutes left by the database's clock, over, or why it is not held."""
    if held is None and not refused:
        raise Http404
    context: dict[str, Any] = {
        "minutes": held.minutes if held else 0,
        "refused": refused,
        "url": desk_url(request, "hold", pk),
    }
    return render(request, "booking/_hold.html", context, status=409 if refused else 200)


@require_POST
@desk_page(*STAFF)
def release(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """The form is closed: let go of its time, if it is held, and back to the day."""
    release_slot(slot_id=pk)
    found = day_slot(clinic_id=request.clinic.id, slot_id=pk)
    if found is None:
        raise Http404
    here = desk_url(request, "day", found.day.isoformat(), **kept(request))
    if not request.htmx:
        return go(request, here)
    panel = idle_panel(request, found.day)
    context = {**panel, "links": links(request, found.day)}
    return push_url(fragment(request, panel["panel"], context), here)


@require_GET
@desk_page(*CARE)
def cell(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """What the board shows in place of a held time: still held, free again, or taken."""
    found = day_slot(clinic_id=request.clinic.id, slot_id=pk)
    if found is None:
        raise Http404
    column = request.GET.get("c", "")
    column = column if column.isdecimal() and len(column) < 3 else "0"
    moving = moving_of(request) is not None
    stems = grid_links(request, found.day, moving)
    start, end = day_bounds(found.day, zone_of(request))
    html = slot_cell(found, int(column), zone_of(request), (start, end), stems, timezone.now())
    return HttpResponse(html)
