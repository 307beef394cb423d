"""The admin site: open to people who work in the clinic, scoped by PostgreSQL."""

from django.contrib.admin import AdminSite


class RowanAdminSite(AdminSite):
    site_header = "Rowan"
