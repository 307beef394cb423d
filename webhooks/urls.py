"""Where senders deliver."""

from django.urls import path

from webhooks import views

app_name = "webhooks"
urlpatterns = [path("<uuid:source_id>/", views.receive, name="receive")]
