"""Pages that only tests have: they read, fail in every way there is, and say what they saw."""

from typing import Any

from django.db import DatabaseError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from clinic.models import Patient
from config.urls import urlpatterns as site

SEEN = "select pg_backend_pid(), app.current_clinic_id(), app.current_user_id(), current_user::text"


def seen(request: Any) -> dict[str, Any]:
    """Everything that the database lets this request see, whoever it asks for."""
    with connection.cursor() as cursor:
        cursor.execute(SEEN)
        pid, clinic, user, role = cursor.fetchone()
    patients = sorted(str(pk) for pk in Patient.objects.values_list("pk", flat=True))
    asked = str(request.clinic.id) if request.clinic else ""
    return {"pid": pid, "clinic": str(clinic), "user": str(user), "role": role,
            "patients": patients, "asked": asked}  # fmt: skip


@csrf_exempt
def read(request: HttpRequest, clinic_code: str) -> JsonResponse:
    return JsonResponse(seen(request))


def raise_error(request: HttpRequest, clinic_code: str) -> JsonResponse:
    raise RuntimeError(seen(request))


def not_found(request: HttpRequest, clinic_code: str) -> JsonResponse:
    raise Http404(seen(request))


def database_error(request: HttpRequest, clinic_code: str) -> JsonResponse:
    seen(request)
    with connection.cursor() as cursor:
        cursor.execute("select 1 / 0")
    return JsonResponse({})


def recovered(request: HttpRequest, clinic_code: str) -> JsonResponse:
    """An error in a savepoint, then on with the same transaction."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select * from app.context_keys")
    except DatabaseError:
        return JsonResponse(seen(request))
    raise AssertionError("the keys can be read")


@csrf_exempt
def write(request: HttpRequest, clinic_code: str) -> JsonResponse:
    """Writes, then fails: nothing of it may stay."""
    Patient.objects.update(notes=f"by {request.method}")
    raise RuntimeError("after writing")


@csrf_exempt
def save(request: HttpRequest, clinic_code: str) -> JsonResponse:
    return JsonResponse({"count": Patient.objects.update(notes="saved")})


def zone(request: HttpRequest, clinic_code: str) -> HttpResponse:
    return HttpResponse(timezone.get_current_timezone_name())


def outside(request: HttpRequest) -> JsonResponse:
    """A page of no clinic."""
    try:
        with transaction.atomic():
            count = Patient.objects.count()
    except DatabaseError as error:
        return JsonResponse({"refused": str(error).splitlines()[0]})
    return JsonResponse({"count": count})


VIEWS = {"read": read, "raise": raise_error, "missing": not_found, "error": database_error,
         "recovered": recovered, "write": write, "save": save, "zone": zone}  # fmt: skip
urlpatterns: list[Any] = [
    path(f"c/<str:clinic_code>/{name}/", view) for name, view in VIEWS.items()
]
urlpatterns += [path("outside/", outside), *site]
