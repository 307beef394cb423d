"""Patients: demographics only; clinical text has its own pages and rules."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as date_text
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from clinic.admin.base import ClinicScopedAdmin
from clinic.admin.grants import table_grants
from clinic.admin.numbers import Numbered
from clinic.admin.scoped import save_row
from clinic.models import Patient
from clinic.queries import phone_region
from clinic.search import find_patients
from clinic.services import register_patient

FOUND = 200
CONSENTS = ("sms_consent", "email_consent", "whatsapp_consent", "marketing_consent",
            "data_sharing_consent")  # fmt: skip


def match_patients(clinic_id: Any, term: str) -> list[Any]:
    """Ids of patients by name, birth date, phone or number: the search of the front desk."""
    return [row.id for row in find_patients(clinic_id=clinic_id, query=term, limit=FOUND)]


@admin.register(Patient)
class PatientAdmin(Numbered, ClinicScopedAdmin):
    group = "people"
    group_order = 1
    list_display = ["full_name", "patient_number", "date_of_birth", "phone_text", "state"]
    list_filter = ["is_active"]
    ordering = ["name_key", "id"]
    search_fields = ["name_key"]
    search_help_text = _("Name, date of birth, phone, record number or national ID")
    autocomplete_fields = ["preferred_doctor"]
    line_fields = ("tags",)
    fieldsets = [
        (
            None,
            {"fields": ["full_name", "patient_number", "date_of_birth", "gender", "phone",
                        "is_active"]},
        ),
        (
            _("Address and next of kin"),
            {"fields": ["address", "postal_code", "emergency_contact_name",
                        "emergency_contact_phone", "emergency_contact_relationship"]},
        ),
        (_("Care"), {"fields": ["preferred_doctor", "preferred_language", "tags", "notes"]}),
        (_("Consents"), {"fields": [*CONSENTS, "consent_updated_at"]}),
        (
            _("Insurance"),
            {"classes": ["collapse"],
             "fields": ["chas_card_type", "chas_card_expiry", "insurance_provider",
                        "insurance_expiry", "medisave_authorized"]},
        ),
        (
            _("About"),
            {"classes": ["collapse"],
             "fields": ["nationality", "race", "marital_status", "occupation", "employer"]},
        ),
        (
            _("Visits"),
            {"classes": ["collapse"],
             "fields": ["first_visit_date", "last_visit_date", "total_visits", "no_show_count"]},
        ),
    ]  # fmt: skip

    @admin.display(description=_("phone"), ordering="phone")
    def phone_text(self, obj: Patient) -> str:
        return obj.phone.as_international if obj.phone else ""

    @admin.display(description=_("state"))
    def state(self, obj: Patient) -> str:
        return "" if obj.is_active else str(_("Inactive"))

    def label(self, obj: Patient) -> str:
        """A name alone is no identification."""
        born = date_text(obj.date_of_birth, "j M Y")
        return f"{obj.full_name} · {born} · {obj.patient_number}"

    def front_desk_path(self, obj: Patient) -> str:
        return f"patients/?{urlencode({'q': obj.patient_number})}"

    def object_tools(self, request: Any, obj: Patient) -> list[tuple[str, str]]:
        """Who looked, for those who may know."""
        tools = super().object_tools(request, obj)
        if not table_grants(request.role, "access_logs").select:
            return tools
        report = reverse("admin:audit_accesslog_changelist", current_app=self.admin_site.name)
        url = f"{report}?{urlencode({'q': obj.pk, 'when': 'all'})}"
        return [*tools, (str(_("Who looked")), url)]

    def get_search_results(
        self, request: Any, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Ranges that an index serves, no LIKE; a number finds inactive patients too."""
        term = search_term.strip()[:200]
        if not term:
            return queryset, False
        found = match_patients(request.clinic.id, term)
        return queryset.filter(Q(pk__in=found) | Q(patient_number=term.upper())), False

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Numbers are read as people of the clinic's country dial them."""
        if isinstance(db_field, PhoneNumberField):
            kwargs["region"] = self._region(request)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def _region(self, request: Any) -> str | None:
        if not hasattr(request, "phone_region"):
            request.phone_region = phone_region(request.clinic.id)
        return request.phone_region

    def save_model(self, request: Any, obj: Patient, form: Any, change: bool) -> None:
        changed = list(form.changed_data)
        if any(name in CONSENTS for name in changed):
            obj.consent_updated_at = timezone.now()
            changed.append("consent_updated_at")
        if change:
            save_row(obj, request.clinic.id, changed)
        else:
            register_patient(clinic_id=request.clinic.id, patient=obj)
