"""Who waits, day by day, and video visits."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from booking.admin.appointments import AppointmentAdmin
from booking.models import QueueEntry, QueueManagement, TelemedicineSession
from clinic.admin.base import ClinicScopedAdmin
from clinic.admin.care import ByDoctor, LookInline, OfPatient
from clinic.admin.filters import EnumFilter, ScopedFilter, days_filter
from clinic.admin.patients import match_patients

SPANS = {
    "today": (gettext_lazy("Today"), 0, 1),
    "week": (gettext_lazy("Past 7 days"), -6, 7),
    "month": (gettext_lazy("Past 30 days"), -29, 30),
    "all": (gettext_lazy("Any day"), None, None),
}
VISITS = {
    "today": (gettext_lazy("Today"), 0, 1),
    "week": (gettext_lazy("Next 7 days"), 0, 7),
    "past": (gettext_lazy("Past 7 days"), -7, 7),
    "all": (gettext_lazy("Any day"), None, None),
}
# When a place in the line got to each state.
TIMES = {"called": "called_at", "serving": "served_at", "completed": "finished_at",
         "cancelled": "finished_at"}  # fmt: skip


@admin.register(QueueManagement)
class QueueDayAdmin(ClinicScopedAdmin):
    group = "appointments"
    group_order = 4
    list_display = ["queue_date", "current_number", "last_called_number", "total_waiting",
                    "average_wait_time_minutes"]  # fmt: skip
    list_filter = [days_filter("queue_date", SPANS, default="month", dates=True)]
    ordering = ["-queue_date"]
    insert_only = ("queue_date",)
    fieldsets = [
        (
            None,
            {"fields": ["queue_date", "current_number", "last_called_number", "total_waiting",
                        "average_wait_time_minutes"]},
        )
    ]  # fmt: skip


@admin.register(QueueEntry)
class QueueEntryAdmin(OfPatient):
    day_field = "queue_date"
    group = "appointments"
    group_order = 3
    list_display = ["queue_date", "ticket_number", "patient", "doctor", "status", "priority",
                    "arrived_at"]  # fmt: skip
    list_filter = [
        days_filter("queue_date", SPANS, default="today", dates=True),
        ("status", EnumFilter),
        ("doctor", ScopedFilter),
    ]
    shown_with = ("patient", "doctor")
    ordering = ["-queue_date", "ticket_number"]
    search_fields = ["ticket_number"]
    search_help_text = gettext_lazy("Name of the patient, or one of today's tickets")
    actions: list[Any] = []
    autocomplete_fields = ["patient", "appointment", "doctor"]
    insert_only = ("patient", "appointment", "queue_date", "ticket_number")
    fieldsets = [
        (
            None,
            {"fields": ["queue_date", "ticket_number", "patient", "appointment", "doctor",
                        "status", "priority"]},
        ),
        (gettext_lazy("When"), {"fields": ["arrived_at", "called", "served", "finished"]}),
    ]  # fmt: skip

    @admin.display(description=gettext_lazy("called"))
    def called(self, obj: QueueEntry) -> Any:
        return obj.called_at

    @admin.display(description=gettext_lazy("served"))
    def served(self, obj: QueueEntry) -> Any:
        return obj.served_at

    @admin.display(description=gettext_lazy("finished"))
    def finished(self, obj: QueueEntry) -> Any:
        return obj.finished_at

    def get_search_results(
        self, request: Any, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        term = search_term.strip()[:200]
        if not term:
            return queryset, False
        today = Q(queue_date=timezone.localdate(), ticket_number=term.upper())
        found = match_patients(request.clinic.id, term)
        return queryset.filter(today | Q(patient_id__in=found)), False

    def save_model(self, request: Any, obj: QueueEntry, form: Any, change: bool) -> None:
        """A new state keeps its time."""
        column = TIMES.get(str(obj.status))
        if change and column and "status" in form.changed_data:
            setattr(obj, column, timezone.now())
            form.changed_data.append(column)
        super().save_model(request, obj, form, change)


@admin.register(TelemedicineSession)
class VideoAdmin(ByDoctor, OfPatient):
    """Made with its token by the booking of a video visit, so not added here."""

    group = "appointments"
    group_order = 5
    list_display = ["scheduled_start", "patient", "doctor", "status", "duration_minutes"]
    list_filter = [
        days_filter("scheduled_start", VISITS, default="week"),
        ("status", EnumFilter),
        ("doctor", ScopedFilter),
    ]
    shown_with = ("patient", "doctor")
    ordering = ["-scheduled_start", "-id"]
    search_fields = ["id"]
    search_help_text = gettext_lazy("Name, date of birth or phone of the patient")
    actions: list[Any] = []
    fieldsets = [
        (
            None,
            {"fields": ["scheduled_start", "scheduled_end", "patient", "doctor", "appointment",
                        "status", "room_url"]},
        ),
        (
            gettext_lazy("How it went"),
            {"fields": ["actual_start", "actual_end", "duration_minutes", "patient_joined_at",
                        "patient_left_at", "doctor_joined_at", "doctor_left_at",
                        "connection_drops", "technical_issues"]},
        ),
        (
            gettext_lazy("After it"),
            {"fields": ["doctor_notes", "patient_rating", "patient_feedback", "recording_enabled",
                        "recording_url"]},
        ),
    ]  # fmt: skip

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        """Without what the role may not read: a doctor's notes are not for the desk."""
        readable = self.grants(request).select
        kept = []
        for title, options in super().get_fieldsets(request, obj):
            columns = {name: self.opts.get_field(name).column for name in options["fields"]}
            shown = [name for name, column in columns.items() if column in readable]
            kept.append((title, {**options, "fields": shown}))
        return kept


class QueueInline(LookInline):
    """The appointment's place in the line."""

    model = QueueEntry
    fields = ["ticket_number", "status", "priority", "arrived_at", "called_at", "served_at"]
    ordering = ["arrived_at"]


AppointmentAdmin.inlines = [*AppointmentAdmin.inlines, QueueInline]
