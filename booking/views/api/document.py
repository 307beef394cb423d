"""GET openapi.json: the description that programs are made from."""

from functools import cache
from pathlib import Path

from django.http import HttpResponse

from booking.views.api.find import endpoint
from booking.views.shell import FrontDeskRequest

FILE = Path(__file__).resolve().parents[2] / "openapi.json"


@cache
def text() -> bytes:
    """The file as it is."""
    return FILE.read_bytes()


@endpoint("GET")
def openapi(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """The OpenAPI 3.1 document."""
    return HttpResponse(text(), content_type="application/vnd.oai.openapi+json;version=3.1")
