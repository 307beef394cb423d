"""Messages to people: the notification, and what each channel made of it."""

from django.db import models
from django.db.models import F, Q

from clinic.fields import PgEnumField
from clinic.models.base import (
    TenantIsolation,
    TenantModel,
    Timestamps,
    implied_clinic,
    json_default,
    one_of,
    person_key,
    tenant_key,
)
from messaging.enums import NotificationChannel, NotificationStatus


class Notification(Timestamps, TenantModel):
    """One message to one recipient. priority: 1 goes first, 10 last."""

    user = person_key("user_id")
    type = models.CharField(max_length=50)
    channel = PgEnumField(type_name="notification_channel", choices=NotificationChannel)
    recipient = models.CharField(max_length=255)
    subject = models.CharField(max_length=255, blank=True, db_default="")
    message = models.TextField()
    template_id = models.CharField(
        verbose_name="template", max_length=100, blank=True, db_default=""
    )
    template_variables = models.JSONField(blank=True, **json_default({}))
    status = models.TextField(choices=NotificationStatus, db_default="pending")
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure_reason = models.TextField(blank=True, db_default="")
    retry_count = models.IntegerField(verbose_name="tries", db_default=0)
    priority = models.IntegerField(db_default=5)
    scheduled_for = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    metadata = models.JSONField(blank=True, **json_default({}))

    class Meta:
        db_table = "notifications"
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["clinic", "id"], name="notifications_clinic_id"),
            one_of("notifications", "status", NotificationStatus),
            models.CheckConstraint(
                condition=Q(priority__gte=1) & Q(priority__lte=10) & Q(retry_count__gte=0),
                name="notifications_values",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True)
                | Q(scheduled_for__isnull=True)
                | Q(expires_at__gt=F("scheduled_for")),
                name="notifications_times",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "user", "channel"], name="notifications_user"),
            models.Index(fields=["clinic", "recipient"], name="notifications_recipient"),
            models.Index(fields=["clinic", "-created_at"], name="notifications_recent"),
            models.Index(
                fields=["scheduled_for"], name="notifications_due", condition=Q(status="pending")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} by {self.get_channel_display()}"


class ChannelMessage(Timestamps, TenantModel):
    """What the tables of the three channels share."""

    clinic = implied_clinic()
    provider_message_id = models.CharField(
        verbose_name="provider's reference", max_length=255, blank=True, db_default=""
    )
    status = models.TextField(choices=NotificationStatus, db_default="pending")

    class Meta:
        abstract = True
        rls_policies = [TenantIsolation()]


class SmsMessage(ChannelMessage):
    notification = tenant_key("messaging.Notification", related_name="sms")
    to_number = models.CharField(verbose_name="to", max_length=20)
    from_number = models.CharField(verbose_name="from", max_length=20, blank=True, db_default="")
    message = models.TextField()
    provider = models.CharField(max_length=50, blank=True, db_default="")
    delivery_status = models.CharField(max_length=50, blank=True, db_default="")
    error_code = models.CharField(max_length=50, blank=True, db_default="")
    error_message = models.TextField(blank=True, db_default="")
    segments = models.IntegerField(null=True, blank=True)
    price_per_segment = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)
    total_cost = models.DecimalField(max_digits=10, decimal_places=4, null=True, blank=True)

    class Meta:
        db_table = "sms_messages"
        verbose_name = "text message"
        ordering = ["-created_at", "id"]
        constraints = [
            one_of("sms_messages", "status", NotificationStatus),
            models.CheckConstraint(
                condition=(Q(segments__isnull=True) | Q(segments__gt=0))
                & (Q(total_cost__isnull=True) | Q(total_cost__gte=0)),
                name="sms_messages_values",
            ),
        ]
        indexes = [
            models.Index(fields=["clinic", "notification"], name="sms_messages_notification")
        ]

    def __str__(self) -> str:
        return self.to_number


class WhatsappMessage(ChannelMessage):
    notification = tenant_key("messaging.Notification", related_name="whatsapp")
    to_number = models.CharField(verbose_name="to", max_length=20)
    from_number = models.CharField(verbose_name="from", max_length=20, blank=True, db_default="")
    message_type = models.CharField(max_length=50, blank=True, db_default="")
    text_body = models.TextField(verbose_name="text", blank=True, db_default="")
    template_name = models.CharField(max_length=100, blank=True, db_default="")
    template_language = models.CharField(max_length=10, blank=True, db_default="")
    template_parameters = models.JSONField(blank=True, **json_default({}))
    media_url = models.TextField(verbose_name="media (link)", blank=True, db_default="")
    media_type = models.CharField(max_length=50, blank=True, db_default="")
    conversation_id = models.CharField(max_length=255, blank=True, db_default="")
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=50, blank=True, db_default="")
    error_message = models.TextField(blank=True, db_default="")

    class Meta:
        db_table = "whatsapp_messages"
        verbose_name = "WhatsApp message"
        ordering = ["-created_at", "id"]
        constraints = [one_of("whatsapp_messages", "status", NotificationStatus)]
        indexes = [
            models.Index(fields=["clinic", "notification"], name="whatsapp_notification"),
        ]

    def __str__(self) -> str:
        return self.to_number


class EmailMessage(ChannelMessage):
    notification = tenant_key("messaging.Notification", related_name="emails")
    to_email = models.CharField(verbose_name="to", max_length=255)
    cc_emails = models.JSONField(verbose_name="copies to", blank=True, **json_default([]))
    bcc_emails = models.JSONField(verbose_name="blind copies to", blank=True, **json_default([]))
    from_email = models.CharField(verbose_name="from", max_length=255, blank=True, db_default="")
    reply_to_email = models.CharField(
        verbose_name="replies to", max_length=255, blank=True, db_default=""
    )
    subject = models.CharField(max_length=500)
    html_body = models.TextField(verbose_name="HTML", blank=True, db_default="")
    text_body = models.TextField(verbose_name="text", blank=True, db_default="")
    attachments = models.JSONField(blank=True, **json_default([]))
    provider = models.CharField(max_length=50, blank=True, db_default="")
    opened_at = models.DateTimeField(null=True, blank=True)
    clicked_at = models.DateTimeField(null=True, blank=True)
    bounced_at = models.DateTimeField(null=True, blank=True)
    bounce_type = models.CharField(max_length=50, blank=True, db_default="")
    bounce_reason = models.TextField(blank=True, db_default="")
    spam_reported_at = models.DateTimeField(null=True, blank=True)
    unsubscribed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "email_messages"
        verbose_name = "email"
        ordering = ["-created_at", "id"]
        constraints = [one_of("email_messages", "status", NotificationStatus)]
        indexes = [models.Index(fields=["clinic", "notification"], name="email_notification")]

    def __str__(self) -> str:
        return self.subject
