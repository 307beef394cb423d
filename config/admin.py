"""The admin of Rowan in place of Django's default site."""

from importlib import import_module

from django.contrib.admin.apps import AdminConfig


class RowanAdminConfig(AdminConfig):
    default_site = "clinic.admin.site.RowanAdminSite"

    def ready(self) -> None:
        # First: asked for in the middle of this import, the site would be made twice.
        import_module("clinic.admin")
        super().ready()
