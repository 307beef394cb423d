"""Absences: recorded and worked through at the desk, looked at here."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.translation import gettext_lazy

from booking.admin.slots import doctors_named
from booking.models import Absence, AbsenceRow, AbsenceRun
from clinic.admin.base import ClinicScopedAdmin
from clinic.admin.care import LookInline
from clinic.admin.filters import EnumFilter, ScopedFilter, days_filter

SPANS = {
    "month": (gettext_lazy("Past and next 30 days"), -30, 60),
    "ahead": (gettext_lazy("From today"), 0, None),
    "all": (gettext_lazy("Any day"), None, None),
}


class RowInline(LookInline):
    model = AbsenceRow
    show_change_link = False
    fields = ["from_starts_at", "appointment", "state", "choice", "handled_at", "held_until"]
    ordering = ["from_starts_at", "id"]


class RunInline(LookInline):
    model = AbsenceRun
    show_change_link = False
    fields = ["created_at", "action", "messages_due_at"]
    ordering = ["created_at", "id"]


@admin.register(Absence)
class AbsenceAdmin(ClinicScopedAdmin):
    """What came of a doctor's absence. The link leads to the page where it is worked through."""

    group = "appointments"
    show_facets = admin.ShowFacets.NEVER
    group_order = 7
    list_display = ["starts_at", "ends_at", "doctor", "reason", "undone_at"]
    list_filter = [
        days_filter("starts_at", SPANS, default="all"),
        ("reason", EnumFilter),
        ("doctor", ScopedFilter),
    ]
    list_select_related = ["doctor"]
    ordering = ["-starts_at", "-id"]
    search_fields = ["doctor__full_name"]
    search_help_text = gettext_lazy("Name of the doctor")
    inlines = [RowInline, RunInline]
    fieldsets = [
        (None, {"fields": ["doctor", "starts_at", "ends_at", "reason", "note", "page"]}),
        (gettext_lazy("How it stands"), {"fields": ["created_at", "undo_until", "undone_at"]}),
    ]

    @admin.display(description=gettext_lazy("front desk"))
    def page(self, obj: Absence) -> str:
        link = f"/c/{obj.clinic.code}/absences/{obj.pk}/"
        return format_html('<a href="{}">{}</a>', link, gettext_lazy("Work through it"))

    def get_search_results(
        self, request: Any, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        words = search_term.split()[:10]
        if not words:
            return queryset, False
        return queryset.filter(doctor_id__in=doctors_named(request.clinic.id, words)), False
