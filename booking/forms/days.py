"""Days as people type them, in the forms of booking."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.dates import parse_day

WORDS = _("Write a day, such as 23/11 or tomorrow.")


class DayField(forms.CharField):
    """A day: 23/11, 23 nov 2026, tomorrow. A date, or None where it may be empty and is.

    today is what days without a year are near; a form that is Dated sets it.
    """

    today: date

    def __init__(self, **kwargs: Any) -> None:
        words = {"required": WORDS, "max_length": WORDS, **kwargs.pop("error_messages", {})}
        super().__init__(max_length=40, error_messages=words, **kwargs)

    def clean(self, value: Any) -> date | None:
        """The day; refuses what is none."""
        text = super().clean(value)
        day = parse_day(text, today=self.today) if text else None
        if text and day is None:
            raise forms.ValidationError(WORDS)
        return day


class Dated(forms.Form):
    """Whose days without a year are near today."""

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        for each in self.fields.values():
            if isinstance(each, DayField):
                each.today = today

    def add_day(self, name: str, **kwargs: Any) -> None:
        """A field whose name no attribute of a class can have, such as "from"."""
        field = DayField(**kwargs)
        field.today = self.today
        self.fields[name] = field
