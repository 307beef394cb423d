"""Settings of the clinic, features of the product, and what people say."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.admin.base import ClinicScopedAdmin
from clinic.admin.care import SPANS, name_of
from clinic.admin.filters import days_filter
from clinic.models import FeatureFlag, SystemSetting, UserFeedback
from clinic.queries import member_names


@admin.register(SystemSetting)
class SettingAdmin(ClinicScopedAdmin):
    """The clinic's own, and those of all clinics, which deploys keep."""

    group_order = 4
    list_display = ["__str__", "value", "whose", "description"]
    list_filter = ["is_public"]
    ordering = ["category", "key", "id"]
    search_fields = ["category", "key"]
    search_help_text = gettext_lazy("Category or key")
    insert_only = ("category", "key")
    fieldsets = [
        (None, {"fields": ["category", "key", "value", "description", "is_public"]}),
        (gettext_lazy("Last change"), {"fields": ["whose", "changed_by", "updated_at"]}),
    ]

    @admin.display(description=gettext_lazy("whose"))
    def whose(self, obj: SystemSetting) -> str:
        return _("This clinic") if obj.clinic_id else _("All clinics")

    @admin.display(description=gettext_lazy("changed by"))
    def changed_by(self, obj: SystemSetting) -> str:
        return name_of(obj.updated_by_id)

    def of_clinic(self, rows: Any, clinic_id: Any) -> Any:
        return rows.filter(Q(clinic_id=clinic_id) | Q(clinic_id=None))

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """A clinic has its own row beside one of all clinics."""
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or obj.clinic_id is not None)

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if form.changed_data:
            obj.updated_by_id = request.user.pk
            form.changed_data.append("updated_by")
        super().save_model(request, obj, form, change)


@admin.register(FeatureFlag)
class FlagAdmin(ClinicScopedAdmin):
    """Read-only: deploys turn features on."""

    group_order = 5
    list_display = ["name", "is_enabled", "rollout_percentage", "description"]
    list_filter = ["is_enabled"]
    ordering = ["name"]
    search_fields = ["name"]
    search_help_text = gettext_lazy("Name")
    fieldsets = [
        (
            None,
            {"fields": ["name", "description", "is_enabled", "rollout_percentage",
                        "configuration"]},
        )
    ]  # fmt: skip

    def of_clinic(self, rows: Any, clinic_id: Any) -> Any:
        return rows


@admin.register(UserFeedback)
class FeedbackAdmin(ClinicScopedAdmin):
    """Given elsewhere; read here."""

    group = "oversight"
    group_order = 3
    list_display = ["created_at", "who", "rating", "feedback_text", "page_url"]
    list_filter = [days_filter("created_at", SPANS, default="year")]
    ordering = ["-created_at", "-id"]
    sortable_by = ("created_at",)
    fieldsets = [
        (None, {"fields": ["created_at", "who", "rating", "feedback_text"]}),
        (gettext_lazy("Where from"), {"fields": ["page_url", "user_agent"]}),
    ]

    def prepare(self, request: Any, rows: Any) -> None:
        names = member_names()
        for row in rows:
            row.who = names.get(row.user_id, "")

    @admin.display(description=gettext_lazy("who"))
    def who(self, obj: UserFeedback) -> str:
        return obj.who if hasattr(obj, "who") else name_of(obj.user_id)

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False
