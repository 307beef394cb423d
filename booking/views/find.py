"""Find a time: the next free ones, across doctors and across a person's clinics."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import get_script_prefix
from django.utils import timezone
from django.utils.dateformat import format as date_text

from booking.finding import FoundSlot, Place, Reason, Wish, doctors_to_choose, find_across, nearest
from booking.forms.find import DAYS, PARTS, FindForm
from booking.queries.appointments import AppointmentDetail
from booking.queries.services import services_to_choose
from booking.views.page import kept, moving_of
from booking.views.shell import (
    CARE,
    STAFF,
    FrontDeskRequest,
    desk_page,
    desk_url,
    fresh_key,
    targets,
    today_of,
)
from booking.wording import TYPES, zone_text
from clinic.tenancy.group import visiting
from clinic.tenancy.membership import ClinicInfo, MembershipInfo

LIMIT = 12


@transaction.non_atomic_requests
@desk_page(*CARE)
def find(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """The filters and what they find; only the latter for htmx."""
    here = way_here(request)
    with visiting(request, here):
        doctors, subjects = doctors_to_choose()
        services = services_to_choose(clinic_id=request.clinic.id)
        moving = moving_of(request)
    form = FindForm(
        request.GET, today=today_of(request), doctors=doctors, subjects=subjects, services=services
    )
    context: dict[str, Any] = {
        "nav": "schedule", "title": "Find a time", "form": form, "doctors": doctors,
        "subjects": subjects, "parts": PARTS, "days": list(enumerate(DAYS, 1)),
        "types": TYPES.items(), "services": form.services, "moving": moving,
        "move_key": fresh_key(), "kept": kept(request),
        "many": len(places_to_look(request)) > 1 and not moving,
        "zone": zone_text(request.clinic.timezone, timezone.now()),
    }  # fmt: skip
    status = 200
    if form.is_valid():
        context |= results(request, form, moving)
    else:
        context |= {"title": f"Error: {context['title']}", "errors": form.errors}
        status = 422
    part = "booking/_times.html" if targets(request, "times") else "booking/find.html"
    return render(request, part, context, status=status)


def way_here(request: FrontDeskRequest) -> MembershipInfo:
    """The membership that the clinic of the address was entered by."""
    return next(way for way in request.memberships if way.clinic.id == request.clinic.id)


def places_to_look(request: FrontDeskRequest) -> list[MembershipInfo]:
    """The clinics in which the person may see a schedule, this one first."""
    ways = [way for way in request.memberships if set(way.roles) & set(CARE)]
    return sorted(ways, key=lambda way: way.clinic.id != request.clinic.id)


def results(
    request: FrontDeskRequest, form: FindForm, moving: AppointmentDetail | None
) -> dict[str, Any]:
    """What was found by day and doctor, or why nothing was and what comes nearest."""
    everywhere = form.cleaned_data["where"] == "all" and not moving
    ways = places_to_look(request) if everywhere else [way_here(request)]
    more: dict[str, Any] = {"limit": LIMIT}
    if moving:
        more |= {"patient_id": moving.patient_id, "moving": moving.id}

    def wish_in(clinic: ClinicInfo) -> Wish:
        return form.wish(ZoneInfo(clinic.timezone), **more)

    places = find_across(request, ways, wish_in)
    count = sum(len(place.slots) for place in places)
    found: dict[str, Any] = {
        "rows": by_day(request, places),
        "count": count,
        "everywhere": everywhere,
    }
    if count == LIMIT:
        found["later"] = later(request, places)
    if not count:
        with visiting(request, way_here(request)):
            found["why"] = nearest(wish_in(request.clinic))
        found["near"] = nearest_link(request, found["why"])
    return found


def by_day(request: FrontDeskRequest, places: list[Place]) -> list[dict[str, Any]]:
    """[{day, clinic, role, doctors: [(name, room, [(slot, time, url)])]}], the first day first."""
    groups: dict[Any, dict[str, Any]] = {}
    for place in places:
        for slot in place.slots:
            key = (slot.day, place.clinic.id)
            group = groups.setdefault(key, {
                "day": slot.day, "clinic": place.clinic, "doctors": {},
                "zone": zone_text(place.clinic.timezone, slot.starts_at),
            })  # fmt: skip
            times = group["doctors"].setdefault((slot.doctor, slot.room), [])
            times.append(offer(request, place, slot))
    for group in groups.values():
        group["doctors"] = [
            (*who, sorted(times, key=lambda one: one[0].starts_at))
            for who, times in sorted(group["doctors"].items())
        ]
    return sorted(groups.values(), key=lambda group: group["day"])


def offer(request: FrontDeskRequest, place: Place, slot: FoundSlot) -> tuple[FoundSlot, str, str]:
    """The slot, its time on the wall there, and where it is booked, if one may book there."""
    at = slot.starts_at.astimezone(ZoneInfo(place.clinic.timezone))
    return slot, f"{at:%H:%M}", book_url(request, place.clinic.code, place.role, slot)


def book_url(request: FrontDeskRequest, code: str, role: str, slot: FoundSlot) -> str:
    if role not in STAFF:
        return ""
    keep = {"kind": request.GET.get("kind", "")}
    if code == request.clinic.code:
        keep |= {"patient": request.GET.get("patient", "")}
    path = desk_url(request, "new", slot=slot.id, **keep)
    prefix = get_script_prefix()
    return path.replace(f"{prefix}c/{request.clinic.code}/", f"{prefix}c/{code}/", 1)


def later(request: FrontDeskRequest, places: list[Place]) -> str:
    """The same search from the day after the last one shown."""
    last = max(slot.day for place in places for slot in place.slots)
    query = request.GET.copy()
    query["from"] = (last + timedelta(1)).isoformat()
    return f"{desk_url(request, 'find')}?{query.urlencode()}"


def nearest_link(request: FrontDeskRequest, why: Reason) -> tuple[str, FoundSlot, str] | None:
    """Tue 24 Nov 09:15 with Dr Berg, its slot, and where it is booked."""
    if why.nearest is None:
        return None
    at = why.nearest.starts_at.astimezone(ZoneInfo(request.clinic.timezone))
    text = f"{date_text(at, 'D j M H:i')} with {why.nearest.doctor}"
    return text, why.nearest, book_url(request, request.clinic.code, request.role, why.nearest)
