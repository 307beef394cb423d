"""Puts each request into its clinic, or into none."""

import logging
import random
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import set_script_prefix
from django.utils import timezone

from clinic.errors import Busy, Collision, in_short, translate
from clinic.tenancy.access import note_access, noting, record_after
from clinic.tenancy.context import Context, pushed
from clinic.tenancy.group import role_in
from clinic.tenancy.membership import MembershipInfo, memberships_of

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponse]
# Asked when the database may be gone: whoever is signed in does not matter.
PROBES = ("/healthz", "/readyz")
# Machines and patients come here with signatures and secret addresses: nobody is signed in.
UNSIGNED = ("/webhooks/", "/calendar/", "/offers/")
# Line breaks too: a path that were not recognised here would reach its view without a clinic.
CLINIC_PATH = re.compile(r"^/c/(?P<code>[^/]+)(?P<rest>/.*)$", re.DOTALL)
# A request that collided in the database runs again, whole, so many times.
RETRIES = 3
RAW = "/webhooks/"
UNSEEN = re.compile(r"[\x00-\x1f\x7f]+")


def client_ip(request: HttpRequest) -> str:
    """The client's address, or "": X-Forwarded-For counts only behind a proxy of ours."""
    address = request.META.get("REMOTE_ADDR", "")
    if address in settings.TRUSTED_PROXIES:
        address = request.META.get("HTTP_X_FORWARDED_FOR", address).rsplit(",", 1)[-1].strip()
    try:
        found = ip_address(address)
    except ValueError:  # whatever PostgreSQL could not read would make every write fail
        return ""
    return "" if getattr(found, "scope_id", None) else str(found)


class RequestIdMiddleware:
    """Gives every request an id that pages, logs and the audit trail share."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = str(uuid.uuid4())  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response


class Utf8Middleware:
    """Refuses other charsets: forms and queries may decode to text that nothing can keep.

    Webhooks are read as bytes.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        charset = (request.content_params or {}).get("charset", "utf-8")
        if charset.lower() not in ("utf-8", "utf8") and not request.path_info.startswith(RAW):
            return HttpResponse("Send it as UTF-8.\n", status=415, content_type="text/plain")
        return self.get_response(request)


@dataclass(frozen=True, slots=True)
class Entrance:
    """The clinic and role that one request runs in."""

    membership: MembershipInfo
    role: str


class TenantMiddleware:
    """Reads the clinic from the URL, the right to it from the database.

    Sets request.memberships for people who are signed in; request.clinic and request.role inside
    a clinic. Everything that needs the database before the clinic is known happens here, outside
    the request's transaction.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        request.clinic, request.role, request.memberships = None, "", ()
        try:
            return self._route(request)
        except (OperationalError, InterfaceError) as error:  # before any view
            logger.warning("busy: %s", in_short(error))
            request.user = AnonymousUser()  # the page shall not ask again
            return busy(request)

    def _route(self, request: Any) -> HttpResponse:
        if request.path_info in PROBES or request.path_info.startswith(UNSIGNED):
            return self.get_response(request)
        if request.user.is_authenticated:
            request.memberships = memberships_of(request.user.pk)
        path = CLINIC_PATH.match(request.path_info)
        if not path and not is_admin(request.path_info):
            return self.get_response(request)
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if path:
            return self._enter(request, path["code"], path["rest"])
        if len(request.memberships) != 1:
            return HttpResponseRedirect("/clinics/?next=admin")
        return self._serve(request, self._entrance(request, request.memberships[0]))

    def process_exception(self, request: Any, error: Exception) -> HttpResponse | None:
        """503 where trying again is right; the view's transaction is rolled back by now."""
        if isinstance(error, DatabaseError):
            error = translate(error)
        if not isinstance(error, Busy | OperationalError | InterfaceError):
            return None
        logger.warning("busy: %s", in_short(error))
        request.collided = isinstance(error, Collision)
        return busy(request)

    def _enter(self, request: Any, code: str, rest: str) -> HttpResponse:
        membership = next((m for m in request.memberships if m.clinic.code == code), None)
        if membership is None:
            raise Http404  # what any missing page gets: a foreign clinic's code tells nothing
        entrance = self._entrance(request, membership)
        if not is_admin(rest):
            return self._serve(request, entrance)
        # The admin knows nothing of clinics in URLs: it is mounted under the clinic's prefix.
        request.path_info = rest
        set_script_prefix(f"/c/{code}/")
        try:
            return self._serve(request, entrance)
        finally:
            set_script_prefix("/")

    def _entrance(self, request: Any, membership: MembershipInfo) -> Entrance:
        return Entrance(membership, role_in(request, membership))

    def _serve(self, request: Any, entrance: Entrance) -> HttpResponse:
        clinic = request.clinic = entrance.membership.clinic
        request.role = entrance.role
        context = Context(
            clinic_id=clinic.id,
            user_id=request.user.pk,
            role=entrance.role,
            read_only=request.method in ("GET", "HEAD", "OPTIONS"),
            # Why a superadmin is here stands on every entry of the trail that they cause.
            reason=entrance.membership.reason if entrance.role == "superadmin" else "",
            request_id=request.request_id,
            ip=client_ip(request),
            user_agent=UNSEEN.sub(" ", request.META.get("HTTP_USER_AGENT", ""))[:300],
        )
        zone = timezone.override(ZoneInfo(clinic.timezone))
        with pushed(context), zone, noting() as noted:
            response = self._answer(request, noted)
            if response.status_code == 403:
                place = {"method": request.method, "path": UNSEEN.sub(" ", request.path)[:300]}
                note_access("DENIED", "", detail=place)
            return self._recorded(request, response, context, noted)

    def _answer(self, request: Any, noted: Any) -> HttpResponse:
        """The view's answer; what collided was rolled back, and runs again, whole."""
        for tries in range(RETRIES + 1):
            request.collided = False
            response = self.get_response(request)
            if not request.collided or tries == RETRIES:
                break
            noted.clear()
            time.sleep(random.uniform(0.01, 0.05) * 2**tries)  # noqa: S311
        return response

    def _recorded(self, request: Any, response: Any, context: Context, noted: Any) -> HttpResponse:
        """The answer, once what it shows is on record; 503 instead when that cannot be."""
        try:
            record_after(context, noted)
        except DatabaseError as error:
            logger.warning("not on record, so not shown: %s", in_short(error))
            return busy(request)
        return response


def busy(request: HttpRequest) -> HttpResponse:
    """503: the same again in a moment."""
    response = render(request, "503.html", status=503)
    response["Retry-After"] = "2"
    return response


def is_admin(path: str) -> bool:
    return path == "/admin" or path.startswith("/admin/")
