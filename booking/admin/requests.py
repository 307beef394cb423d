"""What people asked for on the public page: worked through at the desk."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import PublicBookingRequest
from clinic.admin.base import ClinicScopedAdmin
from clinic.admin.care import SPANS
from clinic.admin.filters import EnumFilter, days_filter


@admin.register(PublicBookingRequest)
class RequestAdmin(ClinicScopedAdmin):
    group = "appointments"
    show_facets = admin.ShowFacets.NEVER
    group_order = 6
    list_display = ["created_at", "name", "phone", "contact_preference", "preferred_time_text",
                    "status"]  # fmt: skip
    list_filter = [days_filter("created_at", SPANS, default="month"), ("status", EnumFilter)]
    ordering = ["-created_at", "-id"]
    search_fields = ["phone"]
    search_help_text = gettext_lazy("Phone number, with its country: +65…")
    autocomplete_fields = ["appointment"]
    fieldsets = [
        (
            None,
            {"fields": ["created_at", "name", "phone", "contact_preference", "preferred_time_text",
                        "reason", "source"]},
        ),
        (gettext_lazy("What came of it"), {"fields": ["status", "appointment"]}),
    ]  # fmt: skip

    def saved_views(self, request: Any) -> list[tuple[Any, str]]:
        return [(_("New"), "?status__exact=new&when=all")]

    def get_search_results(
        self, request: Any, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Equality, through the index on phones."""
        term = search_term.replace(" ", "")[:50]
        return (queryset.filter(Q(phone=term)) if term else queryset), False
