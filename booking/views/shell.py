"""What the front desk's views share: who may come in, and a page or only its changed part."""

import uuid
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache, wraps
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import get_script_prefix, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.dateformat import format as date_text
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRedirect, HttpResponseLocation

from clinic.tenancy.membership import ClinicInfo, MembershipInfo

STAFF = ("staff", "admin", "superadmin")
CARE = (*STAFF, "doctor", "nurse")

View = Callable[..., HttpResponse]


class FrontDeskRequest(HttpRequest):
    """A request inside a clinic, as TenantMiddleware and HtmxMiddleware leave it."""

    user: Any
    clinic: ClinicInfo
    role: str
    memberships: tuple[MembershipInfo, ...]
    htmx: Any


def desk_page(*roles: str) -> Callable[[View], View]:
    """Only these roles, never stored by a cache, and one answer per HX-Request."""

    def decorate(view: View) -> View:
        @wraps(view)
        @never_cache
        def guarded(request: FrontDeskRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.role not in roles:
                raise PermissionDenied
            response = view(request, *args, **kwargs)
            patch_vary_headers(response, ("HX-Request", "HX-Target"))
            return response

        return guarded

    return decorate


def may_book(request: FrontDeskRequest) -> bool:
    """Whether pages offer booking; the database decides again."""
    return request.role in STAFF


def zone_of(request: FrontDeskRequest) -> ZoneInfo:
    return ZoneInfo(request.clinic.timezone)


def today_of(request: FrontDeskRequest) -> date:
    return timezone.localdate(timezone=zone_of(request))


def fresh_key() -> str:
    """A new idempotency key: random, so that no two forms share one."""
    return str(uuid.uuid4())


def desk_url(request: FrontDeskRequest, name: str, *args: Any, **query: Any) -> str:
    """A front-desk address in this clinic, with the query parameters that have a value."""
    path = _path(get_script_prefix(), name, request.clinic.code, *args)
    pairs = {key: value for key, value in query.items() if value}
    return f"{path}?{urlencode(pairs)}" if pairs else path


@lru_cache(maxsize=4096)
def _path(prefix: str, name: str, *args: Any) -> str:
    """reverse() takes longer than the grid; prefix is what else it depends on."""
    return reverse(f"booking:{name}", args=args)


def as_uuid(text: str | None) -> UUID | None:
    """The id in a query parameter, or None for none and for nonsense."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def targets(request: FrontDeskRequest, element: str) -> bool:
    """Whether htmx asked for this part of the page alone."""
    return bool(request.htmx) and request.htmx.target == element


def go(request: FrontDeskRequest, url: str) -> HttpResponse:
    """On to url: 303, or htmx's own way so that the shell stays."""
    if request.htmx:
        return HttpResponseLocation(url, target="#grid", swap="innerHTML")
    response = HttpResponse(status=303)
    response["Location"] = url
    return response


def leave(request: FrontDeskRequest, url: str) -> HttpResponse:
    """On to a page that is not the schedule: 303, or a new page for htmx."""
    if request.htmx:
        return HttpResponseClientRedirect(url)
    return go(request, url)


def fragment(
    request: FrontDeskRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """One part of a page with its title and any messages."""
    context = {**context, "part": template}
    return render(request, "booking/_fragment.html", context, status=status)


def local(request: FrontDeskRequest, at: datetime) -> datetime:
    """An instant on the clinic's wall clock."""
    return at.astimezone(zone_of(request))


def when(request: FrontDeskRequest, at: datetime, day: date) -> str:
    """11:45, or Tue 24 Nov 09:15 on another day than the one looked at."""
    here = local(request, at)
    return date_text(here, "H:i" if here.date() == day else "D j M H:i")
