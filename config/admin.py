"""The admin of Rowan in place of Django's default site."""

from django.contrib.admin.apps import AdminConfig


class RowanAdminConfig(AdminConfig):
    default_site = "clinic.admin.site.RowanAdminSite"
