"""Signing in."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.utils.translation import gettext_lazy as _

from clinic.models import User


class LoginForm(forms.Form):
    """E-mail and password. One text for every failure: it must not tell who has an account."""

    email = forms.EmailField(max_length=254, error_messages={"required": _("Enter your email.")})
    password = forms.CharField(
        max_length=1000, strip=False, error_messages={"required": _("Enter your password.")}
    )

    def __init__(self, *args: Any, request: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.user: User | None = None

    def clean(self) -> None:
        """Sets user, or adds the one error."""
        data = self.cleaned_data
        if self.errors:
            return
        self.user = authenticate(self.request, username=data["email"], password=data["password"])
        if self.user is None:
            raise forms.ValidationError(
                _("The email or the password is not right. Check both and try again.")
            )


class EntryForm(forms.Form):
    """Why a superadmin enters a clinic: its administrators will read it."""

    clinic = forms.CharField(max_length=20)
    reason = forms.CharField(
        min_length=10,
        max_length=1000,
        error_messages={
            "required": _("Say why you enter the clinic."),
            "min_length": _("Say why in ten letters or more."),
        },
    )
