"""Services, who gives them and what they need; rooms and equipment, alone and in pools."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from booking.models import Resource, ResourcePool, Service, ServiceDoctor, ServiceNeed
from clinic.admin.base import ClinicScopedAdmin
from clinic.admin.filters import ScopedFilter
from clinic.admin.forms import ClinicModelForm
from clinic.admin.scoped import ScopedInline
from clinic.admin.site import Attention, site


def active_word(obj: Any) -> str:
    return "" if obj.is_active else _("Inactive")


class NeedForm(ClinicModelForm):
    """The database wants one of the two; here it is said beside them."""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(data.get("resource")) == bool(data.get("pool")):
            raise ValidationError(_("Choose one room or piece of equipment, or a pool."))
        return data


class DoctorsInline(ScopedInline):
    """Who gives it. Empty numbers are the service's own; nobody is taken off but by Active."""

    model = ServiceDoctor
    fields = ["doctor", "duration_minutes", "buffer_before_minutes", "buffer_after_minutes",
              "is_active"]  # fmt: skip
    insert_only = ("doctor",)
    ordering = ["doctor__full_name"]
    list_select_related = ["doctor"]
    autocomplete_fields = ["doctor"]


class NeedsInline(ScopedInline):
    """What is booked with it: this one, or any of a pool; a pool may be named twice."""

    model = ServiceNeed
    form = NeedForm
    fields = ["resource", "pool", "is_active"]
    ordering = ["created_at", "id"]


@admin.register(Service)
class ServiceAdmin(ClinicScopedAdmin):
    group = "set-up"
    group_order = 1
    list_display = ["name", "code", "appointment_type", "duration_minutes", "online_bookable",
                    "state"]  # fmt: skip
    list_filter = ["is_active", "online_bookable"]
    ordering = ["name", "id"]
    search_fields = ["name", "code"]
    search_help_text = gettext_lazy("Name or code")
    inlines = [DoctorsInline, NeedsInline]
    fieldsets = [
        (None, {"fields": ["name", "code", "appointment_type", "is_active", "online_bookable"]}),
        (
            gettext_lazy("Time"),
            {"fields": ["duration_minutes", "buffer_before_minutes", "buffer_after_minutes"]},
        ),
    ]

    @admin.display(description=gettext_lazy("state"))
    def state(self, obj: Service) -> str:
        return active_word(obj)


@admin.register(Resource)
class ResourceAdmin(ClinicScopedAdmin):
    group = "set-up"
    group_order = 2
    list_display = ["name", "kind", "pool", "state"]
    list_filter = ["is_active", ("pool", ScopedFilter)]
    list_select_related = ["pool"]
    ordering = ["name", "id"]
    search_fields = ["name"]
    search_help_text = gettext_lazy("Name")
    fieldsets = [(None, {"fields": ["name", "kind", "pool", "is_active"]})]

    @admin.display(description=gettext_lazy("state"))
    def state(self, obj: Resource) -> str:
        return active_word(obj)


class ResourcesInline(ScopedInline):
    """The members of a pool."""

    model = Resource
    fields = ["name", "kind", "is_active"]
    ordering = ["name", "id"]
    verbose_name = gettext_lazy("member")
    verbose_name_plural = gettext_lazy("members")


@admin.register(ResourcePool)
class ResourcePoolAdmin(ClinicScopedAdmin):
    group = "set-up"
    group_order = 3
    list_display = ["name"]
    ordering = ["name", "id"]
    search_fields = ["name"]
    search_help_text = gettext_lazy("Name")
    inlines = [ResourcesInline]
    fieldsets = [(None, {"fields": ["name"]})]


def services_nobody_gives(request: Any) -> list[Attention]:
    """Active services that no doctor gives: nobody can book them."""
    if not site.get_model_admin(Service).has_change_permission(request):
        return []
    given = ServiceDoctor.objects.filter(clinic_id=request.clinic.id, is_active=True)
    idle = Service.objects.filter(clinic_id=request.clinic.id, is_active=True)
    count = idle.exclude(id__in=given.values("service"))[:100].count()
    text = ngettext("%d service that no doctor gives", "%d services that no doctor gives", count)
    return [Attention(text % count, "booking/service/?is_active__exact=1")] if count else []


site.attention.append(services_nobody_gives)
