"""Every URL. The clinic's code is taken from /c/<code>/ by the middleware; views only pass it on."""

from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("admin/", admin.site.urls),
]
