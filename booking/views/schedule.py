"""The schedule: today, or the day of the URL with the appointment of ?sel=, the time of ?slot= in
focus."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.dateformat import format as date_text

from booking.finding import next_free
from booking.forms.days import WORDS
from booking.grid import Marks
from booking.queries.day import day_bounds
from booking.views.appointments import appointment_panel
from booking.views.page import day_page, kept, links
from booking.views.shell import (
    CARE,
    FrontDeskRequest,
    as_uuid,
    desk_page,
    desk_url,
    fragment,
    may_book,
    targets,
    today_of,
    when,
    zone_of,
)
from clinic.dates import parse_day


@desk_page(*CARE)
def today(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """To the day that was asked for in words, or to today in the clinic's zone.

    422 for words that name no day, on the day that was shown.
    """
    now, typed = today_of(request), request.GET.get("day", "")
    day = parse_day(typed, today=now) if typed.strip() else now
    if day is None:
        shown = parse_day(request.GET.get("shown", ""), today=now) or now
        messages.error(request, f"“{typed[:40]}” is no day. {WORDS}")
        return day_page(request, shown, idle_panel(request, shown), Marks("", ""), status=422)
    return HttpResponseRedirect(desk_url(request, "day", day.isoformat(), **kept(request)))


@desk_page(*CARE)
def day(request: FrontDeskRequest, clinic_code: str, day: date) -> HttpResponse:
    """The grid, and in the panel the appointment of ?sel= or nothing."""
    selected = as_uuid(request.GET.get("sel"))
    panel = appointment_panel(request, selected) if selected else idle_panel(request, day)
    if targets(request, "panel"):
        return fragment(request, panel["panel"], {**panel, "links": links(request, day)})
    focus = as_uuid(request.GET.get("slot")) or selected
    return day_page(request, day, panel, Marks(str(selected or ""), str(focus or "")))


def idle_panel(request: FrontDeskRequest, day: date) -> dict[str, Any]:
    """Nothing chosen: the next free times, one press from a booking."""
    panel: dict[str, Any] = {"panel": "booking/_idle.html", "title": date_text(day, "D j M")}
    if not may_book(request):
        return panel
    after = max(timezone.now(), day_bounds(day, zone_of(request))[0])
    slots = next_free(after=after, limit=6)
    keep = kept(request)
    panel["next_free"] = [
        (slot, when(request, slot.starts_at, day), desk_url(request, "new", slot=slot.id, **keep))
        for slot in slots
    ]
    return panel
