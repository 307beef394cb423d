"""Slots: made from working hours, blocked and freed here, taken by booking."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.filters import SimpleListFilter
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.dateformat import format as date_text
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from booking.models import AppointmentSlot
from clinic.admin.actions import Result, ask, each, few, report
from clinic.admin.base import ClinicScopedAdmin
from clinic.admin.filters import ScopedFilter, days_filter
from clinic.admin.forms import ReasonForm
from clinic.dates import parse_day
from clinic.models import Doctor
from clinic.search import fold

SPANS = {
    "today": (gettext_lazy("Today"), 0, 1),
    "tomorrow": (gettext_lazy("Tomorrow"), 1, 1),
    "week": (gettext_lazy("Next 7 days"), 0, 7),
    "month": (gettext_lazy("Next 30 days"), 0, 30),
    "past": (gettext_lazy("Past"), None, 0),
    "all": (gettext_lazy("Any day"), None, None),
}
FREE = Q(is_available=True, is_blocked=False)
STATES = {
    "free": (gettext_lazy("Free"), FREE),
    "booked": (gettext_lazy("Booked"), Q(is_available=False)),
    "blocked": (gettext_lazy("Blocked"), Q(is_blocked=True)),
}


class StateFilter(SimpleListFilter):
    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [(key, label) for key, (label, condition) in STATES.items()]

    def queryset(self, request: Any, queryset: QuerySet) -> QuerySet:
        state = self.value()
        if state is None:
            return queryset
        if state not in STATES:
            raise IncorrectLookupParameters(_("No such choice"))
        return queryset.filter(STATES[state][1])


def doctors_named(clinic_id: Any, words: list[str]) -> list[Any]:
    """Ids of the clinic's doctors whose names hold every word. A handful of rows are read."""
    names = Doctor.objects.filter(clinic_id=clinic_id).values_list("pk", "full_name")
    return [pk for pk, name in names if all(fold(word) in fold(name) for word in words)]


def day_and_words(term: str) -> tuple[Any, list[str]]:
    """A day at the beginning of term, in as many words as make one, and the words after it."""
    words, today = term.split()[:12], timezone.localdate()
    for count in range(min(3, len(words)), 0, -1):
        if day := parse_day(" ".join(words[:count]), today=today):
            return day, words[count:]
    return None, words


@admin.register(AppointmentSlot)
class SlotAdmin(ClinicScopedAdmin):
    group = "appointments"
    group_order = 2
    list_display = ["starts_at", "doctor", "duration_minutes", "state", "block_reason"]
    list_filter = [
        days_filter("starts_at", SPANS, default="week"), StateFilter, ("doctor", ScopedFilter),
    ]  # fmt: skip
    list_select_related = ["doctor"]
    ordering = ["starts_at", "id"]
    search_fields = ["doctor__full_name"]
    search_help_text = gettext_lazy("A day, a doctor, or both: “tomorrow chen”")
    actions = ["block", "unblock"]
    fieldsets = [
        (None, {"fields": ["starts_at", "ends_at", "doctor", "appointment"]}),
        (gettext_lazy("Blocked time"), {"fields": ["is_blocked", "block_reason"]}),
    ]

    def label(self, obj: AppointmentSlot) -> str:
        start = date_text(timezone.localtime(obj.starts_at), "D j M Y, H:i")
        return f"{start} · {obj.doctor.full_name}"

    def front_desk_path(self, obj: AppointmentSlot) -> str:
        return f"schedule/{obj.slot_date}/?slot={obj.pk}"

    @admin.display(description=gettext_lazy("state"))
    def state(self, obj: AppointmentSlot) -> str:
        word, tone = _("Free"), "booked"
        if not obj.is_available:
            word, tone = _("Booked"), "room"
        elif obj.is_blocked:
            word, tone = _("Blocked"), "off"
        return format_html('<span class="tag s-{}">{}</span>', tone, word)

    def get_search_results(
        self, request: Any, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        if request.GET.get("model_name") == "appointment":  # picked for a booking
            queryset = queryset.filter(FREE, starts_at__gt=timezone.now())
        day, words = day_and_words(search_term)
        if day:
            queryset = queryset.filter(slot_date=day)
        if words:
            queryset = queryset.filter(doctor_id__in=doctors_named(request.clinic.id, words))
        return queryset, False

    @admin.action(description=gettext_lazy("Block"), permissions=["change"])
    def block(self, request: Any, queryset: QuerySet) -> HttpResponse | None:
        """Nobody can book them; a reason is kept."""
        rows = few(self, request, queryset)
        if rows is None:
            return None
        form = ReasonForm(request.POST if "apply" in request.POST else None)
        if not form.is_valid():
            return ask(self, request, rows, form, action="block", title=_("Block these times"))
        reason = form.cleaned_data["reason"]
        results = each(rows, self.label, lambda slot: block_slot(slot, reason))
        return report(self, request, results, title=_("Times blocked"))

    @admin.action(description=gettext_lazy("Unblock"), permissions=["change"])
    def unblock(self, request: Any, queryset: QuerySet) -> HttpResponse | None:
        rows = few(self, request, queryset)
        if rows is None:
            return None
        results: list[Result] = each(rows, self.label, unblock_slot)
        return report(self, request, results, title=_("Times unblocked"))


def block_slot(slot: AppointmentSlot, reason: str) -> str | None:
    """Block a free slot; why not, if not."""
    if not slot.is_available:
        return _("It is booked: cancel or move the appointment.")
    slot.is_blocked, slot.block_reason = True, reason
    slot.save(update_fields=["is_blocked", "block_reason"])
    return None


def unblock_slot(slot: AppointmentSlot) -> str | None:
    """Free a blocked slot; why not, if not."""
    if not slot.is_blocked:
        return _("It was not blocked.")
    slot.is_blocked, slot.block_reason = False, ""
    slot.save(update_fields=["is_blocked", "block_reason"])
    return None
