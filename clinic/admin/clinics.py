"""The clinic itself: one row, kept by its administrators."""

from typing import Any

from django.contrib import admin
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from clinic.admin.base import ClinicScopedAdmin
from clinic.models import Clinic


@admin.register(Clinic)
class ClinicAdmin(ClinicScopedAdmin):
    """Code, country, currency and time zone are fixed: numbers and instants hang on them."""

    group_order = 1
    clinic_path = "id"
    list_display = ["name", "branch_name", "code"]
    ordering = ["name"]
    line_fields = ("services", "facilities")
    fieldsets = [
        (None, {"fields": ["name", "branch_name", "code", "registration_number", "is_active"]}),
        (
            _("Contact"),
            {"fields": ["address", "postal_code", "country", "phone", "email", "website"]},
        ),
        (_("Time and money"), {"fields": ["time_zone", "currency", "slot_step_minutes"]}),
        (_("What it offers"), {"fields": ["operating_hours", "services", "facilities"]}),
        (
            _("More"),
            {"classes": ["collapse"], "fields": [("latitude", "longitude"), "settings",
                                                 "subscription_tier", "subscription_expires_at"]},
        ),
    ]  # fmt: skip

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        """A list of one is its form."""
        return HttpResponseRedirect(reverse("admin:clinic_clinic_change", args=[request.clinic.id]))

    def front_desk_path(self, obj: Clinic) -> str:
        return "schedule/"
