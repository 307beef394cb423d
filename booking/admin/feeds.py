"""Calendar addresses: who has one, who made it, when it was last fetched and when it ended.

They are made and revoked on the front desk's page of calendars; nobody sees a secret here.
"""

from typing import Any

from django.contrib import admin
from django.contrib.admin.filters import SimpleListFilter
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy

from booking.models import CalendarFeed
from clinic.admin.base import ClinicScopedAdmin


class LiveFilter(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("live", gettext_lazy("In use")), ("ended", gettext_lazy("Ended"))]

    def queryset(self, request: Any, queryset: QuerySet) -> QuerySet:
        wanted = {"live": True, "ended": False}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(revoked_at__isnull=wanted)


@admin.register(CalendarFeed)
class CalendarFeedAdmin(ClinicScopedAdmin):
    group = "appointments"
    group_order = 9
    list_display = ["created_at", "doctor", "patient", "last_fetched_at", "revoked_at"]
    list_filter = [LiveFilter]
    list_select_related = ["doctor", "patient"]
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (
            None,
            {"fields": ["doctor", "patient", "created_at", "made_by", "last_fetched_at",
                        "revoked_at", "revoked_by"]},
        ),
    ]  # fmt: skip
