"""What people may send about series. Templates draw the fields; these read them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.enums import AppointmentType
from booking.forms.appointments import KEY_LENGTH, LARGEST
from booking.forms.days import Dated, DayField
from booking.models.series import MOST_DATES
from booking.services.series import SeriesRule

DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
WEEKDAYS = [(number, name) for number, name in enumerate(DAYS, 1)]
SCOPES = {"following": _("This visit and those after it"), "all": _("All that are to come")}
TIMES = ["%H:%M", "%H.%M", "%H%M", "%I:%M%p", "%I%p"]
LEAVE_OUT = "skip"
TIME = _("Give a time, such as 09:15.")
CHOOSE = _("Choose a time for each date, or leave it out.")


class RuleForm(Dated):
    """Every so many weeks, on days, at a time, from a day, so often or until a day."""

    patient = forms.UUIDField()
    doctor = forms.UUIDField()
    every = forms.IntegerField(
        min_value=1, max_value=52,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _("Every 1 to 52 weeks.")
        ),
    )  # fmt: skip
    days = forms.TypedMultipleChoiceField(
        choices=WEEKDAYS,
        coerce=int,
        error_messages={"required": _("Choose a day of the week.")},
    )
    at = forms.TimeField(input_formats=TIMES, error_messages={"required": TIME, "invalid": TIME})
    end = forms.ChoiceField(choices=[("count", ""), ("until", "")])
    count = forms.IntegerField(required=False, min_value=1, max_value=MOST_DATES)
    until = DayField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.add_day("from")

    def clean(self) -> None:
        """The end that was chosen must be there, and within two years."""
        data = self.cleaned_data
        end, first = data.get("end"), data.get("from")
        if end == "count" and not data.get("count") and not self.has_error("count"):
            self.add_error("count", _("Say how many times."))
        if end == "until" and first and not self.has_error("until"):
            until = data.get("until")
            if until is None or not 0 <= (until - first).days <= 730:
                self.add_error("until", _("Give a day within two years of the first."))

    @property
    def rule(self) -> SeriesRule:
        """What was asked for; of a valid form."""
        data = self.cleaned_data
        counted = data["end"] == "count"
        return SeriesRule(
            every=data["every"], weekdays=tuple(sorted(data["days"])), starts_on=data["from"],
            at=data["at"], occurrences=data["count"] if counted else None,
            until=None if counted else data["until"],
        )  # fmt: skip


class BookSeriesForm(forms.Form):
    """What is the same for all visits of a series."""

    idempotency_key = forms.CharField(max_length=KEY_LENGTH)
    appointment_type = forms.ChoiceField(choices=AppointmentType.choices)
    visit_reason = forms.CharField(
        max_length=500, required=False,
        error_messages={"max_length": _("Keep the reason under 500 characters.")},
    )  # fmt: skip


class ScopeForm(forms.Form):
    """Which visits, seen from one of them."""

    visit = forms.UUIDField()
    scope = forms.ChoiceField(choices=SCOPES.items())


class MoveSeriesForm(ScopeForm):
    """Where to: what is left empty stays each visit's own."""

    doctor = forms.UUIDField(required=False)
    weekday = forms.TypedChoiceField(choices=WEEKDAYS, coerce=int, required=False, empty_value=None)
    at = forms.TimeField(required=False, input_formats=TIMES, error_messages={"invalid": TIME})

    def clean(self) -> None:
        """Something must change."""
        data = self.cleaned_data
        if not self.errors and not any(
            data.get(name) is not None for name in ("doctor", "weekday", "at")
        ):
            raise forms.ValidationError(_("Choose another day, time or doctor."))


class KeyForm(forms.Form):
    idempotency_key = forms.CharField(max_length=KEY_LENGTH)


class UndoSeriesForm(KeyForm):
    """The visit whose last change was looked at."""

    visit = forms.UUIDField()
    version = forms.IntegerField(min_value=1, max_value=LARGEST)


def chosen_times(data: Any) -> dict[int, datetime | None] | None:
    """{date's number: the instant that was chosen, None to leave it out}; None for nonsense."""
    found: dict[int, datetime | None] = {}
    for number in range(1, MOST_DATES + 1):
        value = data.get(f"d{number}")
        if value is None:
            continue
        at = _instant(value)
        if value != LEAVE_OUT and at is None:
            return None
        found[number] = at
    return found


def _instant(value: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo else None


def seen_visits(data: Any, numbers: Iterable[int]) -> dict[int, tuple[UUID, int]] | None:
    """{row's number: (visit, version as seen)} of hidden fields v1, v2 …; None for nonsense."""
    found = {}
    for number in numbers:
        visit, _, version = data.get(f"v{number}", "").partition(":")
        try:
            found[number] = UUID(visit), int(version)
        except ValueError:
            return None
        if not 0 < found[number][1] <= LARGEST:
            return None
    return found
