"""A series as it stands: its visits, and taking back what was done to several at once."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateformat import format as date_text
from django.views.decorators.http import require_POST

from booking.enums import TransitionAction
from booking.forms.series import UndoSeriesForm
from booking.models import AppointmentSeries
from booking.queries.series import LastChange, SeriesVisit, get_series, last_change, visits_of
from booking.services.series import SeriesOutcome, SeriesRule, undo_series
from booking.views.series.new import rule_text
from booking.views.series.rows import WHY
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
)
from booking.wording import OPEN, Status, status_of, zone_text
from clinic.tenancy.access import note_access


class Line:
    """A visit on the page of its series."""

    def __init__(self, request: FrontDeskRequest, visit: SeriesVisit) -> None:
        starts = local(request, visit.starts_at)
        self.visit = visit
        self.day = date_text(starts, "D j M Y")
        self.time = f"{starts:%H:%M}"
        self.status: Status = status_of(visit.status, visit.arrived)
        self.url = desk_url(request, "appointment", visit.id)
        self.open = is_open(visit)


def is_open(visit: SeriesVisit) -> bool:
    """Whether a change of several visits reaches this one."""
    return visit.status in OPEN and not visit.arrived and visit.starts_at > timezone.now()


@desk_page(*CARE)
def series(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """The rule, the visits, and what may be done to them."""
    return series_page(request, found_series(request, pk))


def found_series(request: FrontDeskRequest, pk: UUID) -> AppointmentSeries:
    """The series; 404 for a missing one and for another clinic's. Looking is on record."""
    found = get_series(clinic_id=request.clinic.id, series_id=pk)
    if found is None:
        raise Http404
    note_access("READ", "appointment_series", record_id=pk, patient_id=found.patient_id)
    return found


def series_page(
    request: FrontDeskRequest, found: AppointmentSeries, problems: Any = (), status: int = 200
) -> HttpResponse:
    lines = [
        Line(request, visit) for visit in visits_of(clinic_id=request.clinic.id, series_id=found.pk)
    ]
    ahead = next((line.visit for line in lines if line.open), None)
    change = may_book(request) and last_change(clinic_id=request.clinic.id, series_id=found.pk)
    context = {
        **about(request, found),
        "title": f"{'Error: ' if problems else ''}{found.patient.full_name}, repeated visits",
        "lines": lines,
        "problems": problems,
        "undo": undo_text(change) if change else "",
        "change": change,
        "key": fresh_key(),
        **({"ahead": ahead} if may_book(request) else {}),
    }
    return render(request, "booking/series.html", context, status=status)


def about(request: FrontDeskRequest, found: AppointmentSeries) -> dict[str, Any]:
    """What every page of a series says."""
    rule = SeriesRule(
        every=found.every_weeks, weekdays=tuple(found.weekdays), starts_on=found.starts_on,
        at=found.wall_time, occurrences=found.occurrences, until=found.until,
    )  # fmt: skip
    return {
        "nav": "schedule",
        "series": found,
        "rule": rule_text(rule),
        "zone": zone_text(request.clinic.timezone, timezone.now()),
        "made_at": local(request, found.created_at),
    }


def undo_text(change: LastChange) -> str:
    """moved, 9 visits"""
    return f"{TransitionAction(change.action).label.lower()}, {change.visits} visits"


@require_POST
@desk_page(*STAFF)
def undo(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """Take back the last change of several visits, as a whole."""
    found, form = found_series(request, pk), UndoSeriesForm(request.POST)
    if not form.is_valid():
        return series_page(request, found, ["This page was out of date. Nothing was changed."], 422)
    outcome = undo_series(
        idempotency_key=form.cleaned_data["idempotency_key"],
        appointment_id=form.cleaned_data["visit"], version=form.cleaned_data["version"],
    )  # fmt: skip
    if outcome.ok:
        messages.success(request, f"Undone: {len(outcome.appointments)} visits.",
                         extra_tags="changed")  # fmt: skip
        return go(request, desk_url(request, "series", pk))
    if outcome.http_status == 404:
        raise Http404(outcome.message)
    return series_page(request, found, problems(request, outcome), outcome.http_status)


def problems(request: FrontDeskRequest, outcome: SeriesOutcome) -> list[str]:
    """What stands against what was asked, date by date where it is about dates."""
    times = [date_text(local(request, one.starts_at), "D j M Y, H:i") for one in outcome.conflicts]
    found = [
        f"{at}: {WHY.get(one.code, one.message)}"
        for at, one in zip(times, outcome.conflicts, strict=True)
    ]
    said = {"stale": "Someone changed it first. This is how it is now.",
            "bad_transition": "That can no longer be undone."}  # fmt: skip
    return [said.get(outcome.code or "", outcome.message or ""), *found]
