"""The waiting list as it is kept: entries, offers, and the times that came free."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy

from booking.models import FreedSlot, WaitingListEntry, WaitingListOffer
from clinic.admin.base import ClinicScopedAdmin
from clinic.admin.care import SPANS, OfPatient, name_of
from clinic.admin.filters import ScopedFilter, days_filter


@admin.register(WaitingListEntry)
class EntryAdmin(OfPatient):
    """Added at the front desk; changed here too, while nothing is offered for it."""

    group = "appointments"
    group_order = 7
    list_display = ["patient", "doctor", "appointment_type", "earliest", "latest", "day_part",
                    "priority", "status", "created_at"]  # fmt: skip
    list_filter = ["status", "priority", ("doctor", ScopedFilter)]
    shown_with = ("patient", "doctor")
    ordering = ["priority", "created_at", "id"]
    search_fields = ["id"]
    search_help_text = gettext_lazy("Name, date of birth or phone of the patient")
    actions: list[Any] = []
    autocomplete_fields = ["doctor"]
    fieldsets = [
        (None, {"fields": ["patient", "status", "appointment", "created_at", "who"]}),
        (
            gettext_lazy("What would do"),
            {"fields": ["doctor", "appointment_type", "earliest", "latest", "weekdays", "day_part",
                        "priority", "note"]},
        ),
    ]  # fmt: skip

    @admin.display(description=gettext_lazy("added by"))
    def who(self, obj: WaitingListEntry) -> str:
        return name_of(obj.added_by_id)

    def front_desk_path(self, obj: WaitingListEntry) -> str:
        return f"waiting-list/{obj.pk}/"

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        """Whoever has the entry open elsewhere sees that it changed."""
        if form.changed_data:
            obj.version += 1
            form.changed_data.append("version")
        super().save_model(request, obj, form, change)


class OfSlot(ClinicScopedAdmin):
    """Rows that the booking functions write about slots."""

    group = "appointments"
    list_select_related = ["slot__doctor"]

    @admin.display(description=gettext_lazy("time"), ordering="slot__starts_at")
    def time(self, obj: Any) -> Any:
        return obj.slot.starts_at

    @admin.display(description=gettext_lazy("doctor"))
    def doctor(self, obj: Any) -> str:
        return str(obj.slot.doctor)


@admin.register(WaitingListOffer)
class OfferAdmin(OfSlot):
    group_order = 8
    list_display = ["made_at", "patient", "time", "doctor", "status", "expires_at",
                    "answered_through"]  # fmt: skip
    list_filter = [days_filter("made_at", SPANS, default="month"), "status"]
    list_select_related = ["slot__doctor", "entry__patient"]
    ordering = ["-made_at", "-id"]
    fieldsets = [
        (None, {"fields": ["entry", "time", "doctor", "made_at", "maker", "expires_at"]}),
        (
            gettext_lazy("What came of it"),
            {"fields": ["status", "closed_at", "answered_through", "answerer"]},
        ),
    ]

    @admin.display(description=gettext_lazy("patient"))
    def patient(self, obj: WaitingListOffer) -> str:
        return str(obj.entry.patient)

    @admin.display(description=gettext_lazy("made by"))
    def maker(self, obj: WaitingListOffer) -> str:
        return name_of(obj.made_by_id)

    @admin.display(description=gettext_lazy("answered by"))
    def answerer(self, obj: WaitingListOffer) -> str:
        return name_of(obj.answered_by_id)


@admin.register(FreedSlot)
class FreedAdmin(OfSlot):
    group_order = 9
    list_display = ["freed_at", "time", "doctor", "cause", "considered_at"]
    list_filter = [days_filter("freed_at", SPANS, default="month"), "cause"]
    ordering = ["-freed_at", "-id"]
    fieldsets = [(None, {"fields": ["freed_at", "time", "doctor", "cause", "considered_at"]})]
