"""What people send from the pages of absences."""

import datetime as dt
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from booking.enums import AbsenceChoice, AbsenceReason
from booking.forms.appointments import KEY_LENGTH, LARGEST
from booking.forms.days import Dated, DayField
from booking.services.absences import Choice

PLACED = (AbsenceChoice.COVER, AbsenceChoice.MOVE, AbsenceChoice.ASK)
MOST = 1000  # as booking.apply_absence


class AbsenceForm(Dated):
    """A new absence, in the clinic's wall clock: whole days, or from and until a time of day."""

    idempotency_key = forms.CharField(max_length=KEY_LENGTH)
    doctor = forms.UUIDField(error_messages={"required": _("Choose a doctor.")})
    first_day = DayField()
    first_time = forms.TimeField(
        required=False, error_messages={"invalid": _("Write a time, such as 13:30.")}
    )
    last_day = DayField(required=False)
    last_time = forms.TimeField(
        required=False, error_messages={"invalid": _("Write a time, such as 13:30.")}
    )
    reason = forms.ChoiceField(choices=AbsenceReason.choices)
    note = forms.CharField(max_length=500, required=False)

    def __init__(self, *args: Any, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone = zone

    def clean(self) -> None:
        """starts_at and ends_at as instants; without a last day the absence ends on its first."""
        data = self.cleaned_data
        first, last = data.get("first_day"), data.get("last_day")
        if self.errors or first is None:
            return
        last = last or first
        until = dt.datetime.combine(last, data.get("last_time") or dt.time(), self.zone)
        if not data.get("last_time"):
            until = dt.datetime.combine(last + dt.timedelta(1), dt.time(), self.zone)
        start = dt.datetime.combine(first, data.get("first_time") or dt.time(), self.zone)
        data["starts_at"], data["ends_at"] = start.astimezone(dt.UTC), until.astimezone(dt.UTC)
        now = dt.datetime.now(dt.UTC)
        if data["ends_at"] <= max(data["starts_at"], now):
            self.add_error("last_day", _("The absence must end after it begins, and not be over."))
        elif data["ends_at"] - data["starts_at"] > dt.timedelta(366):
            self.add_error("last_day", _("Write a year at most."))


class AbsenceVersionForm(forms.Form):
    """A change of an absence as it was when the page was made."""

    idempotency_key = forms.CharField(max_length=KEY_LENGTH)
    version = forms.IntegerField(min_value=1, max_value=LARGEST)


class AnswerForm(AbsenceVersionForm):
    """What an asked patient said."""

    visit = forms.UUIDField()
    answer = forms.ChoiceField(choices=[("agreed", "agreed"), ("declined", "declined")])


def choices_in(data: QueryDict) -> list[Choice]:
    """The choices of the page: choice-<id>, version-<id>, cover-<id> and place-<id> of each visit.

    What is no choice at all is left out, so that a page cut short does nothing to the rest.
    """
    names = [name[7:] for name in data if name.startswith("choice-")][:MOST]
    return [choice for name in names if (choice := _choice(data, name))]


def _choice(data: QueryDict, name: str) -> Choice | None:
    kind = data.get(f"choice-{name}", "")
    try:
        visit, version = UUID(name), int(data.get(f"version-{name}", ""))
        place = data.get(f"{'cover' if kind == 'cover' else 'place'}-{name}", "")
        slot = UUID(place) if kind in PLACED and place else None
    except ValueError:
        return None
    if kind not in AbsenceChoice.values or not 0 < version <= LARGEST:
        return None
    return Choice(visit, version, kind, slot)
