"""Actions on many rows: a page in between that says on which, and a report row by row."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db import DatabaseError, transaction
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from clinic.admin.errors import refusal
from clinic.errors import RowanError

# More than this is a job, not a click: every row is locked until the request ends.
LIMIT = 200
Action = TypeVar("Action", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Result:
    """One row's outcome: problem is None where it was done."""

    label: str
    problem: str | None = None


def needs(function: str) -> Callable[[Action], Action]:
    """Mark an action as one for roles that may execute this SQL function."""

    def mark(action: Action) -> Action:
        action.sql_function = function  # type: ignore[attr-defined]
        return action

    return mark


def each(
    rows: Iterable[Any], label: Callable[[Any], str], work: Callable[[Any], str | None]
) -> list[Result]:
    """Do work(row) for every row, each in its own savepoint; work returns a problem or None."""
    results = []
    for row in rows:
        try:
            with transaction.atomic():
                problem = work(row)
        except (DatabaseError, RowanError) as error:
            problem = refusal(error).message
        results.append(Result(label(row), problem))
    return results


def few(model_admin: Any, request: Any, queryset: Any) -> list[Any] | None:
    """The rows, or None with a message when there are too many for one request."""
    rows = list(queryset[: LIMIT + 1])
    if len(rows) <= LIMIT:
        return rows
    text = _("Choose %(limit)d at most; nothing was changed.") % {"limit": LIMIT}
    model_admin.message_user(request, text, messages.WARNING)
    return None


def ask(
    model_admin: Any, request: Any, rows: list[Any], form: forms.Form, *, action: str, title: str
) -> HttpResponse:
    """The page in between: which rows, and what has to be said."""
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "rows": [(row.pk, model_admin.label(row)) for row in rows],
        "form": form,
        "action": action,
        "checkbox": ACTION_CHECKBOX_NAME,
        "opts": model_admin.opts,
    }
    request.current_app = model_admin.admin_site.name
    status = 422 if form.errors else 200
    return TemplateResponse(request, "admin/ask.html", context, status=status)


def report(model_admin: Any, request: Any, results: list[Result], *, title: str) -> HttpResponse:
    """What became of each row."""
    failed = [result for result in results if result.problem]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": title,
        "results": results,
        "done": len(results) - len(failed),
        "failed": len(failed),
        "opts": model_admin.opts,
    }
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(request, "admin/report.html", context)
