"""Visits and prescriptions: written by doctors, in their own name."""

from typing import Any

from django.contrib import admin
from django.utils.dateformat import format as date_text
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.admin.care import SPANS, ByDoctor, ByDoctorAdmin, LookInline
from clinic.admin.filters import EnumFilter, ScopedFilter, days_filter
from clinic.admin.scoped import ScopedInline
from clinic.models import LabResult, MedicalRecord, Prescription, PrescriptionItem

VITALS = ["temperature_celsius", "blood_pressure_systolic", "blood_pressure_diastolic",
          "heart_rate_bpm", "respiratory_rate_bpm", "oxygen_saturation_percent", "height_cm",
          "weight_kg"]  # fmt: skip


class PrescriptionInline(LookInline):
    model = Prescription
    fields = ["prescription_number", "prescription_date", "status"]
    ordering = ["-prescription_date", "id"]


class LabInline(LookInline):
    model = LabResult
    fields = ["lab_name", "test_date", "status"]
    ordering = ["-test_date", "id"]


@admin.register(MedicalRecord)
class MedicalRecordAdmin(ByDoctorAdmin):
    day_field = "record_date"
    group_order = 1
    numbers = ("record_number",)
    list_display = ["record_date", "patient", "doctor", "primary_diagnosis", "record_number",
                    "hidden_from"]  # fmt: skip
    list_filter = [
        days_filter("record_date", SPANS, default="month", dates=True), ("doctor", ScopedFilter),
    ]  # fmt: skip
    ordering = ["-record_date", "-id"]
    search_fields = ["record_number"]
    autocomplete_fields = ["patient", "doctor", "appointment"]
    # A nurse notes vitals: the grants say which columns of a new row.
    insert_only = ("patient", "doctor", "appointment", "record_date", "chief_complaint", *VITALS)
    line_fields = ("secondary_diagnoses", "differential_diagnoses", "medications_prescribed",
                   "procedures_performed", "attachments")  # fmt: skip
    inlines = [PrescriptionInline, LabInline]
    fieldsets = [
        (None, {"fields": ["record_date", "patient", "doctor", "appointment", "record_number"]}),
        (gettext_lazy("Vital signs"), {"fields": [*VITALS, "bmi"]}),
        (
            gettext_lazy("History and examination"),
            {"fields": ["chief_complaint", "history_of_present_illness", "review_of_systems",
                        "physical_examination"]},
        ),
        (
            gettext_lazy("Diagnosis and treatment"),
            {"fields": ["primary_diagnosis", "primary_diagnosis_code", "secondary_diagnoses",
                        "differential_diagnoses", "treatment_plan", "medications_prescribed",
                        "procedures_performed"]},
        ),
        (
            gettext_lazy("Follow-up and referral"),
            {"classes": ["collapse"],
             "fields": ["follow_up_required", "follow_up_date", "follow_up_instructions",
                        "referral_required", "referral_to", "referral_reason",
                        "referral_letter_url"]},
        ),
        (
            gettext_lazy("Medical certificate"),
            {"classes": ["collapse"],
             "fields": ["mc_required", "mc_start_date", "mc_end_date", "mc_days", "mc_number"]},
        ),
        (
            gettext_lazy("Who sees it"),
            {"fields": ["is_sensitive", "access_restricted"],
             "description": gettext_lazy("Nurses do not see what is sensitive; what is restricted "
                                         "is seen by its author alone.")},
        ),
        (gettext_lazy("Attachments"), {"classes": ["collapse"], "fields": ["attachments"]}),
    ]  # fmt: skip

    @admin.display(description=gettext_lazy("hidden from"))
    def hidden_from(self, obj: MedicalRecord) -> str:
        if obj.access_restricted:
            return _("All but its author")
        return _("Nurses") if obj.is_sensitive else ""

    def label(self, obj: MedicalRecord) -> str:
        day = date_text(obj.record_date, "j M Y")
        return f"{obj.record_number} · {day} · {obj.patient.full_name}"


class ItemInline(ByDoctor, ScopedInline):
    model = PrescriptionItem
    fields = ["medication_name", "dosage", "frequency", "duration", "quantity", "unit",
              "instructions", "dispensed_quantity"]  # fmt: skip
    ordering = ["medication_name", "id"]
    verbose_name_plural = gettext_lazy("medications")

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        allowed = super().has_add_permission(request, obj)
        return allowed and (obj is None or self.has_change_permission(request, obj))


@admin.register(Prescription)
class PrescriptionAdmin(ByDoctorAdmin):
    day_field = "prescription_date"
    group_order = 2
    numbers = ("prescription_number",)
    list_display = ["prescription_date", "patient", "doctor", "status", "valid_until",
                    "prescription_number"]  # fmt: skip
    list_filter = [
        days_filter("prescription_date", SPANS, default="month", dates=True),
        ("status", EnumFilter),
        ("doctor", ScopedFilter),
    ]
    ordering = ["-prescription_date", "-id"]
    search_fields = ["prescription_number"]
    autocomplete_fields = ["patient", "doctor", "medical_record"]
    insert_only = ("patient", "doctor", "medical_record")
    inlines = [ItemInline]
    fieldsets = [
        (
            None,
            {"fields": ["prescription_date", "patient", "doctor", "medical_record",
                        "prescription_number", "status", "valid_until", "doctor_notes"]},
        ),
        (
            gettext_lazy("Pharmacy"),
            {"fields": ["collection_method", "dispensed_by", "dispensed_at", "pharmacy_notes"]},
        ),
        (
            gettext_lazy("Sent electronically"),
            {"classes": ["collapse"],
             "fields": ["is_e_prescription", "e_prescription_sent_to", "e_prescription_sent_at",
                        "qr_code_url"]},
        ),
    ]  # fmt: skip

    def label(self, obj: Prescription) -> str:
        day = date_text(obj.prescription_date, "j M Y")
        return f"{obj.prescription_number} · {day} · {obj.patient.full_name}"
