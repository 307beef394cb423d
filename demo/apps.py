from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Two made-up clinics. Installed everywhere, works in development and tests only."""

    name = "demo"
