"""The waiting list: who waits, what is on offer, and how well freed times are filled."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateformat import format as date_text
from django.views.decorators.http import require_POST

from booking.enums import DayPart
from booking.forms.waiting import PRIORITIES, WEEKDAYS, AnswerForm
from booking.queries.waiting import SHOWN, Entry, Offer, fill_rate, open_offers, waiting
from booking.services.waiting import WaitingOutcome, answer_offer, offer_tokens
from booking.views.shell import (
    STAFF,
    FrontDeskRequest,
    desk_page,
    desk_url,
    fresh_key,
    local,
    today_of,
)
from booking.wording import DASH, phone_text, time_left, type_word, zone_text

DAYS = 30  # that the fill rate is of
PARTS = dict(DayPart.choices)
RELOAD = "This page was out of date. Nothing was changed; try again."
SENT = {"sms": "SMS", "whatsapp": "WhatsApp", "email": "E-mail", "in_app": "In the app"}


@desk_page(*STAFF)
def waiting_list(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """Open offers, then everybody who waits, as they are ranked."""
    return list_page(request)


def list_page(request: FrontDeskRequest, problem: str = "", status: int = 200) -> HttpResponse:
    """The page of the list, with why nothing was done."""
    now, clinic_id = timezone.now(), request.clinic.id
    entries, offers = waiting(clinic_id=clinic_id), open_offers(clinic_id=clinic_id)
    tokens = offer_tokens(offer_ids=[offer.id for offer in offers])
    context = {
        "nav": "waiting",
        "title": "Error: Waiting list" if problem else "Waiting list",
        "zone": zone_text(request.clinic.timezone, now),
        "problem": problem,
        "offers": [offer_row(request, one, tokens.get(one.id)) for one in offers],
        "rows": [(n, one, wish_of(one), since(request, one)) for n, one in enumerate(entries, 1)],
        "more": len(entries) == SHOWN,
        "fill": fill_rate(start=now - timedelta(days=DAYS), end=now),
        "days": DAYS,
        "priorities": dict(PRIORITIES),
    }
    return render(request, "booking/waiting.html", context, status=status)


def offer_row(request: FrontDeskRequest, offer: Offer, token: str | None) -> dict[str, Any]:
    """An open offer with what is left of its time, how the patient is told, and their page."""
    left = (offer.expires_at - timezone.now()).total_seconds()
    return {
        "offer": offer,
        "at": date_text(local(request, offer.starts_at), "D j M, H:i"),
        "until": f"{local(request, offer.expires_at):%H:%M}",
        "left": time_left(left),
        "over": left <= 0,
        "told": told(request, offer),
        "link": f"/offers/{token}/" if token else "",
        "key": fresh_key(),
    }


def told(request: FrontDeskRequest, offer: Offer) -> str:
    """SMS at 11:03; whoever agreed to no messages is called."""
    if offer.channel and offer.told_at:
        return f"{SENT.get(offer.channel, offer.channel)} at {local(request, offer.told_at):%H:%M}"
    phone = phone_text(offer.phone, offer.country)
    return f"No messages: call {phone}" if phone else "No messages, no phone number"


def wish_of(entry: Entry) -> str:
    """Dr Berg · Consultation · 24 Nov–5 Dec · Mon, Tue · Morning"""
    days = ", ".join(str(word) for day, word in WEEKDAYS if day in entry.weekdays)
    span = f"{date_text(entry.earliest, 'j M')}{DASH}{date_text(entry.latest, 'j M')}"
    part = PARTS[entry.day_part] if entry.day_part != "any" else ""
    parts = (entry.doctor or "Any doctor", type_word(entry.kind), span, days, part)
    return " · ".join(filter(None, parts))


def since(request: FrontDeskRequest, entry: Entry) -> str:
    """today, 1 day, 12 days"""
    days = (today_of(request) - local(request, entry.since).date()).days
    return "today" if days < 1 else f"{days} day{'s' if days > 1 else ''}"


@require_POST
@desk_page(*STAFF)
def answer(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """What the patient said on the phone: the time is booked, or goes to the next."""
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return list_page(request, RELOAD, 422)
    outcome = answer_offer(
        idempotency_key=form.cleaned_data["idempotency_key"], offer_id=pk,
        answer=form.cleaned_data["answer"],
    )  # fmt: skip
    stop_unless_answerable(outcome)
    if not outcome.ok:
        return list_page(request, outcome.message or "", outcome.http_status)
    if outcome.appointment_number:
        messages.success(request, outcome.appointment_number, extra_tags="booked")
    else:
        messages.success(request, "Declined. The time goes to the next.", extra_tags="declined")
    return see_other(desk_url(request, "waiting_list"))


def stop_unless_answerable(outcome: WaitingOutcome) -> None:
    """404 and 403 are pages of their own."""
    if outcome.code in ("entry_not_found", "offer_not_found", "patient_not_found"):
        raise Http404(outcome.message)
    if outcome.code == "not_allowed":
        raise PermissionDenied(outcome.message)


def see_other(url: str) -> HttpResponse:
    response = HttpResponse(status=303)
    response["Location"] = url
    return response
