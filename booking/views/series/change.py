"""This and following, or all: move them or cancel them, each looked at first, all or none."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render

from booking.forms.series import (
    CHOOSE,
    SCOPES,
    WEEKDAYS,
    KeyForm,
    MoveSeriesForm,
    ScopeForm,
    chosen_times,
    seen_visits,
)
from booking.models import AppointmentSeries
from booking.queries.doctors import bookable_doctors
from booking.queries.series import SeriesVisit, preview_move, visits_of
from booking.services.series import SeriesOutcome, cancel_series, move_series
from booking.views.appointments import REASONS
from booking.views.series.new import first_error, summary
from booking.views.series.page import Line, about, found_series, is_open, problems
from booking.views.series.rows import Rows
from booking.views.shell import STAFF, FrontDeskRequest, desk_page, desk_url, fresh_key, go

GONE = "Some of these visits cannot go there. Nothing was changed; your other choices are kept."
RELOAD = "This page was out of date. Nothing was changed; try again."
NONE = "Choose at least one visit."
WHY = "Say why they are cancelled."


@desk_page(*STAFF)
def move(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """GET: where to, and what that means for each visit. POST: move what was chosen."""
    series = found_series(request, pk)
    posted = request.method == "POST"
    form = MoveSeriesForm(request.POST if posted else request.GET)
    if posted and form.is_valid():
        return moved(request, series, form)
    bad = posted or (not form.is_valid() and "weekday" in form.data)
    return move_page(request, series, form, status=422 if bad else 200)


def moved(
    request: FrontDeskRequest, series: AppointmentSeries, form: MoveSeriesForm
) -> HttpResponse:
    chosen, key = chosen_times(request.POST), KeyForm(request.POST)
    going = {number: at for number, at in (chosen or {}).items() if at}
    seen = seen_visits(request.POST, going)
    if chosen is None or seen is None or not key.is_valid():
        return move_page(request, series, form, problem=CHOOSE, status=422)
    if not going:
        return move_page(request, series, form, chosen=chosen, problem=NONE, status=422)
    outcome = move_series(
        idempotency_key=key.cleaned_data["idempotency_key"],
        appointment_id=form.cleaned_data["visit"], scope=form.cleaned_data["scope"],
        doctor_id=form.cleaned_data["doctor"],
        visits=[(*seen[number], at) for number, at in going.items()],
    )  # fmt: skip
    if outcome.ok:
        return done(request, series, outcome, "Moved")
    if outcome.http_status == 404:
        raise Http404(outcome.message)
    against = {one.starts_at: one.code for one in outcome.conflicts}
    said = GONE if outcome.conflicts else outcome.message
    return move_page(
        request, series, form, chosen=chosen, against=against, problem=said,
        status=outcome.http_status,
    )  # fmt: skip


def done(
    request: FrontDeskRequest, series: AppointmentSeries, outcome: SeriesOutcome, said: str
) -> HttpResponse:
    count = len(outcome.appointments)
    text = f"{said} {count} {'visit' if count == 1 else 'visits'}."
    messages.success(request, text, extra_tags="changed")
    return go(request, desk_url(request, "series", series.pk))


def anchor_of(
    series: AppointmentSeries, visits: Sequence[SeriesVisit], data: Any
) -> SeriesVisit | None:
    """The visit that it is seen from: the one of the query, else the next that is to come."""
    named = str(data.get("visit", ""))
    found = next((visit for visit in visits if str(visit.id) == named), None)
    if named and found is None:
        raise Http404
    return found or next((visit for visit in visits if is_open(visit)), None)


def move_page(
    request: FrontDeskRequest,
    series: AppointmentSeries,
    form: MoveSeriesForm,
    *,
    chosen: Mapping[int, datetime | None] | None = None,
    against: Mapping[datetime, str] | None = None,
    problem: Any = "",
    status: int = 200,
) -> HttpResponse:
    visits = visits_of(clinic_id=request.clinic.id, series_id=series.pk)
    anchor = anchor_of(series, visits, form.data)
    doctors = bookable_doctors(clinic_id=request.clinic.id)
    rows, found = Rows(request, chosen, against), []
    if form.is_valid():
        data = form.cleaned_data
        if data["doctor"] and data["doctor"] not in doctors:
            raise Http404
        found = preview_move(
            appointment_id=data["visit"], scope=data["scope"], doctor_id=data["doctor"],
            weekday=data["weekday"], at=data["at"],
        )  # fmt: skip
    elif status == 422 and not problem:
        problem = first_error(form)
    rows.beside(series.patient_id, [one.starts_at for one in found], but_series=series.pk)
    drawn = rows.of_visits(found)
    context = {
        **changing(request, series, anchor, form, problem, "Move visits"),
        "doctors": [(str(pk), name) for pk, name in doctors.items()],
        "weekdays": [(str(number), name) for number, name in WEEKDAYS],
        "rows": drawn,
        "zones": rows.zones,
        "summary": summary(drawn),
        "shown": form.is_valid(),
        "kept": ("visit", "scope", "doctor", "weekday", "at"),
    }
    return render(request, "booking/series_move.html", context, status=status)


def changing(
    request: FrontDeskRequest,
    series: AppointmentSeries,
    anchor: SeriesVisit | None,
    form: ScopeForm,
    problem: Any,
    title: str,
) -> dict[str, Any]:
    """What both pages of a change say."""
    name = series.patient.full_name
    return {
        **about(request, series),
        "heading": title,
        "title": f"{'Error: ' if problem else ''}{title}, {name}",
        "anchor": anchor and Line(request, anchor),
        "typed": form.data,
        "scopes": SCOPES.items(),
        "scope": form.data.get("scope") or "following",
        "problem": problem,
        "key": fresh_key(),
    }


@desk_page(*STAFF)
def cancel(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """GET: which visits that would be. POST: cancel those that are ticked, with a reason."""
    series = found_series(request, pk)
    if request.method == "POST":
        return cancelled(request, series)
    return cancel_page(request, series)


def cancelled(request: FrontDeskRequest, series: AppointmentSeries) -> HttpResponse:
    form, key, post = ScopeForm(request.POST), KeyForm(request.POST), request.POST
    numbers = [int(n) for n in post.getlist("cancel") if n.isascii() and n.isdecimal()]
    seen = seen_visits(post, numbers[:200])
    reason = (post.get("reason") or post.get("other") or "").strip()[:200]
    if not form.is_valid() or not key.is_valid() or seen is None:
        return cancel_page(request, series, [RELOAD], 422)
    if not seen or not reason:
        return cancel_page(request, series, [NONE if not seen else WHY], 422)
    outcome = cancel_series(
        idempotency_key=key.cleaned_data["idempotency_key"],
        appointment_id=form.cleaned_data["visit"], scope=form.cleaned_data["scope"],
        visits=list(seen.values()), reason=reason, initiator=REASONS.get(reason),
    )  # fmt: skip
    if outcome.ok:
        return done(request, series, outcome, "Cancelled")
    if outcome.http_status == 404:
        raise Http404(outcome.message)
    return cancel_page(request, series, problems(request, outcome), outcome.http_status)


def cancel_page(
    request: FrontDeskRequest,
    series: AppointmentSeries,
    said: Sequence[Any] = (),
    status: int = 200,
) -> HttpResponse:
    posted = request.method == "POST"
    form = ScopeForm(request.POST if posted else request.GET)
    visits = visits_of(clinic_id=request.clinic.id, series_id=series.pk)
    anchor = anchor_of(series, visits, form.data)
    every = form.data.get("scope") == "all"
    first = 1 if every or anchor is None else anchor.position
    ticked = set(request.POST.getlist("cancel"))
    context = {
        **changing(request, series, anchor, form, "", "Cancel visits"),
        "problems": said,
        "lines": [
            (Line(request, visit), not posted or str(visit.position) in ticked)
            for visit in visits
            if is_open(visit) and visit.position >= first
        ],
        "reasons": REASONS,
        "other": request.POST.get("other", "") if posted else "",
    }
    if said:
        context["title"] = f"Error: {context['title']}"
    return render(request, "booking/series_cancel.html", context, status=status)
