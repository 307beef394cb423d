"""What the admin's two lists of entries, changes and accesses, have in common."""

from typing import Any, ClassVar

from django.contrib import admin
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy

from audit.changes import role_of
from clinic.admin.base import ClinicScopedAdmin


class EntryAdmin(ClinicScopedAdmin):
    """Entries, the newest first. They never change; prepare() gives each its who."""

    group = "oversight"
    has_history = False
    ordering = ["-created_at", "-id"]
    sortable_by: ClassVar[tuple[str, ...]] = ()

    @admin.display(description=gettext_lazy("when"))
    def when(self, obj: Any) -> str:
        return localize(localtime(obj.created_at))

    @admin.display(description=gettext_lazy("who"))
    def actor(self, obj: Any) -> str:
        return format_html("{} <small>{}</small>", obj.who, role_of(obj))
