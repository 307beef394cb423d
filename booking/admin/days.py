"""Extra sessions, closed days, and who went over a doctor's visits of a day."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.hours import change_calendar
from booking.models import LimitPermit
from clinic.admin.actions import each, few, needs, report
from clinic.admin.base import ClinicScopedAdmin
from clinic.admin.care import SPANS
from clinic.admin.errors import RefusedError
from clinic.admin.filters import ScopedFilter, days_filter
from clinic.models import ExtraSession, Holiday


class Days(ClinicScopedAdmin):
    """Rows that are withdrawn, never deleted; the visits on them stay as they are."""

    kind = ""
    actions = ["withdraw"]

    @admin.display(description=gettext_lazy("state"))
    def state(self, obj: Any) -> str:
        return _("Withdrawn") if obj.deleted_at else ""

    def front_desk_path(self, obj: Any) -> str:
        return "hours/"

    @needs("booking.change_calendar(text, uuid, jsonb, boolean)")
    @admin.action(description=gettext_lazy("Withdraw"), permissions=["change"])
    def withdraw(self, request: Any, queryset: QuerySet) -> HttpResponse | None:
        """The slots follow at once; what is left uncovered is listed at the front desk."""
        rows = few(self, request, queryset)
        if rows is None:
            return None

        def work(row: Any) -> None:
            outcome = change_calendar(kind=self.kind, entry_id=row.pk, values=None)
            if not outcome.ok:
                raise RefusedError(outcome.message or "", outcome.http_status)

        return report(self, request, each(rows, str, work), title=_("Withdrawn"))


@admin.register(ExtraSession)
class ExtraSessionAdmin(Days):
    kind = "session"
    group_order = 4
    list_display = ["doctor", "day", "starts", "ends", "reason", "state"]
    list_filter = [("doctor", ScopedFilter)]
    list_select_related = ["doctor"]
    ordering = ["-day", "starts", "id"]
    search_fields = ["doctor__full_name"]
    search_help_text = gettext_lazy("Doctor")
    autocomplete_fields = ["doctor"]
    insert_only = ("doctor",)
    fieldsets = [(None, {"fields": ["doctor", "day", "starts", "ends", "reason"]})]


@admin.register(Holiday)
class HolidayAdmin(Days):
    kind = "holiday"
    group_order = 5
    list_display = ["name", "first_day", "last_day", "state"]
    ordering = ["-first_day", "id"]
    search_fields = ["name"]
    search_help_text = gettext_lazy("Name")
    fieldsets = [(None, {"fields": ["name", "first_day", "last_day"]})]


@admin.register(LimitPermit)
class LimitPermitAdmin(ClinicScopedAdmin):
    """Read only: the desk writes it by booking over a full day."""

    group = "appointments"
    group_order = 7
    list_display = ["created_at", "patient", "slot", "reason", "permitted_by"]
    list_filter = [days_filter("created_at", SPANS, default="month")]
    list_select_related = ["patient", "slot", "permitted_by"]
    ordering = ["-created_at", "-id"]
    fieldsets = [
        (None, {"fields": ["patient", "slot", "reason", "permitted_by", "created_at"]}),
    ]
