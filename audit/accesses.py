"""The access report: who looked at what, in a list that administrators narrow down."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.base import EntryAdmin
from audit.changes import model_of, who
from audit.filters import SPANS, ActorFilter, ChosenFilter
from audit.models import AccessLog
from audit.sealing import unsealed_here
from clinic.admin.filters import days_filter
from clinic.admin.grants import table_grants
from clinic.admin.site import Attention, site
from clinic.admin.widgets import is_uuid
from clinic.models import Patient
from clinic.queries import member_names
from clinic.search import find_patients

DONE = {
    "READ": gettext_lazy("Opened"),
    "SEARCH": gettext_lazy("Searched"),
    "PRINT": gettext_lazy("Printed"),
    "EXPORT": gettext_lazy("Exported"),
    "LOGIN_FAIL": gettext_lazy("Failed to sign in"),
    "DENIED": gettext_lazy("Was refused"),
}
LATE = dt.timedelta(minutes=1)
FOUND = 200


class DoneFilter(ChosenFilter):
    title = gettext_lazy("action")
    parameter_name = "action_done"
    column = "action"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, str]]:
        return [(key, str(label)) for key, label in DONE.items()]


@admin.register(AccessLog)
class AccessLogAdmin(EntryAdmin):
    """Read-only: audit.record_access alone writes it."""

    list_display = ["when", "actor", "done", "what", "whose", "said"]
    list_filter = [days_filter("created_at", SPANS, default="month"), DoneFilter, ActorFilter]
    search_fields = ["patient_id"]
    search_help_text = gettext_lazy("A patient: name, date of birth, phone or record number")
    show_facets = admin.ShowFacets.NEVER
    fieldsets = [
        (None, {"fields": ["when", "actor", "done", "what", "whose", "said", "reason"]}),
        (gettext_lazy("Where from"), {"fields": ["request_id", "ip_address", "user_agent"]}),
    ]

    def prepare(self, request: Any, rows: Any) -> None:
        """Names of users and patients: two queries for a page."""
        names = member_names()
        ids = {row.patient_id for row in rows if row.patient_id}
        known = Patient.objects.filter(clinic_id=request.clinic.id, id__in=ids)
        patients = dict(known.values_list("id", "full_name"))
        for row in rows:
            row.who = who(row, names)
            row.patient_name = patients.get(row.patient_id, "")

    def get_object(self, request: Any, object_id: str, from_field: Any = None) -> Any:
        log = super().get_object(request, object_id, from_field)
        if log:
            self.prepare(request, [log])
        return log

    def get_search_results(
        self, request: Any, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Of one patient, by id, or of those whom the front desk's search finds."""
        term = search_term.strip()
        if not term:
            return queryset, False
        ids = [UUID(term)] if is_uuid(term) else self._patients(request, term)
        return queryset.filter(patient_id__in=ids), False

    def _patients(self, request: Any, term: str) -> list[UUID]:
        found = find_patients(clinic_id=request.clinic.id, query=term, limit=FOUND)
        return [patient.id for patient in found]

    @admin.display(description=gettext_lazy("action"))
    def done(self, obj: AccessLog) -> str:
        return str(DONE[obj.action])

    @admin.display(description=gettext_lazy("what"))
    def what(self, obj: AccessLog) -> str:
        model = model_of(obj.table_name)
        return str(capfirst(model._meta.verbose_name)) if model else obj.table_name

    @admin.display(description=gettext_lazy("patient"))
    def whose(self, obj: Any) -> str:
        return obj.patient_name or (str(obj.patient_id) if obj.patient_id else "")

    @admin.display(description=gettext_lazy("detail"))
    def said(self, obj: AccessLog) -> str:
        return ", ".join(f"{key}: {value}" for key, value in (obj.detail or {}).items())


def late_seals(request: Any) -> list[Attention]:
    """Whether the trail is sealed as it should be; told to whoever may read it."""
    if not table_grants(request.role, "access_logs").select:
        return []
    waiting = unsealed_here()
    late = waiting.oldest and timezone.now() - waiting.oldest > LATE
    if waiting.oldest is None or not late:
        return []
    text = ngettext(
        "%(count)d entry of the audit trail is not sealed since %(since)s",
        "%(count)d entries of the audit trail are not sealed since %(since)s",
        waiting.entries,
    )
    since = timezone.localtime(waiting.oldest).strftime("%H:%M")
    return [Attention(_(text) % {"count": waiting.entries, "since": since}, "audit/auditlog/")]


site.attention.append(late_seals)
