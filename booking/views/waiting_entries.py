"""One entry of the waiting list: made, changed, offered a time, taken off."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateformat import format as date_text
from django.views.decorators.http import require_POST

from booking.enums import OfferStatus
from booking.forms.waiting import PRIORITIES, WEEKDAYS, EntryForm, OfferForm, WishForm
from booking.queries.appointments import slot_detail
from booking.queries.doctors import bookable_doctors
from booking.queries.waiting import (
    Entry,
    fitting_slots,
    offers_of,
    waiting_entry,
)
from booking.services.waiting import (
    WaitingOutcome,
    change_entry,
    join_waiting_list,
    offer_by_hand,
    withdraw_entry,
)
from booking.views.patients import Option, options
from booking.views.shell import (
    STAFF,
    FrontDeskRequest,
    as_uuid,
    desk_page,
    desk_url,
    fresh_key,
    local,
    today_of,
)
from booking.views.waiting import (
    PARTS,
    RELOAD,
    list_page,
    see_other,
    since,
    stop_unless_answerable,
)
from booking.wording import TYPES, phone_text
from clinic.search import get_patient

AHEAD = 28  # how far a new entry looks


@desk_page(*STAFF)
def new_entry(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """GET: find the patient, then what they wait for. POST: onto the list."""
    source = request.POST if request.method == "POST" else request.GET
    pk = as_uuid(source.get("patient"))
    patient = get_patient(clinic_id=request.clinic.id, patient_id=pk) if pk else None
    if patient is None:
        if source.get("patient"):
            raise Http404
        return find_page(request)
    about = {"patient": Option.of(patient), "nav": "waiting", "title": "Add to waiting list"}
    if request.method != "POST":
        return entry_page(request, about, first_wish(request))
    form = WishForm(request.POST, doctors=doctors_of(request), today=today_of(request))
    if not form.is_valid():
        return entry_page(request, about, form, status=422)
    outcome = join_waiting_list(
        idempotency_key=form.cleaned_data["idempotency_key"], user_id=request.user.pk,
        clinic_id=request.clinic.id, patient_id=patient.id, wish=form.wish(),
    )  # fmt: skip
    if not outcome.ok:
        return entry_page(request, about, form, outcome=outcome)
    messages.success(request, f"{patient.full_name} is on the waiting list.", extra_tags="waits")
    return see_other(desk_url(request, "waiting_list"))


def find_page(request: FrontDeskRequest) -> HttpResponse:
    """Whom is it for? A search that keeps what is known of the wish."""
    query = request.GET.get("q", "")
    keep = {"slot": request.GET.get("slot", "")}
    found = options(request, query, None)
    context = {
        "nav": "waiting", "title": "Add to waiting list", "found": found, "kept": keep,
        "rows": [
            (one, desk_url(request, "new_waiting_entry", patient=one.id, **keep))
            for one in found.options
        ],
    }  # fmt: skip
    return render(request, "booking/waiting_find.html", context)


def doctors_of(request: FrontDeskRequest, found: Entry | None = None) -> list[tuple[UUID, str]]:
    """Whom somebody may wait for; the doctor of an entry stays, also one who has left."""
    doctors = bookable_doctors(clinic_id=request.clinic.id)
    if found and found.doctor_id:
        doctors.setdefault(found.doctor_id, found.doctor or "")
    return list(doctors.items())


def first_wish(request: FrontDeskRequest) -> WishForm:
    """What a new entry asks for until somebody says otherwise: ?slot= names doctor and day."""
    today, slot_id = today_of(request), as_uuid(request.GET.get("slot"))
    slot = slot_id and slot_detail(clinic_id=request.clinic.id, slot_id=slot_id)
    initial: dict[str, Any] = {
        "doctor": slot.doctor_id if slot else None,
        "appointment_type": "consultation", "day_part": "any", "priority": 3, "weekdays": [],
        "earliest": today, "latest": (slot.slot_date if slot else today) + timedelta(days=AHEAD),
    }  # fmt: skip
    return WishForm(initial=initial, doctors=doctors_of(request), today=today)


@desk_page(*STAFF)
def entry(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """One entry: GET what it asks for and which free times fit; POST changes it."""
    found, about = entry_of(request, pk)
    if request.method != "POST":
        return entry_page(request, about, wish_form(request, found))
    form = WishForm(request.POST, doctors=doctors_of(request, found), today=today_of(request))
    version = form.cleaned_data.get("version") if form.is_valid() else None
    if not form.is_valid() or version is None:
        return entry_page(request, about, form, status=422)
    outcome = change_entry(
        clinic_id=request.clinic.id, entry_id=pk, version=version, wish=form.wish()
    )
    if not outcome.ok:
        found, about = entry_of(request, pk)
        return entry_page(request, about, form, outcome=outcome)
    messages.success(request, f"Saved for {found.patient}.", extra_tags="changed")
    return see_other(desk_url(request, "waiting_list"))


def entry_of(request: FrontDeskRequest, pk: UUID) -> tuple[Entry, dict[str, Any]]:
    """The entry and what its page says of it; 404 for a missing one and for another clinic's."""
    found = waiting_entry(clinic_id=request.clinic.id, entry_id=pk)
    if found is None:
        raise Http404
    get_patient(clinic_id=request.clinic.id, patient_id=found.patient_id)  # goes on record
    born = date_text(found.born, "j M Y")
    phone = phone_text(found.phone, found.country)
    return found, {
        "nav": "waiting",
        "title": f"{found.patient} · Waiting list",
        "entry": found,
        "patient": Option(found.patient_id, found.patient, born, found.record, phone, ""),
        "since": since(request, found),
    }


def wish_form(request: FrontDeskRequest, found: Entry) -> WishForm:
    """The form as the entry is."""
    initial = {
        "doctor": found.doctor_id, "appointment_type": found.kind, "earliest": found.earliest,
        "latest": found.latest, "weekdays": found.weekdays, "day_part": found.day_part,
        "priority": found.priority, "note": found.note,
    }  # fmt: skip
    doctors = doctors_of(request, found)
    return WishForm(initial=initial, doctors=doctors, today=today_of(request))


def entry_page(
    request: FrontDeskRequest,
    about: dict[str, Any],
    form: WishForm,
    outcome: WaitingOutcome | None = None,
    status: int = 200,
) -> HttpResponse:
    """The form with everything that was typed, and beside it the free times that fit."""
    if outcome:
        stop_unless_answerable(outcome)
        status = outcome.http_status
    found: Entry | None = about.get("entry")
    context = {
        **about,
        "key": form.data.get("idempotency_key") or fresh_key(),
        "errors": form.errors,
        "problem": outcome.message if outcome else "",
        "values": {name: typed(form, name) for name in form.fields},
        "days": {str(day) for day in typed_days(form)},
        "doctors": [(str(pk), name) for pk, name in form.doctors],
        "types": TYPES.items(), "weekdays": [(str(n), word) for n, word in WEEKDAYS],
        "parts": PARTS.items(), "priorities": [(str(n), word) for n, word in PRIORITIES],
        "version": seen_version(form, found, outcome),
        "open": found is None or found.status == "waiting",
        "fitting": fitting(request, found),
        "offers": past_offers(request, found),
        "offer_key": fresh_key(),
    }  # fmt: skip
    if status >= 400:
        context["title"] = f"Error: {context['title']}"
    return render(request, "booking/waiting_entry.html", context, status=status)


def seen_version(form: WishForm, found: Entry | None, outcome: WaitingOutcome | None) -> Any:
    """What the page shows was seen: after a conflict the entry as it is now."""
    if found is None or outcome or not form.data.get("version"):
        return found and found.version
    return form.data["version"]


def typed(form: WishForm, name: str) -> str:
    """What a field shows: as it was typed, or the value so far."""
    value = form.data.get(name) if form.is_bound else form.initial.get(name)
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else str(value or "")


def typed_days(form: WishForm) -> list[Any]:
    """The days of the week that are ticked."""
    return form.data.getlist("weekdays") if form.is_bound else form.initial.get("weekdays", [])  # type: ignore[attr-defined]


def fitting(request: FrontDeskRequest, found: Entry | None) -> list[tuple[Any, str]]:
    """[(slot, when)]: free times that may be offered by hand."""
    if found is None or found.status != "waiting":
        return []
    slots = fitting_slots(clinic_id=request.clinic.id, entry=found, now=timezone.now())
    return [(s, date_text(local(request, s.starts_at), "D j M, H:i")) for s in slots]


def past_offers(request: FrontDeskRequest, found: Entry | None) -> list[tuple[str, str, str]]:
    """[(time, how it ended, when)] of what was offered before."""
    if found is None:
        return []
    rows = offers_of(clinic_id=request.clinic.id, entry_id=found.id)
    return [
        (
            f"{date_text(local(request, o.starts_at), 'D j M, H:i')} · {o.doctor}",
            str(OfferStatus(o.status).label),
            date_text(local(request, o.closed_at or o.made_at), "j M, H:i"),
        )
        for o in rows
    ]


@require_POST
@desk_page(*STAFF)
def withdraw(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """Off the list; what is on offer goes to the next."""
    found, about = entry_of(request, pk)
    form = EntryForm(request.POST)
    if not form.is_valid():
        return list_page(request, RELOAD, 422)
    outcome = withdraw_entry(entry_id=pk, version=form.cleaned_data["version"])
    if not outcome.ok:
        found, about = entry_of(request, pk)
        return entry_page(request, about, wish_form(request, found), outcome=outcome)
    messages.success(request, f"{found.patient} no longer waits.", extra_tags="withdrawn")
    return see_other(desk_url(request, "waiting_list"))


@require_POST
@desk_page(*STAFF)
def offer(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """Offer a chosen free time to somebody who waits."""
    found, about = entry_of(request, pk)
    form = OfferForm(request.POST)
    if not form.is_valid():
        return list_page(request, RELOAD, 422)
    outcome = offer_by_hand(
        idempotency_key=form.cleaned_data["idempotency_key"], entry_id=pk,
        slot_id=form.cleaned_data["slot"],
    )  # fmt: skip
    if not outcome.ok:
        found, about = entry_of(request, pk)
        return entry_page(request, about, wish_form(request, found), outcome=outcome)
    messages.success(request, f"Offered to {found.patient}.", extra_tags="offered")
    return see_other(desk_url(request, "waiting_list"))
