"""Refusals as problem documents (RFC 9457), for whoever asks below /c/<clinic>/api/.

What a view refuses is written by it; what is refused before or after any view (no session, no
token, no such path, a busy database, a fault of ours) is put into the same form here.
"""

import re
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

API_PATH = re.compile(r"^/c/[^/]+/api/", re.DOTALL)
CONTENT_TYPE = "application/problem+json"
# A tag (RFC 4151): a name for the kind of problem, which no address has to keep.
TYPE = "tag:rowan.invalid,2026:"
KEPT = ("Retry-After", "Allow", "Vary", "Set-Cookie", "X-Request-Id")
SAID = {
    401: ("not_signed_in", "Sign in first: see the documentation of the API."),
    403: ("not_allowed", "You may not do this."),
    404: ("not_found", "There is nothing here, or nothing that you may see."),
    405: ("method_not_allowed", "Use one of the methods in Allow."),
    415: ("unsupported_charset", "Send it as UTF-8."),
    500: ("fault", "This is our fault, not yours. The reference is in instance."),
    503: ("busy", "Nothing was done, or it is not known. Ask again with the same key."),
}


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Sequence[dict[str, str]] = (),
    headers: dict[str, str] | None = None,
) -> HttpResponse:
    """A problem document. errors: [{pointer or parameter, detail}], one for each wrong value."""
    document: dict[str, Any] = {
        "type": TYPE + code,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if errors:
        document["errors"] = list(errors)
    response = JsonResponse(document, status=status, content_type=CONTENT_TYPE)
    for name, value in (headers or {}).items():
        response[name] = value
    return response


class ProblemMiddleware:
    """Makes every refusal below the API's address a problem document, with the request's id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        response = self.get_response(request)
        if not API_PATH.match(request.path_info):
            return response
        if response.get("Location", "").startswith(settings.LOGIN_URL):
            response = signed_out()
        elif response.status_code >= 400 and response.get("Content-Type") != CONTENT_TYPE:
            response = restated(response)
        response["Cache-Control"] = "no-store"
        return response


def signed_out() -> HttpResponse:
    """401 for what a browser is sent to the login page for: the API sends nobody anywhere."""
    headers = {"WWW-Authenticate": 'Session realm="rowan", login="/login/"'}
    return problem(401, *SAID[401], headers=headers)


def restated(response: HttpResponse) -> HttpResponse:
    """The same status, with the headers that a client needs, in place of a page."""
    status = response.status_code
    code, detail = SAID.get(status, ("bad_request", "The request could not be read."))
    code = getattr(response, "problem_code", code)
    if code == "csrf_failed":
        detail = "Send the csrftoken cookie in the X-CSRFToken header too, with a Referer of ours."
    headers = {name: response[name] for name in KEPT if name in response}
    return problem(status, code, detail, headers=headers)
