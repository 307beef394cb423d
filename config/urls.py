"""Every URL. The clinic's code is taken from /c/<code>/ by the middleware; views only pass it on."""

from django.contrib import admin
from django.urls import include, path

from clinic import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("clinic.urls")),
    path("c/<str:clinic_code>/", include("booking.urls")),
    path("admin/", admin.site.urls),
]
