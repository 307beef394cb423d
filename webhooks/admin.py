"""Webhooks for administrators: who may send, what came, what was made of it."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from clinic.admin.actions import ask, each, few, needs, report
from clinic.admin.base import ClinicScopedAdmin
from clinic.admin.filters import EnumFilter, ScopedFilter, days_filter
from clinic.admin.forms import ReasonForm
from clinic.admin.grants import may_call
from webhooks.forms import SecretForm
from webhooks.models import IntegrationWebhook, Source, WebhookEvent, WebhookLog
from webhooks.services import bury_event, retry_event, rotate_secret

ROTATE = "webhook.rotate_secret(uuid, text, interval)"
RETRY, BURY = "webhook.retry_event(uuid)", "webhook.bury_event(uuid, text)"
SPANS = {
    "today": (gettext_lazy("Today"), 0, None),
    "week": (gettext_lazy("Past 7 days"), -6, None),
    "month": (gettext_lazy("Past 30 days"), -29, None),
    "all": (gettext_lazy("Any day"), None, None),
}
TONES = {"success": "done", "dead_letter": "off", "failed": "missed", "processing": "room"}


@admin.register(Source)
class SourceAdmin(ClinicScopedAdmin):
    group = "set-up"
    group_order = 8
    list_display = ["name", "provider", "address", "is_active", "secret_set_at"]
    list_filter = ["is_active"]
    ordering = ["name", "id"]
    insert_only = ("provider",)
    fieldsets = [
        (None, {"fields": ["name", "provider", "is_active", "address"]}),
        (gettext_lazy("Secret"), {"fields": ["secret_set_at", "old_secret_expires_at"]}),
    ]

    @admin.display(description=gettext_lazy("address"))
    def address(self, obj: Source) -> str:
        """What is given to the sender, below this site's own name."""
        return f"/webhooks/{obj.pk}/"  # not reversed: here, addresses begin with the clinic

    def object_tools(self, request: Any, obj: Source) -> list[tuple[str, str]]:
        if not may_call(request.role, ROTATE):
            return []
        return [(_("New secret"), reverse("admin:webhooks_source_secret", args=[obj.pk]))]

    def response_add(self, request: Any, obj: Source, post_url_continue: Any = None) -> Any:
        """A source is of no use before it has a secret."""
        return HttpResponseRedirect(reverse("admin:webhooks_source_secret", args=[obj.pk]))

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.secret_view)
        return [
            path("<uuid:pk>/secret/", view, name="webhooks_source_secret"),
            *super().get_urls(),
        ]

    @method_decorator(sensitive_post_parameters())
    @method_decorator(sensitive_variables("secret"))
    def secret_view(self, request: Any, pk: UUID) -> HttpResponse:
        """Ask, then show the new secret: here, once."""
        source = self.get_object(request, str(pk))
        if source is None:
            raise Http404
        if not may_call(request.role, ROTATE):
            raise PermissionDenied
        form, secret = SecretForm(request.POST or None), ""
        if form.is_valid():
            data = form.cleaned_data
            secret = rotate_secret(source_id=pk, secret=data["secret"], hours=data["hours"])
        context = {
            **self.admin_site.each_context(request),
            "title": _("New secret: %s") % source,
            "form": form, "secret": secret, "source": source, "opts": self.opts,
            "address": request.build_absolute_uri(self.address(source)),
        }  # fmt: skip
        request.current_app = self.admin_site.name
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/webhook_secret.html", context, status=status)


@admin.register(WebhookEvent)
class EventAdmin(ClinicScopedAdmin):
    group = "oversight"
    group_order = 3
    list_display = ["received_at", "source", "event_type", "status_word", "attempts", "error"]
    list_filter = [
        days_filter("received_at", SPANS, default="week"), ("status", EnumFilter),
        ("source", ScopedFilter),
    ]  # fmt: skip
    list_select_related = ["source"]
    ordering = ["-received_at", "id"]
    search_fields = ["event_id"]
    search_help_text = gettext_lazy("The sender's id of the event, whole")
    actions = ["try_again", "give_up"]
    fieldsets = [
        (None, {"fields": ["received_at", "source", "event_type", "event_id", "conflicts"]}),
        (
            gettext_lazy("How far it is"),
            {"fields": ["status_word", "attempts", "max_attempts", "last_attempt_at",
                        "next_attempt_at", "processed_at", "error"]},
        ),
        (gettext_lazy("What was sent"), {"fields": ["payload", "signature"]}),
    ]  # fmt: skip

    def label(self, obj: WebhookEvent) -> str:
        return f"{obj.event_type or '?'} · {obj.event_id} · {obj.get_status_display()}"

    @admin.display(description=gettext_lazy("status"), ordering="status")
    def status_word(self, obj: WebhookEvent) -> str:
        tone = TONES.get(obj.status, "booked")
        return format_html('<span class="tag s-{}">{}</span>', tone, obj.get_status_display())

    def saved_views(self, request: Any) -> list[tuple[Any, str]]:
        return [
            (_("Given up"), "?status__exact=dead_letter&when=all"),
            (_("Failed, to be tried again"), "?status__exact=failed&when=all"),
        ]

    def get_search_results(
        self, request: Any, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """By the key of events: a source of the clinic and the id that it gave."""
        term = search_term.strip()
        if term:
            sources = Source.objects.filter(clinic_id=request.clinic.id).values_list("pk")
            queryset = queryset.filter(source__in=sources, event_id=term)
        return queryset, False

    @needs(RETRY)
    @admin.action(description=gettext_lazy("Try again"))
    def try_again(self, request: Any, queryset: QuerySet) -> HttpResponse | None:
        """From the beginning, after a page that says which."""
        rows = few(self, request, queryset)
        if rows is None:
            return None
        form = forms.Form(request.POST if "apply" in request.POST else None)
        if not form.is_valid():
            title = _("Try these events again")
            return ask(self, request, rows, form, action="try_again", title=title)

        def work(row: WebhookEvent) -> str | None:
            return None if retry_event(event_id=row.pk) else _("It is neither failed nor given up.")

        return report(self, request, each(rows, self.label, work), title=_("Events tried again"))

    @needs(BURY)
    @admin.action(description=gettext_lazy("Give up"))
    def give_up(self, request: Any, queryset: QuerySet) -> HttpResponse | None:
        """With a reason, after a page that says which."""
        rows = few(self, request, queryset)
        if rows is None:
            return None
        form = ReasonForm(request.POST if "apply" in request.POST else None)
        if not form.is_valid():
            title = _("Give these events up")
            return ask(self, request, rows, form, action="give_up", title=title)
        reason = form.cleaned_data["reason"]

        def work(row: WebhookEvent) -> str | None:
            done = bury_event(event_id=row.pk, reason=reason)
            return None if done else _("It does not wait for anything.")

        return report(self, request, each(rows, self.label, work), title=_("Events given up"))


@admin.register(IntegrationWebhook)
class IntegrationAdmin(ClinicScopedAdmin):
    group = "set-up"
    group_order = 9
    list_display = ["name", "url", "is_active", "success_count", "failure_count"]
    list_filter = ["is_active"]
    ordering = ["name", "id"]
    fieldsets = [
        (None, {"fields": ["name", "url", "events", "is_active", "max_retries",
                           "timeout_seconds", "last_triggered_at", "success_count",
                           "failure_count"]}),
    ]  # fmt: skip


@admin.register(WebhookLog)
class LogAdmin(ClinicScopedAdmin):
    group = "oversight"
    group_order = 4
    list_display = ["created_at", "webhook", "event_type", "status", "response_status"]
    list_filter = [days_filter("created_at", SPANS, default="week"), ("webhook", ScopedFilter)]
    list_select_related = ["webhook"]
    ordering = ["-created_at", "id"]
    fieldsets = [
        (None, {"fields": ["created_at", "webhook", "event_type", "status", "retry_count"]}),
        (
            gettext_lazy("Answer"),
            {"fields": ["response_status", "response_time_ms", "response_body", "error_message"]},
        ),
        (gettext_lazy("What was sent"), {"fields": ["payload"]}),
    ]
