"""Pages of the front desk, shown from below the admin's prefix."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import get_script_prefix, set_script_prefix
from django.views.csrf import csrf_failure as django_csrf_failure


@contextmanager
def front_desk_links() -> Iterator[None]:
    """Their links name the clinic themselves: without this it would stand there twice."""
    prefix = get_script_prefix()
    set_script_prefix("/")
    try:
        yield
    finally:
        set_script_prefix(prefix)


def error_page(request: HttpRequest, status: int, **context: Any) -> HttpResponse:
    """The site's own page for a status; what the request has written so far is taken back."""
    if connection.in_atomic_block:
        transaction.set_rollback(True)
    with front_desk_links():
        return render(request, f"{status}.html", context, status=status)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's view for a form without its token, which is asked below the admin's prefix too."""
    with front_desk_links():
        response = django_csrf_failure(request, reason)
    response.problem_code = "csrf_failed"  # type: ignore[attr-defined]  # for clinic.problems
    return response
