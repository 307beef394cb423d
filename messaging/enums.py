"""Mirrors of the values that messages take."""

from django.db.models import TextChoices


class NotificationChannel(TextChoices):
    EMAIL = "email", "E-mail"
    SMS = "sms", "SMS"
    WHATSAPP = "whatsapp", "WhatsApp"
    PUSH = "push", "Push"
    IN_APP = "in_app", "In the app"


class NotificationStatus(TextChoices):
    PENDING = "pending", "Pending"
    SENT = "sent", "Sent"
    DELIVERED = "delivered", "Delivered"
    FAILED = "failed", "Failed"
    BOUNCED = "bounced", "Bounced"
    WITHDRAWN = "withdrawn", "Withdrawn before it was sent"
