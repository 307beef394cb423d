"""The audit trail: a list of its own, and a History page for every row of the admin."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import quote
from django.db import models
from django.db.models import QuerySet
from django.http import HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

import audit.accesses  # noqa: F401  (registers its list)
from audit.base import EntryAdmin
from audit.changes import ACTIONS, entries, model_of, who
from audit.filters import SPANS, ActorFilter, ChosenFilter
from audit.models import AuditLog
from audit.queries import history
from clinic.admin.filters import days_filter
from clinic.admin.site import site
from clinic.queries import member_names

PAGE = 50


def row_names(request: Any) -> Any:
    """labels(model, ids) for audit.changes: rows by the label of their own list, in the clinic."""

    def labels(model: type[models.Model], ids: list[str]) -> dict[str, str]:
        if not site.is_registered(model):
            return {}
        model_admin: Any = site.get_model_admin(model)
        rows = model_admin.get_queryset(request).filter(pk__in=ids)
        return {str(row.pk): model_admin.label(row) for row in rows}

    return labels


def history_page(request: Any, model_admin: Any, obj: Any) -> HttpResponse:
    """The trail of one row: when, who, what, from what to what."""
    logs = history(
        clinic_id=request.clinic.id, record_id=str(obj.pk), table_name=obj._meta.db_table
    )
    paginator = model_admin.get_paginator(request, logs, PAGE)
    page = paginator.get_page(request.GET.get("p"))
    context = {
        **site.each_context(request),
        "title": _("Change history: %s") % obj,
        "entries": entries(page.object_list, member_names(), row_names(request)),
        "page": page,
        "pages": paginator.get_elided_page_range(page.number),
        "object": obj,
        "opts": model_admin.opts,
        "module_name": capfirst(model_admin.opts.verbose_name_plural),
    }
    request.current_app = site.name
    return TemplateResponse(request, "admin/audit_history.html", context)


class TableFilter(ChosenFilter):
    title = gettext_lazy("what")
    parameter_name = "table"
    column = "table_name"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        shown = site._registry
        tables = [
            (m._meta.db_table, str(capfirst(m._meta.verbose_name))) for m in shown if m != AuditLog
        ]
        return sorted(tables, key=lambda item: item[1])


class ActionFilter(ChosenFilter):
    title = gettext_lazy("action")
    parameter_name = "action_done"
    column = "action"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, _(label)) for key, label in ACTIONS.items()]


@admin.register(AuditLog)
class AuditLogAdmin(EntryAdmin):
    """Read-only: no role of the site may write the trail."""

    list_display = ["when", "actor", "done", "row", "fields_changed", "reason"]
    list_filter = [
        days_filter("created_at", SPANS, default="month"), TableFilter, ActionFilter, ActorFilter,
    ]  # fmt: skip
    search_fields = ["record_id"]
    search_help_text = gettext_lazy("The id of a row, as in its address")
    show_facets = admin.ShowFacets.NEVER
    fieldsets = [
        (None, {"fields": ["when", "actor", "done", "row", "reason", "what_changed"]}),
        (gettext_lazy("Where from"), {"fields": ["request_id", "ip_address", "user_agent"]}),
    ]

    def prepare(self, request: Any, rows: Any) -> None:
        names = member_names()
        for row in rows:
            row.who = who(row, names)

    def get_object(self, request: Any, object_id: str, from_field: Any = None) -> Any:
        log = super().get_object(request, object_id, from_field)
        if log:
            names = member_names()
            log.who = who(log, names)
            log.entry = entries([log], names, row_names(request))[0]
        return log

    def get_search_results(
        self, request: Any, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        return (queryset.filter(record_id=term) if term else queryset), False

    @admin.display(description=gettext_lazy("action"))
    def done(self, obj: AuditLog) -> str:
        return str(_(ACTIONS[obj.action]))

    @admin.display(description=gettext_lazy("row"))
    def row(self, obj: AuditLog) -> str:
        model = model_of(obj.table_name)
        name = str(capfirst(model._meta.verbose_name)) if model else obj.table_name
        if model is None or not site.is_registered(model) or not obj.record_id:
            return name
        url = f"admin:{model._meta.app_label}_{model._meta.model_name}_history"
        return format_html('<a href="{}">{}</a>', reverse(url, args=[quote(obj.record_id)]), name)

    @admin.display(description=gettext_lazy("fields"))
    def fields_changed(self, obj: AuditLog) -> str:
        model = model_of(obj.table_name)
        labels = (
            {f.column: str(f.verbose_name) for f in model._meta.concrete_fields} if model else {}
        )
        return ", ".join(labels.get(name, name) for name in obj.changed_fields or [])

    @admin.display(description=gettext_lazy("changes"))
    def what_changed(self, obj: Any) -> str:
        return format_html_join(
            "", "<div>{}: {}</div>", ((c.label, told(c)) for c in obj.entry.changes)
        )


def told(change: Any) -> str:
    """old → new, as text."""
    if change.hidden:
        return _("changed, hidden")
    empty = _("(empty)")
    return f"{change.old or empty} → {change.new or empty}"


site.history_page = history_page
