"""Visits that repeat: to look at. They are booked and changed at the front desk."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from booking.admin.appointments import status_tag
from booking.models import Appointment, AppointmentSeries
from clinic.admin.care import SPANS, LookInline, OfPatient
from clinic.admin.filters import EnumFilter, ScopedFilter, days_filter


class VisitInline(LookInline):
    """The visits of the series, in its order."""

    model = Appointment
    fields = ["series_position", "starts_at", "doctor", "appointment_number", "status_word"]
    list_select_related = ["doctor"]
    ordering = ["series_position"]
    verbose_name_plural = gettext_lazy("visits")

    @admin.display(description=gettext_lazy("status"))
    def status_word(self, obj: Appointment) -> str:
        return status_tag(obj)

    def get_queryset(self, request: Any) -> QuerySet:
        rows: QuerySet = super().get_queryset(request)
        return rows.filter(deleted_at=None)


@admin.register(AppointmentSeries)
class SeriesAdmin(OfPatient):
    group = "appointments"
    group_order = 2
    list_display = ["created_at", "patient", "doctor", "appointment_type", "rule"]
    list_filter = [
        days_filter("created_at", SPANS, default="month"),
        ("doctor", ScopedFilter),
        ("appointment_type", EnumFilter),
    ]
    shown_with = ("patient", "doctor")
    ordering = ["-created_at", "-id"]
    search_fields = ["id"]
    search_help_text = gettext_lazy("Name, date of birth or phone of the patient")
    actions: list[Any] = []
    inlines = [VisitInline]
    fieldsets = [
        (None, {"fields": ["patient", "doctor", "appointment_type", "visit_reason"]}),
        (
            gettext_lazy("As booked"),
            {"fields": ["rule", "starts_on", "wall_time", "created_at", "created_by"]},
        ),
    ]  # fmt: skip

    @admin.display(description=gettext_lazy("rule"))
    def rule(self, obj: AppointmentSeries) -> str:
        return obj.rrule

    def front_desk_path(self, obj: AppointmentSeries) -> str:
        return f"series/{obj.pk}/"
