"""What people may send about working time. Templates draw the fields; these read them."""

import json
import re
from datetime import date, datetime, time
from hashlib import sha256
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from booking.forms.days import Dated, DayField

DAYS = [(number + 1, name) for number, name in WEEKDAYS.items()]
EVERY = [(1, _("Every week")), (2, _("Every 2 weeks")), (3, _("Every 3 weeks")),
         (4, _("Every 4 weeks"))]  # fmt: skip
KINDS = {"holiday": _("Closed days"), "session": _("Extra session"), "leave": _("Leave")}
BLANK_ROWS = 3
MOST_ROWS = 60
CLOCK = re.compile(r"(\d{1,2})(?:[:.h]?(\d{2}))?")


class ClockField(forms.CharField):
    """A time of day: 9, 9:30, 0930, and 24:00 for midnight. A time, or None if it may be empty."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=8, **kwargs)

    def clean(self, value: Any) -> time | None:
        text = super().clean(value)
        if not text:
            return None
        match = CLOCK.fullmatch(text)
        hour, minute = (int(match[1]), int(match[2] or 0)) if match else (99, 0)
        if (hour, minute) == (24, 0):
            hour = 0
        if hour > 23 or minute > 59:
            raise forms.ValidationError(_("Write a time such as 09:30."))
        return time(hour, minute)


class WeekForm(Dated):
    """One row of weekly hours; a row without times is none."""

    weekday = forms.TypedChoiceField(choices=DAYS, coerce=int, required=False, empty_value=None)
    starts = ClockField(required=False)
    ends = ClockField(required=False)
    every_weeks = forms.TypedChoiceField(choices=EVERY, coerce=int, required=False, empty_value="1")
    week_of = DayField(required=False)

    def clean(self) -> None:
        data = self.cleaned_data
        starts, ends = data.get("starts"), data.get("ends")
        if self.errors or (starts is None and ends is None):
            return
        if starts is None or ends is None:
            missing = "starts" if starts is None else "ends"
            self.add_error(missing, _("Write both times, or none."))
        elif starts == ends:
            self.add_error("ends", _("Hours end at another time than they start."))
        if data.get("weekday") is None:
            self.add_error("weekday", _("Choose a weekday."))
        if int(data.get("every_weeks", 1)) > 1 and data.get("week_of") is None:
            self.add_error("week_of", _("Name a day in a week that is worked."))

    def values(self) -> dict[str, Any] | None:
        """The row as save_hours takes it, or None for an empty one."""
        data = self.cleaned_data
        if data.get("starts") is None:
            return None
        every = int(data["every_weeks"])
        week_of = data["week_of"] if every > 1 else None
        return {
            "weekday": data["weekday"], "starts": f"{data['starts']:%H:%M}",
            "ends": f"{data['ends']:%H:%M}", "every_weeks": every,
            "week_of": week_of and week_of.isoformat(),
        }  # fmt: skip


class BreakForm(forms.Form):
    """One break, of every day or of one weekday; without times it is none."""

    weekday = forms.TypedChoiceField(
        choices=[("", _("Every day")), *DAYS], coerce=int, required=False, empty_value=None
    )
    starts = ClockField(required=False)
    ends = ClockField(required=False)

    def clean(self) -> None:
        starts, ends = self.cleaned_data.get("starts"), self.cleaned_data.get("ends")
        if not self.errors and (starts is None) != (ends is None):
            self.add_error("starts" if starts is None else "ends", _("Write both times, or none."))
        elif starts and ends and ends <= starts:
            self.add_error("ends", _("A break ends after it starts, on the same day."))

    def values(self) -> dict[str, Any] | None:
        data = self.cleaned_data
        if data.get("starts") is None:
            return None
        row: dict[str, Any] = {"starts": f"{data['starts']:%H:%M}", "ends": f"{data['ends']:%H:%M}"}
        return row | ({"weekday": data["weekday"]} if data.get("weekday") else {})


def number(low: int, high: int) -> forms.IntegerField:
    text = _("Write a number from %(low)d to %(high)d.") % {"low": low, "high": high}
    said = dict.fromkeys(("required", "invalid", "min_value", "max_value"), text)
    return forms.IntegerField(min_value=low, max_value=high, error_messages=said)


class PlanForm(Dated):
    """What of a plan is not a row, and the stamp of what it replaces."""

    stamp = forms.CharField(max_length=64)
    previewed = forms.CharField(max_length=64, required=False)
    first = DayField(error_messages={"required": _("Write the first day.")})
    until = DayField(required=False)
    minutes = number(5, 480)
    before = number(0, 240)
    after = number(0, 240)
    lead = number(0, 43200)
    ahead = number(0, 730)
    daily = number(0, 500)

    def clean(self) -> None:
        first, until = self.cleaned_data.get("first"), self.cleaned_data.get("until")
        if first and until and until < first:
            self.add_error("until", _("The last day is before the first."))


WeekRows: Any = forms.formset_factory(
    WeekForm, extra=BLANK_ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS, validate_max=True
)
BreakRows: Any = forms.formset_factory(
    BreakForm, extra=BLANK_ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS, validate_max=True
)


def plan_of(form: PlanForm, rows: Any, breaks: Any) -> dict[str, Any]:
    """The plan that valid forms describe, as booking.hours.save_hours takes it."""
    data = form.cleaned_data
    limits = {name: data[name] for name in ("minutes", "before", "after", "lead", "ahead", "daily")}
    return limits | {
        "from": data["first"].isoformat(),
        "until": data["until"] and data["until"].isoformat(),
        "hours": [row for f in rows if (row := f.values())],
        "breaks": [row for f in breaks if (row := f.values())],
    }


def digest(plan: dict[str, Any]) -> str:
    """What tells one plan from another: was it this one that was previewed?"""
    return sha256(json.dumps(plan, sort_keys=True, default=str).encode()).hexdigest()


class EntryForm(Dated):
    """What closed days, an extra session and leave have in common: an id of their own, the key.

    values() of each is what booking.hours.change_calendar takes.
    """

    entry_id = forms.UUIDField()
    previewed = forms.CharField(max_length=64, required=False)


class HolidayForm(EntryForm):
    first_day = DayField(error_messages={"required": _("Write the first day.")})
    last_day = DayField(required=False)
    name = forms.CharField(max_length=255, error_messages={"required": _("Say what it is.")})

    def clean(self) -> None:
        first, last = self.cleaned_data.get("first_day"), self.cleaned_data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("The last day is before the first."))

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        last = data["last_day"] or data["first_day"]
        return {"first_day": data["first_day"], "last_day": last, "name": data["name"]}


class OfDoctor(EntryForm):
    doctor = forms.UUIDField(error_messages=dict.fromkeys(("required", "invalid"),
                                                          _("Choose a doctor.")))  # fmt: skip
    reason = forms.CharField(max_length=255, required=False)


class SessionForm(OfDoctor):
    day = DayField(error_messages={"required": _("Write the day.")})
    starts = ClockField(error_messages={"required": _("Write when it starts.")})
    ends = ClockField(error_messages={"required": _("Write when it ends.")})

    def clean(self) -> None:
        starts = self.cleaned_data.get("starts")
        if starts is not None and starts == self.cleaned_data.get("ends"):
            self.add_error("ends", _("It ends at another time than it starts."))

    def values(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {
            "doctor_id": data["doctor"], "day": data["day"], "starts": f"{data['starts']:%H:%M}",
            "ends": f"{data['ends']:%H:%M}", "reason": data["reason"],
        }  # fmt: skip


class LeaveForm(OfDoctor):
    """Whole days unless times are given."""

    first_day = DayField(error_messages={"required": _("Write the first day.")})
    starts = ClockField(required=False)
    last_day = DayField(required=False)
    ends = ClockField(required=False)

    def span(self) -> tuple[datetime, datetime]:
        """From when to when, by the wall clock."""
        data = self.cleaned_data
        last = data.get("last_day") or data["first_day"]
        first = datetime.combine(data["first_day"], data.get("starts") or time())
        end = data.get("ends")
        return first, datetime.combine(last if end else next_day(last), end or time())

    def clean(self) -> None:
        if not self.errors and self.span()[1] <= self.span()[0]:
            self.add_error("last_day", _("Leave ends after it starts."))

    def values(self) -> dict[str, Any]:
        first, last = self.span()
        data = self.cleaned_data
        return {
            "doctor_id": data["doctor"], "starts": first.isoformat(), "ends": last.isoformat(),
            "reason": data["reason"],
        }  # fmt: skip


def next_day(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)


FORMS: dict[str, Any] = {
    "holiday": HolidayForm, "session": SessionForm, "leave": LeaveForm,
}  # fmt: skip
