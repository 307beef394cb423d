"""Single days: closed days of the clinic, extra sessions and leave, previewed and withdrawn."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from booking.forms.hours import FORMS, KINDS, digest
from booking.hours import CalendarOutcome, change_calendar, doctors, visits
from booking.views.hours import (
    KEEPERS,
    SHORT,
    is_head,
    left_text,
    may_keep,
    new_entry_id,
    preview_of,
    see_other,
    told,
)
from booking.views.shell import FrontDeskRequest, desk_page, desk_url, today_of

WHY_NOT = {
    "times_overlap": "These times overlap others that are kept already.",
    "invalid_input": "These days are over, or cannot be.",
    "idempotency_mismatch": "This form was already used for something else. Open it anew.",
}


@desk_page(*KEEPERS)
def add(request: FrontDeskRequest, clinic_code: str, kind: str) -> HttpResponse:
    """GET: the form. POST: a preview of what it comes to, or save."""
    if kind not in KINDS:
        raise Http404
    if kind == "holiday" and not is_head(request):
        raise PermissionDenied
    today = today_of(request)
    if request.method != "POST":
        first = {"entry_id": new_entry_id(), "doctor": request.GET.get("doctor", "")}
        return page(request, kind, FORMS[kind](initial=first, today=today))
    form = FORMS[kind](request.POST, today=today)
    if not form.is_valid():
        return page(request, kind, form, status=422, errors=True)
    values = form.values()
    save = request.POST.get("do") == "save" and form.cleaned_data["previewed"] == digest(values)
    outcome = change_calendar(
        kind=kind, entry_id=form.cleaned_data["entry_id"], values=values, preview=not save
    )
    if save and outcome.ok:
        return done(request, f"Saved: {str(KINDS[kind]).lower()}.", outcome)
    return answered(request, kind, form, outcome, digest(values))


@require_POST
@desk_page(*KEEPERS)
def withdraw(request: FrontDeskRequest, clinic_code: str, kind: str, pk: UUID) -> HttpResponse:
    """Take an entry back; visits of an extra session stay, and are listed."""
    if kind not in KINDS:
        raise Http404
    outcome = change_calendar(kind=kind, entry_id=pk, values=None)
    if not outcome.ok:
        stop(outcome)
    return done(request, f"Withdrawn: {str(KINDS[kind]).lower()}.", outcome)


def stop(outcome: CalendarOutcome) -> None:
    """403 and 404 are pages of their own."""
    if outcome.code == "not_allowed":
        raise PermissionDenied
    if outcome.code in ("doctor_not_found", "day_not_found"):
        raise Http404


def done(request: FrontDeskRequest, text: str, outcome: CalendarOutcome) -> HttpResponse:
    left = len(visits(clinic_id=request.clinic.id, ids=outcome.uncovered))
    messages.success(request, f"{text} {left_text(left)}", extra_tags="saved")
    return see_other(desk_url(request, "hours"))


def answered(
    request: FrontDeskRequest, kind: str, form: Any, outcome: CalendarOutcome, previewed: str
) -> HttpResponse:
    """The form with a preview, or with what stands against it."""
    if not outcome.ok:
        stop(outcome)
        why = WHY_NOT.get(outcome.code or "", outcome.message)
        return page(request, kind, form, status=outcome.http_status, problem=why)
    listed = visits(clinic_id=request.clinic.id, ids=outcome.uncovered)
    return page(
        request, kind, form, preview=preview_of(request, outcome) if kind != "holiday" else [],
        uncovered=told(request, listed), previewed=previewed,
    )  # fmt: skip


def page(
    request: FrontDeskRequest, kind: str, form: Any, status: int = 200, **more: Any
) -> HttpResponse:
    people = [d for d in doctors(clinic_id=request.clinic.id) if may_keep(request, d)]
    context = {
        "nav": "hours", "kind": kind, "name": KINDS[kind], "form": form, "people": people,
        "weekdays": SHORT.values(),
        "title": f"{'Error: ' if status != 200 else ''}{KINDS[kind]}", **more,
    }  # fmt: skip
    return render(request, "booking/add_day.html", context, status=status)
