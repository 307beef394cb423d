"""Mirrors of the values that events and deliveries take."""

from django.db.models import TextChoices


class WebhookEventStatus(TextChoices):
    PENDING = "pending", "Waiting"
    PROCESSING = "processing", "In work"
    SUCCESS = "success", "Done"
    FAILED = "failed", "Failed, tried again later"
    DEAD_LETTER = "dead_letter", "Given up"


class DeliveryStatus(TextChoices):
    PENDING = "pending", "Pending"
    SUCCESS = "success", "Delivered"
    FAILED = "failed", "Failed"
