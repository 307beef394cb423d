"""Results, vaccinations and screenings."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateformat import format as date_text
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.admin.base import ClinicScopedAdmin
from clinic.admin.care import SPANS, ByDoctorAdmin, OfPatient, asked, doctors_of, name_of
from clinic.admin.filters import EnumFilter, ScopedFilter, days_filter
from clinic.models import (
    HealthScreeningPackage,
    HealthScreeningResult,
    ImagingResult,
    LabResult,
    VaccinationRecord,
)
from clinic.services import acknowledge_critical_values, review_result


def at(who: str, when: Any) -> str:
    """Who did something, and when."""
    return f"{who}, {date_text(timezone.localtime(when), 'j M Y, H:i')}" if when else ""


class ReviewedAdmin(ByDoctorAdmin):
    """Results come in and are reviewed by a doctor, who is named with the time."""

    shown_with = ("patient", "doctor", "reviewed_by")
    actions = ["review", "take_back"]

    @admin.display(description=gettext_lazy("reviewed"))
    def reviewed(self, obj: Any) -> str:
        return at(obj.reviewed_by.full_name if obj.reviewed_by else "", obj.reviewed_at)

    @admin.action(description=gettext_lazy("Mark as reviewed"), permissions=["change"])
    def review(self, request: Any, queryset: QuerySet) -> HttpResponse | None:
        """One's own results; a second look changes nothing."""
        doctors = doctors_of(request)

        def work(row: Any, said: dict[str, Any]) -> str | None:
            done = doctors and review_result(row=row, doctor_id=doctors[0], now=timezone.now())
            return None if done else _("Reviewed before, or another doctor's")

        title = _("Mark these results as reviewed")
        return asked(self, request, queryset, forms.Form, work, action="review", title=title)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Who says "reviewed" in the form is the reviewer."""
        if obj.status == "reviewed" and not obj.reviewed_at:
            obj.reviewed_at, obj.reviewed_by_id = timezone.now(), (doctors_of(request) or [None])[0]
            form.changed_data.extend(["reviewed_at", "reviewed_by"])
        super().save_model(request, obj, form, change)


@admin.register(LabResult)
class LabResultAdmin(ReviewedAdmin):
    day_field = "test_date"
    group_order = 3
    numbers = ("lab_reference_number",)
    list_display = ["test_date", "patient", "lab_name", "test_category", "status", "critical"]
    list_filter = [
        days_filter("test_date", SPANS, default="month", dates=True),
        ("status", EnumFilter),
        "has_critical_values",
        ("doctor", ScopedFilter),
    ]
    ordering = ["-test_date", "-id"]
    search_fields = ["lab_reference_number"]
    actions = ["review", "acknowledge", "take_back"]
    autocomplete_fields = ["patient", "doctor", "medical_record"]
    insert_only = ("patient", "doctor", "medical_record")
    line_fields = ("tests_ordered", "critical_values", "attachments")
    fieldsets = [
        (
            None,
            {"fields": ["test_date", "patient", "doctor", "medical_record", "lab_name",
                        "lab_reference_number", "test_category", "tests_ordered", "status"]},
        ),
        (
            gettext_lazy("Results"),
            {"fields": ["report_date", "results", "has_critical_values", "critical_values",
                        "acknowledged", "comments", "reviewed"]},
        ),
        (
            gettext_lazy("Attachments"),
            {"classes": ["collapse"], "fields": ["report_url", "attachments"]},
        ),
    ]  # fmt: skip

    @admin.display(description=gettext_lazy("critical"))
    def critical(self, obj: LabResult) -> str:
        if not obj.has_critical_values:
            return ""
        return _("Seen") if obj.critical_values_acknowledged_at else _("Critical, not seen")

    @admin.display(description=gettext_lazy("critical values seen"))
    def acknowledged(self, obj: LabResult) -> str:
        by: Any = obj.critical_values_acknowledged_by_id
        return at(name_of(by), obj.critical_values_acknowledged_at)

    def saved_views(self, request: Any) -> list[tuple[Any, str]]:
        return [
            (_("To be reviewed"), "?status__exact=completed&when=all"),
            (_("With critical values"), "?has_critical_values__exact=1&when=all"),
        ]

    @admin.action(description=gettext_lazy("Critical values seen"), permissions=["change"])
    def acknowledge(self, request: Any, queryset: QuerySet) -> HttpResponse | None:
        def work(row: LabResult, said: dict[str, Any]) -> str | None:
            done = acknowledge_critical_values(
                row=row, user_id=request.user.pk, now=timezone.now()
            )  # fmt: skip
            return None if done else _("No critical values, or seen before")

        title = _("Say that you have seen the critical values of these results")
        return asked(self, request, queryset, forms.Form, work, action="acknowledge", title=title)


@admin.register(ImagingResult)
class ImagingResultAdmin(ReviewedAdmin):
    day_field = "imaging_date"
    group_order = 4
    numbers = ("reference_number",)
    list_display = ["imaging_date", "patient", "imaging_type", "body_part", "status"]
    list_filter = [
        days_filter("imaging_date", SPANS, default="month", dates=True),
        ("status", EnumFilter),
        ("imaging_type", EnumFilter),
        ("doctor", ScopedFilter),
    ]
    ordering = ["-imaging_date", "-id"]
    search_fields = ["reference_number"]
    autocomplete_fields = ["patient", "doctor", "medical_record"]
    insert_only = ("patient", "doctor", "medical_record")
    line_fields = ("images_url",)
    fieldsets = [
        (
            None,
            {"fields": ["imaging_date", "patient", "doctor", "medical_record", "imaging_type",
                        "body_part", "imaging_center", "reference_number", "status"]},
        ),
        (
            gettext_lazy("Report"),
            {"fields": ["report_date", "radiologist_name", "findings", "impression",
                        "recommendations", "radiologist_comments", "reviewed"]},
        ),
        (
            gettext_lazy("Images"),
            {"classes": ["collapse"], "fields": ["images_url", "report_url"]},
        ),
    ]  # fmt: skip


@admin.register(VaccinationRecord)
class VaccinationAdmin(OfPatient):
    """Given by whoever enters it."""

    day_field = "administered_date"
    group = "records"
    group_order = 5
    numbers = ("lot_number",)
    list_display = ["administered_date", "patient", "vaccine_name", "dose_number",
                    "next_dose_due_date", "lot_number"]  # fmt: skip
    list_filter = [
        days_filter("administered_date", SPANS, default="month", dates=True),
    ]
    ordering = ["-administered_date", "-id"]
    search_fields = ["lot_number"]
    search_help_text = gettext_lazy("Name, date of birth or phone of the patient, or a lot")
    autocomplete_fields = ["patient"]
    fieldsets = [
        (
            None,
            {"fields": ["administered_date", "patient", "vaccine_name", "vaccine_brand",
                        "vaccine_type", "dose_number", "dose_amount", "lot_number", "expiry_date",
                        "route_of_administration", "injection_site", "given_by"]},
        ),
        (gettext_lazy("Next"), {"fields": ["next_dose_due_date", "series_complete"]}),
        (
            gettext_lazy("Side effects"),
            {"fields": ["side_effects_reported", "side_effects_details"]},
        ),
        (
            gettext_lazy("Certificate"),
            {"classes": ["collapse"], "fields": ["certificate_number", "certificate_url"]},
        ),
    ]  # fmt: skip
    # Nurses enter a vaccination once; the doctor who gave it may correct it.
    insert_only = ("patient", *flatten_fieldsets(fieldsets))

    @admin.display(description=gettext_lazy("given by"))
    def given_by(self, obj: VaccinationRecord) -> str:
        return name_of(obj.administered_by_id)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.administered_by_id == request.user.pk)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.administered_by_id = request.user.pk
        super().save_model(request, obj, form, change)


@admin.register(HealthScreeningPackage)
class PackageAdmin(ClinicScopedAdmin):
    group_order = 6
    list_display = ["name", "price", "is_active"]
    list_filter = ["is_active"]
    ordering = ["name", "id"]
    search_fields = ["name"]
    search_help_text = gettext_lazy("Name")
    line_fields = ("tests_included",)
    fieldsets = [
        (None, {"fields": ["name", "price", "is_active", "description", "tests_included"]})
    ]


@admin.register(HealthScreeningResult)
class ScreeningAdmin(OfPatient):
    group = "records"
    day_field = "report_date"
    group_order = 6
    list_display = ["report_date", "patient", "package"]
    list_filter = [
        days_filter("report_date", SPANS, default="month", dates=True), ("package", ScopedFilter),
    ]  # fmt: skip
    shown_with = ("patient", "package")
    ordering = ["-report_date", "-id"]
    search_fields = ["id"]
    search_help_text = gettext_lazy("Name, date of birth or phone of the patient")
    autocomplete_fields = ["patient", "package", "appointment"]
    insert_only = ("patient", "appointment")
    fieldsets = [
        (None, {"fields": ["report_date", "patient", "package", "appointment"]}),
        (gettext_lazy("Results"), {"fields": ["results", "doctor_notes"]}),
    ]
