"""Signing in and out, and choosing where to work."""

from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import login as start_session
from django.contrib.auth import logout as end_session
from django.contrib.auth.decorators import login_required
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    HttpResponseServerError,
)
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST
from django_htmx.http import HttpResponseClientRedirect

from clinic.auth import login_blocked
from clinic.errors import RowanError
from clinic.forms import EntryForm, LoginForm
from clinic.services import enter_clinic
from clinic.tenancy.membership import MembershipInfo, clinics_to_enter
from clinic.tenancy.middleware import client_ip

CHOOSER = "/clinics/"


@sensitive_post_parameters("password")
@never_cache
def login(request: Any) -> HttpResponse:
    """Who is it? Then on to where they were going, or to their clinic."""
    if request.htmx:  # a session that ended under an open page: the whole page must go
        return HttpResponseClientRedirect(f"{settings.LOGIN_URL}{came_from(request)}")
    if request.method != "POST":
        return render(request, "registration/login.html", {"next": request.GET.get("next", "")})
    if login_blocked(request.POST.get("email", "").replace("\0", ""), client_ip(request)):
        return too_many_tries(request)
    form = LoginForm(request.POST, request=request)
    if form.is_valid():
        start_session(request, form.user)
        return HttpResponseRedirect(safe_next(request))
    context = {"form": form, "next": request.POST.get("next", ""), "title": "Error: Sign in"}
    return render(request, "registration/login.html", context, status=422)


def came_from(request: Any) -> str:
    """?next= with the page that htmx was on, if its header is an address at all."""
    try:
        path = request.htmx.current_url_abs_path
    except ValueError:
        path = None
    return f"?next={path}" if path else ""


def safe_next(request: HttpRequest) -> str:
    """Where the form says to go next, if it is a place of ours."""
    target = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return target if ours and urlsplit(target).path != settings.LOGIN_URL else CHOOSER


def too_many_tries(request: HttpRequest) -> HttpResponse:
    """429, in the same shell."""
    return render(request, "429.html", {"title": "Too many tries"}, status=429)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 with the reference of the request. It asks the database nothing: that may be down."""
    reference = {"request_id": getattr(request, "request_id", "")}
    return HttpResponseServerError(render_to_string("500.html", reference))


@require_POST
def logout(request: HttpRequest) -> HttpResponse:
    """End the session and show the login page."""
    end_session(request)
    return HttpResponseRedirect(settings.LOGIN_URL)


@never_cache
@login_required
def clinics(request: Any) -> HttpResponse:
    """Choose a clinic, and a role in it when there are several; skipped when there is one way."""
    if request.method == "POST":
        return enter(request) if "reason" in request.POST else choose(request)
    page = "admin/" if request.GET.get("next") == "admin" else "schedule/"
    return chooser(request, page)


def chooser(request: Any, page: str, form: EntryForm | None = None) -> HttpResponse:
    """The page of clinics; form is what a superadmin filled in wrongly."""
    ways: list[MembershipInfo] = list(request.memberships)
    doors = clinics_to_enter(request.user.pk) if request.user.role == "superadmin" else []
    if len(ways) == 1 and len(ways[0].roles) == 1 and not doors:
        return HttpResponseRedirect(landing(ways[0].clinic.code, ways[0].roles[0], page))
    now = timezone.now()
    rows = [
        (way, f"{now.astimezone(ZoneInfo(way.clinic.timezone)):%H:%M}",
         landing(way.clinic.code, way.roles[0], page))
        for way in ways
    ]  # fmt: skip
    context = {"rows": rows, "doors": doors, "page": page, "form": form, "title": "Choose a clinic"}
    return render(request, "clinic/clinics.html", context, status=422 if form else 200)


def enter(request: Any) -> HttpResponse:
    """A superadmin goes into a clinic, says why, and it is on record there."""
    form = EntryForm(request.POST)
    page = "admin/" if request.POST.get("next") == "admin/" else "schedule/"
    if not form.is_valid():
        return chooser(request, page, form)
    code = form.cleaned_data["clinic"]
    try:
        enter_clinic(user_id=request.user.pk, code=code, reason=form.cleaned_data["reason"])
    except RowanError:
        return HttpResponseRedirect(CHOOSER)
    request.session["roles"] = {}
    request.session.cycle_key()
    return HttpResponseRedirect(f"/c/{code}/{page}")


def landing(code: str, role: str, page: str) -> str:
    """Where a clinic begins for a role: for a patient at their calendar, their one page."""
    return f"/c/{code}/{'calendar/' if role == 'patient' else page}"


def choose(request: Any) -> HttpResponse:
    """Remember the role chosen for one clinic and go there."""
    code, role = request.POST.get("clinic", ""), request.POST.get("role", "")
    way = next((w for w in request.memberships if w.clinic.code == code), None)
    if way is None or role not in way.roles:
        return HttpResponseRedirect(CHOOSER)
    roles = request.session.get("roles", {})
    request.session["roles"] = {**roles, str(way.clinic.id): role}
    request.session.cycle_key()
    page = "admin/" if request.POST.get("next") == "admin/" else "schedule/"
    return HttpResponseRedirect(landing(code, role, page))
