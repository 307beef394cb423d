from django.apps import AppConfig


class WebhooksConfig(AppConfig):
    """Events in: verified, stored, claimed, handled. The tables of events out."""

    name = "webhooks"
