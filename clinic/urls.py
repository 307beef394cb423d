"""The way in."""

from django.urls import path
from django.views.generic import RedirectView

from clinic import views

app_name = "clinic"
urlpatterns = [
    path("", RedirectView.as_view(url="/clinics/"), name="home"),
    path("login/", views.login, name="login"),
    path("logout/", views.logout, name="logout"),
    path("clinics/", views.clinics, name="clinics"),
]
