"""The page behind a patient's link: a time, yes or no. No account, no name."""

from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.dateformat import format as date_text
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from booking.errors import TooManyTries
from booking.forms.waiting import LinkForm
from booking.services.waiting import LinkOffer, answer_by_link, offer_of_link
from clinic.tenancy.middleware import client_ip

ENDED = ("declined", "expired", "withdrawn")


# No cookie is asked for: the link itself is the secret that a forged form would need.
@csrf_exempt
@never_cache
@transaction.non_atomic_requests
def offer(request: HttpRequest, token: str) -> HttpResponse:
    """GET: the time and two buttons; looking changes nothing. POST: the answer.

    404 for whatever is no link of ours, 410 for an offer that has ended, 429 after ten wrong links.
    """
    token = token.replace("\x00", "?")  # no text of PostgreSQL's, and no link of ours
    try:
        found = offer_of_link(token=token, ip=client_ip(request))
    except TooManyTries:
        return page(request, None, 429)
    if found is None:
        return page(request, None, 404)
    if request.method != "POST":
        return page(request, found, 410 if found.status in ENDED else 200)
    return answered(request, token, found)


def answered(request: HttpRequest, token: str, found: LinkOffer) -> HttpResponse:
    """What came of the answer: the offer as it is now."""
    form, ip = LinkForm(request.POST), client_ip(request)
    if not form.is_valid():
        return page(request, found, 422)
    outcome = answer_by_link(token=token, ip=ip, answer=form.cleaned_data["answer"])
    now = offer_of_link(token=token, ip=ip)
    if outcome is None or now is None:
        return page(request, None, 404)
    if outcome.ok:
        return page(request, now, 200, said=True)
    return page(request, now, 410 if now.status in ENDED else 409, problem=outcome.message or "")


def page(
    request: HttpRequest,
    found: LinkOffer | None,
    status: int,
    problem: str = "",
    said: bool = False,
) -> HttpResponse:
    """The same shell for a link that is good, old or none at all."""
    context: dict[str, Any] = {
        "title": "A time for you", "status": status, "problem": problem, "said": said,
    }  # fmt: skip
    if found:
        zone = ZoneInfo(found.time_zone)
        starts, until = found.starts_at.astimezone(zone), found.expires_at.astimezone(zone)
        context |= {
            "offer": found,
            "day": date_text(starts, "l j F Y"),
            "time": f"{starts:%H:%M}",
            "until": date_text(until, "D j M, H:i"),
        }
    response = render(request, "booking/offer.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "no-referrer"
    return response
