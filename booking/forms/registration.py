"""What the desk writes down of somebody who comes for the first time."""

import re
from datetime import date
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from booking.forms.appointments import KEY_LENGTH, sent_key
from clinic.dates import parse_birth
from clinic.enums import Gender
from clinic.models.patients import E164

NAME = _("Write the patient's full name.")
BORN = _("Write the date of birth with its year, such as 12/3/1984.")
PHONE = _("Write a phone number as dialled here, or with + and the country code.")
ID = re.compile(r"[0-9a-f-]{36}")
GENDER = _("Choose a gender.")
KEY = _("This form is not whole. Send it again.")
NEW = "new"  # in the place of a patient's id


class RegistrationForm(forms.Form):
    """A patient by what tells people apart; the rest is for later, in the admin."""

    idempotency_key = forms.CharField(
        max_length=KEY_LENGTH, widget=forms.HiddenInput,
        error_messages={"required": KEY, "max_length": KEY},
    )  # fmt: skip
    full_name = forms.CharField(
        max_length=255, error_messages={"required": NAME, "max_length": NAME}
    )
    date_of_birth = forms.CharField(
        max_length=40, error_messages={"required": BORN, "max_length": BORN}
    )
    gender = forms.ChoiceField(
        choices=Gender.choices, error_messages={"required": GENDER, "invalid_choice": GENDER}
    )

    def __init__(self, *args: Any, region: str | None, today: date, **kwargs: Any) -> None:
        """region is whose phone numbers need no country code; today the clinic's."""
        super().__init__(*args, **kwargs)
        self.today = today
        self.alike: list[Any] = []  # who may be the same person, once somebody was looked for
        self.spent = False  # whether the key has registered another before
        self.fields["phone"] = PhoneNumberField(
            region=region, required=False, error_messages={"invalid": PHONE}
        )

    def clean_full_name(self) -> str:
        """Something with a letter in it, with single spaces."""
        name = " ".join(self.cleaned_data["full_name"].split())
        if not any(c.isalpha() for c in name):
            raise forms.ValidationError(NAME)
        return name

    def clean_date_of_birth(self) -> date:
        """A day with its year, not to come."""
        born = parse_birth(self.cleaned_data["date_of_birth"], today=self.today)
        if born is None:
            raise forms.ValidationError(BORN)
        return born

    def clean_phone(self) -> Any:
        """One that fits the column (constraint patients_phone), or ""."""
        phone = self.cleaned_data["phone"]
        if not re.fullmatch(E164, str(phone)):
            raise forms.ValidationError(PHONE)
        return phone

    @property
    def seen(self) -> list[str]:
        """Ids of those who were shown before, and are not this person."""
        data = cast(QueryDict, self.data)
        told = self.is_bound and data.get("patient") == NEW
        return [pk for pk in data.getlist("alike") if ID.fullmatch(pk)] if told else []

    @property
    def key(self) -> str:
        """The key to go on with; "" for none: the page takes a fresh one."""
        return "" if self.spent else sent_key(self)

    @property
    def columns(self) -> dict[str, Any]:
        """What a patient's row says of this."""
        names = ("full_name", "date_of_birth", "gender", "phone")
        return {name: self.cleaned_data[name] for name in names}
