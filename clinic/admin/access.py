"""Who opened what is closed, and why: administrators look into it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinic.admin.base import ClinicScopedAdmin
from clinic.admin.care import SPANS, OfPatient, asked, name_of
from clinic.admin.filters import days_filter
from clinic.admin.results import at
from clinic.admin.site import Attention, site
from clinic.models import ClinicEntry, GlassBreak
from clinic.queries import member_names
from clinic.services import review_glass_break


class NoteForm(forms.Form):
    note = forms.CharField(
        label=gettext_lazy("What you found"),
        max_length=1000,
        widget=forms.TextInput(attrs={"class": "vTextField", "autofocus": True}),
    )


@admin.register(GlassBreak)
class GlassBreakAdmin(OfPatient):
    """Opened by app.break_glass alone; reviewed by somebody else."""

    group = "oversight"
    group_order = 2
    list_display = ["opened_at", "who", "patient", "reason", "expires_at", "review_text"]
    list_filter = [
        days_filter("opened_at", SPANS, default="year"),
        ("reviewed_at", admin.EmptyFieldListFilter),
    ]
    ordering = ["-opened_at", "-id"]
    search_fields = ["id"]
    search_help_text = gettext_lazy("Name, date of birth or phone of the patient")
    actions = ["review"]
    fieldsets = [
        (None, {"fields": ["opened_at", "expires_at", "who", "patient", "reason", "review_text"]})
    ]

    def prepare(self, request: Any, rows: Any) -> None:
        names = member_names()
        for row in rows:
            row.who = names.get(row.user_id, "")
            row.reviewer = names.get(row.reviewed_by_id, "")

    @admin.display(description=gettext_lazy("who"))
    def who(self, obj: GlassBreak) -> str:
        return obj.who if hasattr(obj, "who") else name_of(obj.user_id)

    @admin.display(description=gettext_lazy("review"))
    def review_text(self, obj: GlassBreak) -> str:
        if not obj.reviewed_at:
            return ""
        by: Any = getattr(obj, "reviewer", None)
        who = at(by or name_of(obj.reviewed_by_id), obj.reviewed_at)
        return f"{who}: {obj.review_note}"

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        return lookup == "reviewed_at__isempty" or super().lookup_allowed(lookup, value, request)

    def saved_views(self, request: Any) -> list[tuple[Any, str]]:
        return [(_("Not reviewed"), "?reviewed_at__isempty=1")]

    @admin.action(description=gettext_lazy("Review"), permissions=["change"])
    def review(self, request: Any, queryset: QuerySet) -> HttpResponse | None:
        def work(row: GlassBreak, said: dict[str, Any]) -> str | None:
            done = review_glass_break(
                row=row, note=said["note"], user_id=request.user.pk, now=timezone.now()
            )
            return None if done else _("Reviewed before, or your own")

        title = _("Review who opened these records")
        return asked(self, request, queryset, NoteForm, work, action="review", title=title)


@admin.register(ClinicEntry)
class EntryAdmin(ClinicScopedAdmin):
    """Superadmins who came into the clinic: what they changed bears the reason in the trail."""

    group = "oversight"
    group_order = 4
    list_display = ["entered_at", "user_name", "reason", "expires_at"]
    list_filter = [days_filter("entered_at", SPANS, default="year")]
    ordering = ["-entered_at", "-id"]
    sortable_by = ("entered_at",)
    fieldsets = [(None, {"fields": ["entered_at", "expires_at", "user_name", "reason"]})]


def glass_to_review(request: Any) -> list[Attention]:
    """How many openings nobody has looked into, but one's own."""
    if not site.get_model_admin(GlassBreak).has_change_permission(request):
        return []
    waiting = GlassBreak.objects.filter(clinic_id=request.clinic.id, reviewed_at=None)
    count = waiting.exclude(user=request.user.pk)[:100].count()
    text = ngettext(
        "%d time records were opened by break-glass, not yet reviewed",
        "%d times records were opened by break-glass, not yet reviewed",
        count,
    )
    path = "clinic/glassbreak/?reviewed_at__isempty=1"
    return [Attention(text % count, path)] if count else []


site.attention.append(glass_to_review)
