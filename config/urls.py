"""Every URL. The middleware takes the clinic from /c/<code>/; views only pass its code on."""

from django.contrib import admin
from django.urls import include, path

from booking.views import offers
from booking.views.calendars import feed
from clinic import health

handler500 = "clinic.views.server_error"

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("clinic.urls")),
    path("webhooks/", include("webhooks.urls")),
    path("offers/<str:token>/", offers.offer, name="offer"),
    path("calendar/<str:token>.ics", feed, name="calendar_feed"),
    path("c/<str:clinic_code>/", include("booking.urls")),
    path("admin/", admin.site.urls),
]
