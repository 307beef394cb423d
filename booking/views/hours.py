"""The hours of a doctor: the week from a day on, breaks and limits; previewed, then saved."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.dateformat import format as date_text

from booking.forms.hours import (
    BLANK_ROWS,
    DAYS,
    MOST_ROWS,
    BreakRows,
    PlanForm,
    WeekRows,
    digest,
    plan_of,
)
from booking.hours import (
    CalendarOutcome,
    VisitRow,
    WeekRow,
    WorkingDay,
    doctors,
    entries,
    hours_stamp,
    planned_changes,
    planned_week,
    planned_weeks,
    save_hours,
    uncovered_visits,
    visits,
)
from booking.views.shell import (
    FrontDeskRequest,
    desk_page,
    desk_url,
    fresh_key,
    local,
    today_of,
)
from booking.wording import DASH, span_words
from clinic.dates import parse_day
from clinic.models import Doctor

KEEPERS = ("admin", "superadmin", "doctor")
LOOKERS = (*KEEPERS, "staff")
SHORT = {number: str(name)[:3] for number, name in DAYS}
WHY_NOT = {
    "stale": "Someone changed these hours first. What is kept now is not what this page began with:"
    " open it anew, or save over it after another preview.",
    "times_overlap": "Two rows overlap in some week. Nothing was saved.",
    "invalid_input": "These hours cannot be: the first day is today or later, within a year.",
}


@desk_page(*LOOKERS)
def overview(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """Every doctor's week, the single days, and the visits that are left outside."""
    today, clinic_id = today_of(request), request.clinic.id
    weeks = planned_weeks(clinic_id=clinic_id, day=today)
    people = [
        (doctor, week_text(weeks.get(doctor.pk, [])), may_keep(request, doctor))
        for doctor in doctors(clinic_id=clinic_id)
    ]
    mine = {doctor.pk for doctor, _, keep in people if keep}
    listed = [
        (entry, entry_text(request, entry), entry.doctor_id in mine or is_head(request))
        for entry in entries(clinic_id=clinic_id, today=today)
    ]
    context = {
        "nav": "hours", "title": "Hours", "people": people, "listed": listed,
        "uncovered": told(request, uncovered_visits(clinic_id=clinic_id)),
        "keeps": bool(mine) or is_head(request), "head": is_head(request),
    }  # fmt: skip
    return render(request, "booking/hours.html", context)


@desk_page(*KEEPERS)
def doctor_hours(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """GET: the week of ?from=, today unless given. POST: more rows, a preview, or save."""
    doctor = kept_doctor(request, pk)
    if request.method == "POST":
        return changed(request, doctor)
    day = parse_day(request.GET.get("from", ""), today=today_of(request)) or today_of(request)
    return form_page(request, doctor, *filled(request, doctor, max(day, today_of(request))))


def kept_doctor(request: FrontDeskRequest, pk: UUID) -> Doctor:
    """The doctor; 404 for a missing one and another clinic's, 403 for a colleague of a doctor."""
    doctor = doctors(clinic_id=request.clinic.id).filter(pk=pk).first()
    if doctor is None:
        raise Http404
    if not may_keep(request, doctor):
        raise PermissionDenied
    return doctor


def is_head(request: FrontDeskRequest) -> bool:
    return request.role in ("admin", "superadmin")


def may_keep(request: FrontDeskRequest, doctor: Doctor) -> bool:
    """Whether the page offers changes; the database decides again."""
    return is_head(request) or (request.role == "doctor" and doctor.user_id == request.user.pk)


def filled(request: FrontDeskRequest, doctor: Doctor, day: date) -> tuple[Any, Any, Any]:
    """The three forms, with what is planned for a day."""
    today, clinic_id = today_of(request), request.clinic.id
    week = planned_week(clinic_id=clinic_id, doctor_id=doctor.pk, day=day)
    first = {
        "stamp": hours_stamp(clinic_id=clinic_id, doctor_id=doctor.pk),
        "first": date_text(day, "j M Y"), "minutes": doctor.consultation_duration_minutes,
        "before": doctor.buffer_before_minutes, "after": doctor.buffer_time_minutes,
        "lead": doctor.lead_time_minutes, "ahead": doctor.advance_booking_days,
        "daily": doctor.max_daily_appointments,
    }  # fmt: skip
    rows = [
        {"weekday": row.weekday, "starts": f"{row.starts:%H:%M}", "ends": f"{row.ends:%H:%M}",
         "every_weeks": row.every_weeks,
         "week_of": date_text(row.week_of, "j M Y") if row.week_of else ""}
        for row in week
    ]  # fmt: skip
    return (
        PlanForm(initial=first, today=today),
        WeekRows(prefix="hours", initial=rows, form_kwargs={"today": today}),
        BreakRows(prefix="breaks", initial=doctor.break_times),
    )


def changed(request: FrontDeskRequest, doctor: Doctor) -> HttpResponse:
    data, today = request.POST.copy(), today_of(request)
    if data.get("do") in ("hours", "breaks"):
        name = f"{data['do']}-TOTAL_FORMS"
        total = str(data.get(name, ""))
        data[name] = str(min((int(total) if total.isdecimal() else 0) + BLANK_ROWS, MOST_ROWS))
    form = PlanForm(data, today=today)
    rows = WeekRows(data, prefix="hours", form_kwargs={"today": today})
    breaks = BreakRows(data, prefix="breaks")
    if data.get("do") in ("hours", "breaks"):
        return form_page(request, doctor, form, rows, breaks, silent=True)
    if not all([form.is_valid(), rows.is_valid(), breaks.is_valid()]):
        return form_page(request, doctor, form, rows, breaks, status=422)
    plan = plan_of(form, rows, breaks)
    save = data.get("do") == "save" and form.cleaned_data["previewed"] == digest(plan)
    outcome = save_hours(
        doctor_id=doctor.pk, stamp=form.cleaned_data["stamp"], plan=plan, preview=not save
    )
    if save and outcome.ok:
        return saved(request, doctor, outcome)
    return answered(request, doctor, (form, rows, breaks), outcome, plan)


def saved(request: FrontDeskRequest, doctor: Doctor, outcome: CalendarOutcome) -> HttpResponse:
    """303 to the overview, which lists what is left uncovered."""
    left = sum(v.doctor_id == doctor.pk for v in
               visits(clinic_id=request.clinic.id, ids=outcome.uncovered))  # fmt: skip
    messages.success(request, f"Saved the hours of {doctor.full_name}. {left_text(left)}",
                     extra_tags="saved")  # fmt: skip
    return see_other(desk_url(request, "hours"))


def see_other(url: str) -> HttpResponse:
    response = HttpResponse(status=303)
    response["Location"] = url
    return response


def left_text(count: int) -> str:
    """How many visits are left outside, in words."""
    if not count:
        return "No visit is left outside."
    return f"{count} visit{'s are' if count > 1 else ' is'} left outside: see below."


def answered(
    request: FrontDeskRequest, doctor: Doctor, forms: Any, outcome: CalendarOutcome, plan: Any
) -> HttpResponse:
    """The form with a preview, or with what stands against it."""
    if outcome.code in ("doctor_not_found", "day_not_found"):
        raise Http404
    if outcome.code == "not_allowed":
        raise PermissionDenied
    if not outcome.ok:
        more: dict[str, Any] = {"problem": WHY_NOT.get(outcome.code or "", outcome.message)}
        if outcome.code == "stale":
            more["stamp"] = hours_stamp(clinic_id=request.clinic.id, doctor_id=doctor.pk)
        form, rows, breaks = forms
        return form_page(request, doctor, form, rows, breaks, status=outcome.http_status, **more)
    listed = visits(clinic_id=request.clinic.id, ids=outcome.uncovered)
    form, rows, breaks = forms
    return form_page(
        request, doctor, form, rows, breaks, silent=True, preview=preview_of(request, outcome),
        uncovered=told(request, listed), previewed=digest(plan),
    )  # fmt: skip


def form_page(
    request: FrontDeskRequest, doctor: Doctor, form: Any, rows: Any, breaks: Any,
    status: int = 200, silent: bool = False, **more: Any,
) -> HttpResponse:  # fmt: skip
    """The page, with everything that was typed. silent shows no errors: nothing was asked yet."""
    today = today_of(request)
    changes = planned_changes(clinic_id=request.clinic.id, doctor_id=doctor.pk, day=today)
    context = {
        "nav": "hours", "doctor": doctor, "form": form, "rows": rows, "breaks": breaks,
        "title": f"{'Error: ' if status != 200 else ''}Hours of {doctor.full_name}",
        "errors": status == 422 and not silent and "problem" not in more,
        "others": [(day, desk_url(request, "doctor_hours", doctor.pk, **{"from": day.isoformat()}))
                   for day in changes],
        "stamp": form["stamp"].value(), "weekdays": SHORT.values(),
        **more,
    }  # fmt: skip
    return render(request, "booking/doctor_hours.html", context, status=status)


def preview_of(request: FrontDeskRequest, outcome: CalendarOutcome) -> list[Any]:
    """[(Monday, ISO week, [(day, text, slots, what was, changed)])], whole weeks."""
    if outcome.first is None or outcome.last is None:
        return []
    monday = outcome.first - timedelta(days=outcome.first.weekday())
    weeks = []
    while monday <= outcome.last:
        days = [monday + timedelta(days=n) for n in range(7)]
        cells = [
            cell(request, day, outcome.was.get(day), outcome.days.get(day))
            if outcome.first <= day <= outcome.last else (day, "", 0, 0, None)
            for day in days
        ]  # fmt: skip
        weeks.append((monday, monday.isocalendar().week, cells))
        monday += timedelta(days=7)
    return weeks


def cell(
    request: FrontDeskRequest, day: date, was: WorkingDay | None, now: WorkingDay | None
) -> tuple[date, str, int, int, bool]:
    spans = now.spans if now else []
    text = ", ".join(
        f"{local(request, a):%H:%M}{DASH}{local(request, b):%H:%M}" for a, b in spans
    )  # fmt: skip
    differs = spans != (was.spans if was else []) or (now and now.slots) != (was and was.slots)
    return day, text, now.slots if now else 0, was.slots if was else 0, differs


def told(request: FrontDeskRequest, rows: list[VisitRow]) -> list[tuple[str, VisitRow, str]]:
    """[(when, the visit, the address of its appointment)]"""
    return [
        (date_text(local(request, row.starts_at), "D j M Y, H:i"), row,
         desk_url(request, "appointment", row.id))
        for row in rows
    ]  # fmt: skip


def week_text(rows: list[WeekRow]) -> list[str]:
    """[Mon 09:00–12:00, 14:00–17:00], days of the same hours together."""
    days: dict[int, list[str]] = {}
    for row in rows:
        every = f" every {row.every_weeks} weeks" if row.every_weeks > 1 else ""
        days.setdefault(row.weekday, []).append(f"{row.starts:%H:%M}{DASH}{row.ends:%H:%M}{every}")
    lines: list[tuple[list[int], str]] = []
    for weekday, spans in days.items():
        text = ", ".join(spans)
        if lines and lines[-1][1] == text and lines[-1][0][-1] == weekday - 1:
            lines[-1][0].append(weekday)
        else:
            lines.append(([weekday], text))
    return [f"{run(on)} {text}" for on, text in lines]


def run(weekdays: list[int]) -> str:
    first, last = SHORT[weekdays[0]], SHORT[weekdays[-1]]
    return first if first == last else f"{first}{DASH}{last}"


def entry_text(request: FrontDeskRequest, entry: Any) -> str:
    """When leave, an extra session or closed days are."""
    if entry.kind == "leave":
        return span_words(local(request, entry.first), local(request, entry.last), "D j M Y")
    if entry.kind == "session":
        times = f"{entry.starts:%H:%M}{DASH}{entry.ends:%H:%M}"
        return f"{date_text(entry.first, 'D j M Y')}, {times}"
    return days_text(entry.first, entry.last)


def days_text(first: date, last: date) -> str:
    text = date_text(first, "D j M Y")
    return text if first == last else f"{text} to {date_text(last, 'D j M Y')}"


def new_entry_id() -> str:
    """The id of an entry to be, which is its key: the same form sent twice is one entry."""
    return fresh_key()
