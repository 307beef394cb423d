"""Which apps are ours."""

from django.apps import apps

from config.settings import BASE_DIR


def our_apps() -> list[str]:
    """Labels of the apps whose migrations are ours."""
    return [a.label for a in apps.get_app_configs() if (BASE_DIR / a.name / "migrations").is_dir()]
