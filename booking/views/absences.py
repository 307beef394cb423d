"""A doctor is away: record it, place the visits, hear what patients say, take it back."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateformat import format as date_text
from django.views.decorators.http import require_POST

from booking.enums import AbsenceChoice, AbsenceReason
from booking.forms.absences import AbsenceForm, AbsenceVersionForm, AnswerForm, choices_in
from booking.queries.absences import (
    AbsenceDetail,
    absence_detail,
    free_places,
    open_visits,
    overlapping_absence,
    recent_absences,
    settled_visits,
)
from booking.queries.doctors import bookable_doctors
from booking.services.absences import (
    AbsenceOutcome,
    Choice,
    answer_absence,
    apply_absence,
    start_absence,
    undo_absence,
)
from booking.views.absence_page import counted, done_of, possible, rows_of
from booking.views.shell import (
    STAFF,
    FrontDeskRequest,
    desk_page,
    desk_url,
    fresh_key,
    go,
    local,
    today_of,
    zone_of,
)
from booking.wording import phone_text, span_words, zone_text
from clinic.dates import parse_day
from clinic.tenancy.access import note_access

RELOAD = "This page was out of date. Nothing was changed; try again."
STALE = "Somebody else worked on this absence first. This is how it is now."
PROPOSED = "proposed"


@desk_page(*STAFF)
def absences(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """GET: the form, and the absences of the past weeks. POST: record one."""
    if request.method == "POST":
        return record(request)
    today = today_of(request)
    day = parse_day(request.GET.get("day", ""), today=today) or today
    typed = {"doctor": request.GET.get("doctor", ""), "first_day": date_text(day, "j M Y")}
    return form_page(request, typed)


def record(request: FrontDeskRequest) -> HttpResponse:
    form = AbsenceForm(request.POST, zone=zone_of(request), today=today_of(request))
    if not form.is_valid():
        return form_page(request, form.data, form.errors, 422)
    data = form.cleaned_data
    times = {"starts_at": data["starts_at"], "ends_at": data["ends_at"]}
    outcome = start_absence(
        idempotency_key=data["idempotency_key"], doctor_id=data["doctor"], reason=data["reason"],
        note=data["note"], **times,
    )  # fmt: skip
    if outcome.code == "already_absent":
        found = overlapping_absence(
            clinic_id=request.clinic.id, doctor_id=data["doctor"], **times
        )  # fmt: skip
        return form_page(request, form.data, {"first_day": [outcome.message]}, 409, found)
    if outcome.code == "doctor_not_found":
        raise Http404
    if not outcome.ok:
        return form_page(request, form.data, {"first_day": [outcome.message]}, 422)
    return go(request, desk_url(request, "absence", outcome.absence_id))


def form_page(
    request: FrontDeskRequest, typed: Any, errors: Any = None, status: int = 200,
    found: UUID | None = None,
) -> HttpResponse:  # fmt: skip
    """The form with what was typed, and what is recorded already."""
    since = timezone.now() - timedelta(days=28)
    listed = recent_absences(clinic_id=request.clinic.id, since=since)
    doctors = bookable_doctors(clinic_id=request.clinic.id)
    context = {
        "nav": "absences",
        "title": f"{'Error: ' if errors else ''}Absences",
        "doctors": [(str(pk), name) for pk, name in doctors.items()],
        "reasons": AbsenceReason.choices,
        "typed": typed,
        "reason": typed.get("reason", AbsenceReason.SICK),
        "errors": errors or {},
        "found": found and desk_url(request, "absence", found),
        "key": typed.get("idempotency_key") if status == 422 else fresh_key(),
        "listed": [(x, span_text(request, x), AbsenceReason(x.reason).label) for x in listed],
        "zone": zone_text(request.clinic.timezone, timezone.now()),
    }  # fmt: skip
    context["key"] = context["key"] or fresh_key()
    return render(request, "booking/absences.html", context, status=status)


@desk_page(*STAFF)
def absence(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """GET: what is to be decided and what was. POST: mark all rows alike, keep them, or apply."""
    detail = detail_or_404(request, pk)
    if request.method != "POST":
        return absence_page(request, detail)
    form = AbsenceVersionForm(request.POST)
    choices = choices_in(request.POST)
    if not form.is_valid():
        return absence_page(request, detail, choices, said=RELOAD, status=422)
    every = request.POST.get("all", "")
    if every in (*AbsenceChoice.values, PROPOSED):
        return absence_page(request, detail, choices, every=every)
    outcome = apply_absence(
        idempotency_key=form.cleaned_data["idempotency_key"], absence_id=pk, choices=choices,
        version=form.cleaned_data["version"], save="save" in request.POST,
    )  # fmt: skip
    if not outcome.ok:
        return refused(request, pk, outcome, choices)
    tell(request, outcome, saved="save" in request.POST)
    return go(request, desk_url(request, "absence", pk))


def tell(request: FrontDeskRequest, outcome: AbsenceOutcome, *, saved: bool) -> None:
    if saved:
        messages.success(request, "The choices are kept for later.", extra_tags="absence-saved")
        return
    text = f"{visits(outcome.done)} settled. Messages wait three minutes."
    if outcome.done:
        messages.success(request, text, extra_tags="absence-applied")
    if outcome.refused:
        text = f"{visits(len(outcome.refused))} could not be settled: see below."
        messages.error(request, text, extra_tags="absence-refused")


def visits(count: int) -> str:
    return f"{count} visit{'' if count == 1 else 's'}"


@require_POST
@desk_page(*STAFF)
def answer(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """What an asked patient said."""
    detail = detail_or_404(request, pk)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return absence_page(request, detail, said=RELOAD, status=422)
    outcome = answer_absence(
        idempotency_key=form.cleaned_data["idempotency_key"], absence_id=pk,
        appointment_id=form.cleaned_data["visit"], version=form.cleaned_data["version"],
        agreed=form.cleaned_data["answer"] == "agreed",
    )  # fmt: skip
    if not outcome.ok:
        return refused(request, pk, outcome)
    said = "Moved" if form.cleaned_data["answer"] == "agreed" else "Declined: to be decided again"
    messages.success(request, f"{said}.", extra_tags="absence-answered")
    return go(request, desk_url(request, "absence", pk))


@require_POST
@desk_page(*STAFF)
def undo(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """Take the whole absence back."""
    detail = detail_or_404(request, pk)
    form = AbsenceVersionForm(request.POST)
    if not form.is_valid():
        return absence_page(request, detail, said=RELOAD, status=422)
    outcome = undo_absence(
        idempotency_key=form.cleaned_data["idempotency_key"], absence_id=pk,
        version=form.cleaned_data["version"],
    )  # fmt: skip
    if not outcome.ok:
        return refused(request, pk, outcome)
    messages.success(
        request, f"Taken back: {visits(outcome.done)} as before, no message sent.",
        extra_tags="absence-undone",
    )  # fmt: skip
    if outcome.refused:
        messages.error(request, f"{visits(len(outcome.refused))} could not go back: see below.")
    return go(request, desk_url(request, "absence", pk))


def detail_or_404(request: FrontDeskRequest, pk: UUID) -> AbsenceDetail:
    detail = absence_detail(clinic_id=request.clinic.id, absence_id=pk)
    if detail is None:
        raise Http404
    return detail


def refused(
    request: FrontDeskRequest, pk: UUID, outcome: AbsenceOutcome,
    choices: list[Choice] | None = None,
) -> HttpResponse:  # fmt: skip
    """The page as it is now, with the person's choices and why nothing was done."""
    if outcome.code in ("absence_not_found", "appointment_not_found"):
        raise Http404
    if outcome.code == "not_allowed":
        raise PermissionDenied
    said = STALE if outcome.code == "stale" else outcome.message or ""
    detail = detail_or_404(request, pk)
    return absence_page(request, detail, choices, said=said, status=outcome.http_status)


def absence_page(
    request: FrontDeskRequest, detail: AbsenceDetail, choices: list[Choice] | None = None, *,
    every: str = "", said: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The visits with their places; choices are what the person has marked, every is for all."""
    where = {"clinic_id": request.clinic.id, "absence_id": detail.id}
    marked = (
        {} if every == PROPOSED else {choice.appointment_id: choice for choice in choices or []}
    )
    standing = detail.undone_at is None
    rows = rows_of(
        open_visits(**where), free_places(**where), marked,
        every if every != PROPOSED else "", when_of(request, detail), phone_of(detail),
    ) if standing else []  # fmt: skip
    back = "" if standing else detail.doctor
    done = done_of(settled_visits(**where), when_of(request, detail), phone_of(detail), back)
    note_access("READ", "absences", record_id=detail.id, detail={"visits": len(rows) + len(done)})
    now = timezone.now()
    context = {
        "nav": "absences",
        "title": f"{'Error: ' if said else ''}{detail.doctor} is away",
        "detail": detail,
        "span": span_text(request, detail),
        "reason": AbsenceReason(detail.reason).label,
        "zone": zone_text(request.clinic.timezone, detail.starts_at),
        "said": said,
        "rows": [(row, possible(row)) for row in rows],
        "counts": counted(rows),
        "asked": [one for one in done if one.asked],
        "done": [one for one in done if not one.asked],
        "alls": [(PROPOSED, "As proposed"), *AbsenceChoice.choices],
        "keys": {name: fresh_key() for name in ("apply", "undo", "answer")},
        "may_undo": standing and (detail.undo_until is None or detail.undo_until > now),
        "undo_until": detail.undo_until and local(request, detail.undo_until),
        "day_url": desk_url(request, "day", local(request, detail.starts_at).date().isoformat()),
    }  # fmt: skip
    return render(request, "booking/absence.html", context, status=status)


def when_of(request: FrontDeskRequest, detail: AbsenceDetail) -> Any:
    """Times as text: the clock alone on the day of an absence of one day."""
    first = local(request, detail.starts_at).date()
    alone = local(request, detail.ends_at - timedelta(microseconds=1)).date() == first

    def when(at: datetime) -> str:
        here = local(request, at)
        return date_text(here, "H:i" if alone and here.date() == first else "D j M H:i")

    return when


def phone_of(detail: AbsenceDetail) -> Any:
    return lambda phone: phone_text(phone, detail.country)


def span_text(request: FrontDeskRequest, detail: AbsenceDetail) -> str:
    return span_words(local(request, detail.starts_at), local(request, detail.ends_at), "D j M")
