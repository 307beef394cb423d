"""What the lists about patients share: their days, their search, whose a row is, taking it back."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.admin.actions import ask, each, few, report
from clinic.admin.base import ClinicScopedAdmin
from clinic.admin.forms import ReasonForm
from clinic.admin.grants import may_call, unreadable
from clinic.admin.patients import match_patients
from clinic.admin.scoped import ScopedInline
from clinic.queries import member_names, own_doctors, rows_to_take_back
from clinic.services import take_back

SPANS = {
    "today": (gettext_lazy("Today"), 0, 1),
    "week": (gettext_lazy("Past 7 days"), -6, 7),
    "month": (gettext_lazy("Past 30 days"), -29, 30),
    "year": (gettext_lazy("Past 12 months"), -364, 365),
    "all": (gettext_lazy("Any day"), None, None),
}


def doctors_of(request: Any) -> list[Any]:
    """Ids of the doctors that whoever asks is; asked once per request."""
    if not hasattr(request, "own_doctors"):
        request.own_doctors = own_doctors()
    found: list[Any] = request.own_doctors
    return found


def name_of(user_id: Any) -> str:
    """The name of somebody who works or worked here."""
    return member_names().get(user_id, "") if user_id else ""


class OfPatient(ClinicScopedAdmin):
    """Rows of patients: found by the patient, or by a number of their own."""

    # Columns that are looked up as they were typed, each through an index of its own.
    numbers: tuple[str, ...] = ()
    # The day that a new row is about, until somebody says otherwise.
    day_field = ""
    # Read beside the page's rows: joined, a big table is sorted whole before its page is cut off.
    shown_with: tuple[str, ...] = ("patient",)
    search_help_text = gettext_lazy("Name, date of birth or phone of the patient, or a number")
    actions = ["take_back"]
    # Counts beside the filters would read the whole table.
    show_facets = admin.ShowFacets.NEVER

    def get_queryset(self, request: Any) -> QuerySet:
        rows: QuerySet = super().get_queryset(request)
        return rows.prefetch_related(*(self._beside(request, name) for name in self.shown_with))

    def _beside(self, request: Any, name: str) -> Prefetch:
        """The clinic's rows that a key leads to, without what the role may not read."""
        model: Any = self.opts.get_field(name).related_model
        rows = model._default_manager.filter(clinic_id=request.clinic.id)
        return Prefetch(name, rows.defer(*unreadable(request.role, model._meta.concrete_fields)))

    def get_search_results(
        self, request: Any, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """By patient through the indexes on names, dates and phones; or by number."""
        term = search_term.strip()[:200]
        if not term:
            return queryset, False
        found = Q(patient_id__in=match_patients(request.clinic.id, term))
        for column in self.numbers:
            found |= Q(**{column: term}) | Q(**{column: term.upper()})
        return queryset.filter(found), False

    def get_changeform_initial_data(self, request: Any) -> dict[str, Any]:
        initial = super().get_changeform_initial_data(request)
        return {self.day_field: timezone.localdate(), **initial} if self.day_field else initial

    def has_take_back_permission(self, request: Any) -> bool:
        """Whether PostgreSQL would let the role take any row of the table back."""
        return may_call(request.role, "app.may_take_back(text)") and rows_to_take_back(
            role=request.role, table=self.opts.db_table
        )

    @admin.action(description=gettext_lazy("Take back"), permissions=["take_back"])
    def take_back(self, request: Any, queryset: QuerySet) -> HttpResponse | None:
        """With a reason; the rows stay, hidden, and the trail says why."""
        title = _("Take these back: nobody will see them any more")

        def work(row: Any, data: dict[str, Any]) -> None:
            take_back(table=self.opts.db_table, row_id=row.pk, reason=data["reason"])

        return asked(self, request, queryset, ReasonForm, work, action="take_back", title=title)


def asked(
    model_admin: Any,
    request: Any,
    queryset: QuerySet,
    form_class: type[forms.Form],
    work: Callable[[Any, dict[str, Any]], str | None],
    *,
    action: str,
    title: str,
) -> HttpResponse | None:
    """An action on a few rows: what has to be said first, then work(row, what was said) on each."""
    rows = few(model_admin, request, queryset)
    if rows is None:
        return None
    form = form_class(request.POST if "apply" in request.POST else None)
    if not form.is_valid():
        return ask(model_admin, request, rows, form, action=action, title=title)
    results = each(rows, model_admin.label, lambda row: work(row, form.cleaned_data))
    return report(model_admin, request, results, title=title)


class ByDoctor:
    """Written by a doctor: others of the role read it."""

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        allowed = bool(super().has_change_permission(request, obj))  # type: ignore[misc]
        return allowed and (obj is None or obj.doctor_id in doctors_of(request))


class ByDoctorAdmin(ByDoctor, OfPatient):
    group = "records"
    shown_with: tuple[str, ...] = ("patient", "doctor")

    def get_changeform_initial_data(self, request: Any) -> dict[str, Any]:
        """Doctors write in their own name."""
        initial = super().get_changeform_initial_data(request)
        mine = doctors_of(request)
        return {"doctor": mine[0], **initial} if mine else initial


class LookInline(ScopedInline):
    """Rows to look at, each with a link to its page; none on the page of a new row."""

    show_change_link = True
    of_stored = True

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False
