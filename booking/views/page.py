"""The one page of the front desk: the day's grid with a panel beside it."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django_htmx.http import reswap, retarget

from booking.grid import Links, Marks, day_grid
from booking.queries.appointments import AppointmentDetail, appointment_detail
from booking.queries.day import DaySchedule, day_schedule
from booking.views.shell import (
    FrontDeskRequest,
    as_uuid,
    desk_url,
    fragment,
    fresh_key,
    may_book,
    targets,
    zone_of,
)
from booking.wording import HIDDEN, LEGEND, OPEN, zone_text
from clinic.search import get_patient

COLUMNS = 6


def kept(request: FrontDeskRequest) -> dict[str, str]:
    """The parts of the page's state that links carry on."""
    names = ("patient", "doctor", "page", "cancelled", "moving")
    return {name: request.GET[name] for name in names if request.GET.get(name)}


def links(request: FrontDeskRequest, day: date) -> dict[str, str]:
    """Addresses of the page itself and of the days beside it."""
    keep = kept(request)
    at = {"prev": day - timedelta(1), "here": day, "next": day + timedelta(1)}
    urls = {name: desk_url(request, "day", d.isoformat(), **keep) for name, d in at.items()}
    return urls | {"today": desk_url(request, "schedule", **keep)}


def day_page(
    request: FrontDeskRequest,
    day: date,
    panel: dict[str, Any],
    marks: Marks,
    status: int = 200,
    redraw: bool = False,
) -> HttpResponse:
    """The whole day with a panel beside it, or without the shell for htmx."""
    schedule = day_schedule(
        clinic_id=request.clinic.id, day=day, zone=zone_of(request),
        step_minutes=request.clinic.slot_step_minutes,
    )  # fmt: skip
    context = {**frame(request, schedule, marks), **panel}
    if redraw or targets(request, "grid"):
        return fragment(request, "booking/_grid.html", context, status)
    return render(request, "booking/day.html", context, status=status)


def frame(request: FrontDeskRequest, schedule: DaySchedule, marks: Marks) -> dict[str, Any]:
    """Everything around the panel."""
    now, keep = timezone.now(), kept(request)
    shown, pager = paged(request, schedule)
    moving = moving_of(request)
    patient_id = as_uuid(keep.get("patient"))
    patient = patient_id and get_patient(clinic_id=request.clinic.id, patient_id=patient_id)
    marks = replace(marks, cancelled="cancelled" in keep)
    grid = day_grid(shown, grid_links(request, schedule.day, moving is not None), marks, now)
    turned = {"cancelled": "" if marks.cancelled else "1"}
    return {
        "nav": "schedule",
        "day": schedule.day,
        "zone": zone_text(request.clinic.timezone, schedule.start),
        "legend": LEGEND,
        "grid": grid,
        "scroll_stop": -1 if "<a " in grid or "<button " in grid else 0,
        "empty": not schedule.slots and not schedule.appointments,
        "cancelled": sum(row.status in HIDDEN for row in schedule.appointments),
        "show_cancelled": marks.cancelled,
        "cancelled_url": here(request, schedule.day, **turned),
        "pager": pager,
        "chips": chips(request, schedule),
        "booking_for": patient,
        "moving": moving,
        "move_key": fresh_key(),
        "stop_url": here(request, schedule.day, patient="", moving=""),
        "links": links(request, schedule.day),
        "find_url": find_url(request, schedule.day),
        "kept": keep,
        "now": now,
    }


def find_url(request: FrontDeskRequest, day: date) -> str:
    """The page of free times from this day on, for the same patient or move."""
    keep = {name: value for name, value in kept(request).items() if name in ("patient", "moving")}
    return desk_url(request, "find", **{"from": day.isoformat()}, **keep)


def moving_of(request: FrontDeskRequest) -> AppointmentDetail | None:
    """The appointment of ?moving= that waits for a new time, if it may have one."""
    pk = as_uuid(request.GET.get("moving"))
    found = pk and appointment_detail(clinic_id=request.clinic.id, appointment_id=pk)
    return found if found and may_book(request) and found.status in OPEN else None


def here(request: FrontDeskRequest, day: date, **changed: Any) -> str:
    """The address of this page with some of its state changed; an empty value leaves it out."""
    return desk_url(request, "day", day.isoformat(), **{**kept(request), **changed})


def chips(request: FrontDeskRequest, schedule: DaySchedule) -> list[tuple[str, str, bool]]:
    """[(name, address, chosen)]: one doctor at a time, for narrow screens."""
    chosen = request.GET.get("doctor", "")
    every = ("All doctors", here(request, schedule.day, doctor="", page=""), not chosen)
    return [every] + [
        (d.name, here(request, schedule.day, doctor=d.id, page=""), d.id == chosen)
        for d in schedule.doctors
    ]


def grid_links(request: FrontDeskRequest, day: date, moving: bool) -> Links:
    """Stems of the addresses in cells; the page's state follows the id."""
    rest = urlencode(kept(request)).replace("&", "&amp;")
    return Links(
        appointment=desk_url(request, "day", day.isoformat()) + "?sel=",
        book=desk_url(request, "new") + "?slot=" if may_book(request) else "",
        suffix=f"&amp;{rest}" if rest else "",
        moving=moving,
        away=desk_url(request, "absences", day=day).replace("&", "&amp;") + "&amp;doctor="
        if may_book(request) and not moving
        else "",
        slots=desk_url(request, "find").removesuffix("find/") + "slots/",
    )


def paged(request: FrontDeskRequest, schedule: DaySchedule) -> tuple[DaySchedule, dict[str, Any]]:
    """The doctors of one page, six at a time, or the ones that ?doctor= names."""
    wanted = set(request.GET.get("doctor", "").split(",")) & {d.id for d in schedule.doctors}
    doctors = [d for d in schedule.doctors if not wanted or d.id in wanted]
    page = int(p) if (p := request.GET.get("page", "1")).isdecimal() and len(p) < 4 else 1
    pages = max(1, -(-len(doctors) // COLUMNS))
    page = min(max(page, 1), pages)
    first = (page - 1) * COLUMNS
    shown = doctors[first : first + COLUMNS]
    pager = {
        "first": first + 1, "last": first + len(shown), "total": len(doctors), "many": pages > 1,
        "prev": page > 1 and here(request, schedule.day, page=page - 1),
        "next": page < pages and here(request, schedule.day, page=page + 1),
    }  # fmt: skip
    return replace(schedule, doctors=shown), pager


def panel_response(
    request: FrontDeskRequest,
    day: date,
    panel: dict[str, Any],
    marked: UUID | None = None,
    status: int = 200,
) -> HttpResponse:
    """The panel alone for htmx, else the whole day around it. After a refusal the day has changed
    under the page, so htmx redraws the grid as well."""
    if not request.htmx:
        return day_page(request, day, panel, Marks(selected=str(marked or "")), status)
    if status != 409:
        return fragment(request, panel["panel"], {**panel, "links": links(request, day)}, status)
    response = day_page(request, day, panel, Marks(selected=str(marked or "")), status, redraw=True)
    return reswap(retarget(response, "#grid"), "innerHTML")
