"""Calendars: the page on which addresses are made and revoked, and what an address shows."""

import hashlib
import json
import re
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_POST, require_safe

from booking.calendars import Visitor, fetch, make_feed, missed, revoke_feed, written
from booking.forms.find import CalendarForm
from booking.models import CalendarFeed
from booking.views.shell import FrontDeskRequest, desk_page, desk_url
from clinic.errors import NotAllowed, NotFound
from clinic.models import Doctor, Patient
from clinic.queries import own_doctors
from clinic.tenancy.middleware import UNSEEN, client_ip

OWNERS = ("patient", "doctor", "admin", "superadmin")
HEADS = ("admin", "superadmin")
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
# Nobody keeps what a secret address showed, and no page is told where it was.
HEADERS = {
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}


@require_safe
@transaction.non_atomic_requests
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The calendar. 404 for an address that is not there, whatever the reason; 429 for too much."""
    visitor = Visitor(
        ip=client_ip(request),
        user_agent=UNSEEN.sub(" ", request.META.get("HTTP_USER_AGENT", ""))[:300],
        request_id=request.request_id,  # type: ignore[attr-defined]
    )
    found = fetch(token, visitor) if TOKEN.fullmatch(token) else None
    if found is None:
        return refused(429, 900) if missed(visitor) else refused(404)
    if found["limited"]:
        return refused(429, 3600)
    # By what it says, not by when it was asked: a calendar in which nothing changed is not sent.
    etag = f'W/"{hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:32]}"'
    response = HttpResponse(written(found, now=timezone.now().replace(microsecond=0)))
    response["Content-Type"] = "text/calendar; charset=utf-8; method=PUBLISH"
    response["Content-Disposition"] = 'inline; filename="appointments.ics"'
    response["ETag"] = etag
    answer = get_conditional_response(request, etag=etag, response=response) or response
    return dressed(answer)


def refused(status: int, seconds: int = 0) -> HttpResponse:
    """A short answer that is the same for every address."""
    text = "There is no such calendar.\n" if status == 404 else "Ask again later.\n"
    response = HttpResponse(text, status=status, content_type="text/plain; charset=utf-8")
    if seconds:
        response["Retry-After"] = str(seconds)
    return dressed(response)


def dressed(response: HttpResponse) -> HttpResponse:
    for name, value in HEADERS.items():
        response[name] = value
    return response


@desk_page(*OWNERS)
def feeds(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """The live addresses that one may see. POST makes one, and shows it this once."""
    if request.method != "POST":
        return page(request)
    form = CalendarForm(request.POST)
    if not form.is_valid():
        return page(request, problem="Choose whose calendar it is.", status=422)
    try:
        token = make_feed(
            doctor_id=form.cleaned_data["doctor"], patient_id=form.cleaned_data["patient"]
        )
    except NotFound as error:
        raise Http404 from error
    except NotAllowed as error:
        raise PermissionDenied from error
    address = request.build_absolute_uri(reverse("calendar_feed", args=[token]))
    return page(request, made=address)


@require_POST
@desk_page(*OWNERS)
def revoke(request: FrontDeskRequest, clinic_code: str, pk: UUID) -> HttpResponse:
    """End an address; whoever fetches it gets 404 from now on."""
    try:
        revoke_feed(feed_id=pk)
    except NotFound as error:
        raise Http404 from error
    messages.success(request, "The address is revoked.", extra_tags="changed")
    response = HttpResponse(status=303)
    response["Location"] = desk_url(request, "calendar")
    return response


def page(
    request: FrontDeskRequest, *, made: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    """The page: what there is, for whom one may be made, and the one just made."""
    live = CalendarFeed.objects.filter(clinic_id=request.clinic.id, revoked_at=None)
    rows = live.order_by("doctor__full_name", "patient__full_name").values(
        "id", "doctor__full_name", "patient__full_name", "created_at", "last_fetched_at"
    )
    context: dict[str, Any] = {
        "nav": "calendar",
        "title": f"Error: {problem}" if problem else "Calendars", "rows": list(rows),
        "made": made, "problem": problem, "owners": owners(request),
        "heads": request.role in HEADS, "record": request.GET.get("record", ""),
    }  # fmt: skip
    return render(request, "booking/calendars.html", context, status=status)


def owners(request: FrontDeskRequest) -> list[tuple[str, UUID, str]]:
    """[(field, id, name)] of those for whom this person may make an address."""
    if request.role == "patient":
        own = Patient.objects.filter(clinic_id=request.clinic.id, deleted_at=None)
        return [("patient", *row) for row in own.values_list("id", "full_name")[:1]]
    doctors = Doctor.objects.filter(clinic_id=request.clinic.id, is_active=True, deleted_at=None)
    if request.role == "doctor":
        doctors = doctors.filter(id__in=own_doctors())
    found = [("doctor", *row) for row in doctors.values_list("id", "full_name")]
    record = request.GET.get("record", "").replace("\0", "").strip()[:50]
    if request.role in HEADS and record:
        named = Patient.objects.filter(
            clinic_id=request.clinic.id, patient_number=record, is_active=True, deleted_at=None
        )
        found += [("patient", *row) for row in named.values_list("id", "full_name")]
    return found
