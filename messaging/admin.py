"""Messages to people: queued at the desk, read only once they are there."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy

from clinic.admin.base import ClinicScopedAdmin
from clinic.admin.care import SPANS, LookInline
from clinic.admin.filters import EnumFilter, days_filter
from messaging.models import EmailMessage, Notification, SmsMessage, WhatsappMessage


class ChannelInline(LookInline):
    show_change_link = False
    ordering = ["created_at", "id"]


class SmsInline(ChannelInline):
    model = SmsMessage
    fields = ["to_number", "status", "delivery_status", "error_message", "segments", "total_cost"]


class WhatsappInline(ChannelInline):
    model = WhatsappMessage
    fields = ["to_number", "status", "template_name", "delivered_at", "read_at", "error_message"]


class EmailInline(ChannelInline):
    model = EmailMessage
    fields = ["to_email", "subject", "status", "opened_at", "bounced_at", "bounce_reason"]


@admin.register(Notification)
class NotificationAdmin(ClinicScopedAdmin):
    group = "messages"
    show_facets = admin.ShowFacets.NEVER
    group_order = 1
    list_display = ["created_at", "type", "channel", "recipient", "subject", "status"]
    list_filter = [
        days_filter("created_at", SPANS, default="week"),
        ("status", EnumFilter),
        ("channel", EnumFilter),
    ]
    ordering = ["-created_at", "-id"]
    search_fields = ["recipient"]
    search_help_text = gettext_lazy("Phone number or address, whole")
    inlines = [SmsInline, WhatsappInline, EmailInline]
    line_fields: tuple[str, ...] = ()
    fieldsets = [
        (
            None,
            {"fields": ["type", "channel", "recipient", "subject", "message", "priority",
                        "scheduled_for", "expires_at"]},
        ),
        (
            gettext_lazy("What became of it"),
            {"fields": ["status", "created_at", "sent_at", "delivered_at", "read_at", "failed_at",
                        "failure_reason", "retry_count"]},
        ),
        (
            gettext_lazy("Template"),
            {"classes": ["collapse"], "fields": ["template_id", "template_variables"]},
        ),
    ]  # fmt: skip
    # No role may change one: what is said is said once.
    insert_only = ("type", "channel", "recipient", "subject", "message", "priority",
                   "scheduled_for", "expires_at")  # fmt: skip

    def get_search_results(
        self, request: Any, queryset: QuerySet, search_term: str
    ) -> tuple[QuerySet, bool]:
        """Equality, through the index on recipients."""
        term = search_term.strip()[:255]
        return (queryset.filter(Q(recipient=term)) if term else queryset), False
