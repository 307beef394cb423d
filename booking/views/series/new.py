"""A new series: the rule, every date of it with a choice, and the booking of what was chosen."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.dateformat import format as date_text

from booking.forms.series import CHOOSE, WEEKDAYS, BookSeriesForm, RuleForm, chosen_times
from booking.queries.appointments import slot_detail
from booking.queries.doctors import bookable_doctors
from booking.queries.series import preview_series
from booking.services.series import SeriesOutcome, SeriesRule, book_series
from booking.views.patients import Option
from booking.views.series.rows import Row, Rows
from booking.views.shell import (
    STAFF,
    FrontDeskRequest,
    as_uuid,
    desk_page,
    desk_url,
    fresh_key,
    go,
    today_of,
    zone_of,
)
from booking.wording import TYPES, zone_text
from clinic.search import PatientRow, get_patient

USED = "This form has booked a series before, so it was not sent again. Nothing was booked now."
GONE = "Some of these dates are no longer free. Nothing was booked; your other choices are kept."


@desk_page(*STAFF)
def new(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """GET: the rule and its dates. POST: book what was chosen."""
    source = request.POST if request.method == "POST" else asked(request)
    pk = as_uuid(source.get("patient"))
    patient = get_patient(clinic_id=request.clinic.id, patient_id=pk) if pk else None
    if patient is None:
        raise Http404
    form = RuleForm(source, today=today_of(request))
    if not form.is_valid():
        return page(request, patient, form, status=422 if "at" in source else 200)
    if request.method == "POST":
        return create(request, patient, form)
    return page(request, patient, form)


def asked(request: FrontDeskRequest) -> QueryDict:
    """The query; on coming from a slot, a rule that begins with it."""
    if "at" in request.GET:
        return request.GET
    slot_id = as_uuid(request.GET.get("slot"))
    slot = slot_id and slot_detail(clinic_id=request.clinic.id, slot_id=slot_id)
    if not slot:
        raise Http404
    starts = slot.starts_at.astimezone(zone_of(request))
    query = request.GET.copy()
    query.update({
        "doctor": str(slot.doctor_id), "every": "1", "days": str(starts.isoweekday()),
        "from": f"{starts:%d/%m/%Y}", "at": f"{starts:%H:%M}", "end": "count", "count": "12",
    })  # fmt: skip
    return query


def create(request: FrontDeskRequest, patient: PatientRow, form: RuleForm) -> HttpResponse:
    """Book, or say date by date why not, with every choice kept."""
    chosen, common = chosen_times(request.POST), BookSeriesForm(request.POST)
    times = [at for at in (chosen or {}).values() if at]
    if chosen is None or not times or not common.is_valid():
        said = CHOOSE if common.is_valid() else first_error(common)
        return page(request, patient, form, chosen=chosen, problem=said, status=422)
    data = common.cleaned_data
    outcome = book_series(
        idempotency_key=data["idempotency_key"], patient_id=patient.id,
        doctor_id=form.cleaned_data["doctor"], rule=form.rule, starts=times,
        visit_reason=data["visit_reason"] or None, appointment_type=data["appointment_type"],
    )  # fmt: skip
    if outcome.ok:
        return booked(request, outcome)
    return refused(request, patient, form, chosen, outcome)


def booked(request: FrontDeskRequest, outcome: SeriesOutcome) -> HttpResponse:
    """On to the series."""
    count, numbers = len(outcome.appointments), [number for _, number, _ in outcome.appointments]
    span = numbers[0] if count == 1 else f"{numbers[0]} to {numbers[-1]}"
    said = f"{count} {'visit' if count == 1 else 'visits'} · {span}"
    messages.success(request, said, extra_tags="booked")
    return go(request, desk_url(request, "series", outcome.series_id))


def refused(
    request: FrontDeskRequest,
    patient: PatientRow,
    form: RuleForm,
    chosen: dict[int, datetime | None],
    outcome: SeriesOutcome,
) -> HttpResponse:
    if outcome.http_status == 404:
        raise Http404(outcome.message)
    against = {one.starts_at: one.code for one in outcome.conflicts}
    said = {"series_conflict": GONE, "idempotency_mismatch": USED}.get(outcome.code or "")
    return page(
        request, patient, form, chosen=chosen, against=against, fresh=True,
        problem=said or outcome.message or "", status=outcome.http_status,
    )  # fmt: skip


def first_error(form: Any) -> str:
    return str(next(iter(form.errors.values()))[0])


def page(
    request: FrontDeskRequest,
    patient: PatientRow,
    form: RuleForm,
    *,
    chosen: Mapping[int, datetime | None] | None = None,
    against: Mapping[datetime, str] | None = None,
    problem: Any = "",
    fresh: bool = False,
    status: int = 200,
) -> HttpResponse:
    """The rule, and below it its dates where it is one."""
    typed = request.POST if request.method == "POST" else {}
    doctors = bookable_doctors(clinic_id=request.clinic.id)
    source = cast(QueryDict, form.data)
    valid = form.is_valid()
    rows = Rows(request, chosen, against)
    found = dates(request, patient, form, doctors) if valid else []
    rows.beside(patient.id, [one.starts_at for one in found])
    drawn = rows.of_dates(found)
    key = typed.get("idempotency_key")
    context = {
        "nav": "schedule",
        "title": f"{'Error: ' if status >= 400 else ''}Repeat visits for {patient.full_name}",
        "patient": Option.of(patient),
        "doctors": doctors.items(),
        "form": form,
        "typed": source,
        "ticked": source.getlist("days"),
        "weekdays": [(str(number), name) for number, name in WEEKDAYS],
        "rows": drawn,
        "zones": rows.zones,
        "summary": summary(drawn),
        "rule": hidden(form) if valid else [],
        "zone": zone_text(request.clinic.timezone, found[0].starts_at) if found else "",
        "problem": problem,
        "types": TYPES.items(),
        "kind": typed.get("appointment_type", "follow-up"),
        "reason": typed.get("visit_reason", ""),
        "key": fresh_key() if fresh or not key else key,
        "action": desk_url(request, "series_new"),
    }
    return render(request, "booking/series_new.html", context, status=status)


def dates(
    request: FrontDeskRequest, patient: PatientRow, form: RuleForm, doctors: dict[UUID, str]
) -> list[Any]:
    """The dates of the rule; 404 for a doctor of another clinic."""
    if form.cleaned_data["doctor"] not in doctors:
        raise Http404
    return preview_series(
        patient_id=patient.id, doctor_id=form.cleaned_data["doctor"], rule=form.rule
    )


def hidden(form: RuleForm) -> list[tuple[str, str]]:
    """The rule as hidden fields: [(name, value)]."""
    names = ("patient", "doctor", "every", "at", "from", "end", "count", "until")
    pairs = [(name, form.data.get(name, "")) for name in names]
    return pairs + [("days", str(day)) for day in form.cleaned_data["days"]]


def summary(rows: list[Row]) -> str:
    """12 dates: 9 free, 3 not."""
    taken = sum(row.taken for row in rows)
    noun = "date" if len(rows) == 1 else "dates"
    return f"{len(rows)} {noun}: {len(rows) - taken} free, {taken} not" if rows else ""


def rule_text(rule: SeriesRule) -> str:
    """Every 2 weeks on Monday and Wednesday at 09:00, 12 times from 30 Nov 2026."""
    names = [name for number, name in WEEKDAYS if number in rule.weekdays]
    days = " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]
    every = "Every week" if rule.every == 1 else f"Every {rule.every} weeks"
    end = f"until {day_text(rule.until)}" if rule.until else f"{rule.occurrences} times"
    return f"{every} on {days} at {rule.at:%H:%M}, {end} from {day_text(rule.starts_on)}"


def day_text(day: date) -> str:
    return date_text(day, "j M Y")
