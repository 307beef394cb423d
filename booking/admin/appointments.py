"""Appointments: booked and cancelled through the services, corrected where the grants allow."""

import uuid
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateformat import format as date_text
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import Appointment
from booking.services.appointments import book_appointment, cancel_appointment
from booking.wording import status_of
from clinic.admin.actions import ask, each, few, needs, report
from clinic.admin.base import ClinicScopedAdmin
from clinic.admin.errors import RefusedError
from clinic.admin.filters import EnumFilter, ScopedFilter, days_filter
from clinic.admin.forms import ClinicModelForm, ReasonForm
from clinic.admin.grants import may_call
from clinic.admin.patients import PatientAdmin, match_patients
from clinic.admin.scoped import ScopedInline

BOOK = "booking.create_booking(text, uuid, uuid, uuid, uuid, text, text, uuid)"
CANCEL = "booking.cancel_booking(text, uuid, text, int, text)"
SPANS = {
    "today": (gettext_lazy("Today"), 0, 1),
    "tomorrow": (gettext_lazy("Tomorrow"), 1, 1),
    "week": (gettext_lazy("Next 7 days"), 0, 7),
    "past": (gettext_lazy("Past 7 days"), -7, 7),
    "all": (gettext_lazy("Any day"), None, None),
}


def new_key() -> str:
    return str(uuid.uuid4())


class BookingForm(ClinicModelForm):
    """A patient and a free time, and for what. key makes a repeated submit the same booking."""

    key = forms.CharField(widget=forms.HiddenInput, initial=new_key, max_length=100)

    class Meta:
        model = Appointment
        fields = ["patient", "slot", "service", "appointment_type", "visit_reason"]
        help_texts: ClassVar = {
            "service": gettext_lazy(
                "The visit lasts as long as it, has its type, and keeps its room and equipment."
            )
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slot"].required = True
        service: Any = self.fields["service"]
        service.queryset = service.queryset.filter(is_active=True)


class CancelForm(ReasonForm):
    key = forms.CharField(widget=forms.HiddenInput, initial=new_key, max_length=100)


def status_tag(appointment: Appointment) -> str:
    """The word of the front desk, in its colour."""
    status = status_of(str(appointment.status), bool(appointment.checked_in_at))
    return format_html('<span class="tag s-{}">{}</span>', status.tone, status.word)


@admin.register(Appointment)
class AppointmentAdmin(ClinicScopedAdmin):
    group = "appointments"
    group_order = 1
    list_display = ["starts_at", "patient", "doctor", "appointment_type", "status_word", "video"]
    list_filter = [
        days_filter("starts_at", SPANS, default="week"),
        ("status", EnumFilter),
        ("doctor", ScopedFilter),
        ("appointment_type", EnumFilter),
        "is_telemedicine",
    ]
    list_select_related = ["patient", "doctor"]
    date_hierarchy = "starts_at"
    ordering = ["starts_at", "id"]
    search_fields = ["appointment_number"]
    search_help_text = gettext_lazy("Name, date of birth or phone of the patient, or a number")
    actions = ["cancel"]
    autocomplete_fields = ["patient", "slot"]
    add_form = BookingForm
    add_fieldsets = [
        (
            None,
            {"fields": ["patient", "slot", "service", "appointment_type", "visit_reason", "key"]},
        )
    ]
    fieldsets = [
        (
            None,
            {"fields": ["starts_at", "ends_at", "patient", "doctor", "appointment_number",
                        "status_word"]},
        ),
        (
            gettext_lazy("Visit"),
            {"fields": ["service", "appointment_type", "visit_reason", "internal_notes"]},
        ),
        (gettext_lazy("Video"), {"fields": ["is_telemedicine", "telemedicine_link"]}),
        (
            gettext_lazy("How it came and went"),
            {"fields": ["source", "booked_by", "checked_in_at", "cancelled_at", "cancelled_by",
                        "cancellation_reason", "rescheduled_from"]},
        ),
    ]  # fmt: skip

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_word(self, obj: Appointment) -> str:
        return status_tag(obj)

    @admin.display(description=gettext_lazy("video"))
    def video(self, obj: Appointment) -> str:
        return _("Video") if obj.is_telemedicine else ""

    def get_ordering(self, request: Any) -> Any:
        """What is to come in its order; what was, latest first."""
        past = request.GET.get("q") or request.GET.get("when") in ("past", "all")
        return ["-starts_at", "-id"] if past else ["starts_at", "id"]

    def saved_views(self, request: Any) -> list[tuple[Any, str]]:
        year = timezone.localdate().year
        return [
            (_("Today"), "?when=today"),
            (_("Unconfirmed tomorrow"), "?status__exact=scheduled&when=tomorrow"),
            (_("Video, next 7 days"), "?is_telemedicine__exact=1&when=week"),
            (_("Did not attend, past 7 days"), "?status__exact=no_show&when=past"),
            *((str(y), f"?starts_at__year={y}") for y in (year - 1, year, year + 1)),
        ]

    def label(self, obj: Appointment) -> str:
        start = date_text(timezone.localtime(obj.starts_at), "D j M Y, H:i")
        return f"{start} · {obj.patient.full_name} · {obj.appointment_number}"

    def front_desk_path(self, obj: Appointment) -> str:
        return f"schedule/{obj.appointment_date}/?sel={obj.pk}"

    # Nobody is granted INSERT: who may call the booking function may add.
    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return may_call(request.role, BOOK)

    def editable(self, request: Any, name: str, obj: Any) -> bool:
        return obj is None or super().editable(request, name, obj)

    def save_model(self, request: Any, obj: Appointment, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        data = form.cleaned_data
        outcome = book_appointment(
            idempotency_key=data["key"],
            user_id=request.user.pk,
            clinic_id=request.clinic.id,
            slot_id=data["slot"].pk,
            patient_id=data["patient"].pk,
            visit_reason=data["visit_reason"],
            appointment_type=data["appointment_type"],
            service_id=data["service"] and data["service"].pk,
        )
        if not outcome.ok:
            raise RefusedError(outcome.message or "", status=outcome.http_status)
        obj.pk, obj.appointment_number = outcome.appointment_id, str(outcome.appointment_number)

    def get_search_results(
        self, request: Any, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """By patient through the indexes on names, dates and phones; or by number."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = match_patients(request.clinic.id, term)
        return queryset.filter(Q(patient_id__in=found) | Q(appointment_number=term.upper())), False

    @needs(CANCEL)
    @admin.action(description=gettext_lazy("Cancel"))
    def cancel(self, request: Any, queryset: QuerySet) -> HttpResponse | None:
        """With a reason, one by one through the service; submitting twice cancels once."""
        rows = few(self, request, queryset)
        if rows is None:
            return None
        form = CancelForm(request.POST if "apply" in request.POST else None)
        if not form.is_valid():
            title = _("Cancel these appointments")
            return ask(self, request, rows, form, action="cancel", title=title)
        key, reason = form.cleaned_data["key"], form.cleaned_data["reason"]

        def work(row: Appointment) -> str | None:
            outcome = cancel_appointment(
                idempotency_key=f"{key}:{row.pk}", appointment_id=row.pk, reason=reason
            )
            return outcome.message

        results = each(rows, self.label, work)
        return report(self, request, results, title=_("Appointments cancelled"))


class UpcomingInline(ScopedInline):
    """A patient's appointments to come, to look at."""

    model = Appointment
    fields = ["starts_at", "doctor", "appointment_type", "status_word"]
    list_select_related = ["doctor"]
    ordering = ["starts_at"]
    verbose_name_plural = gettext_lazy("appointments to come")
    show_change_link = True

    @admin.display(description=gettext_lazy("status"))
    def status_word(self, obj: Appointment) -> str:
        return status_tag(obj)

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: Any) -> QuerySet:
        rows: QuerySet = super().get_queryset(request)
        return rows.filter(starts_at__gte=timezone.now())


PatientAdmin.inlines = [*PatientAdmin.inlines, UpcomingInline]
