"""What may be looked for on the page of free times."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.enums import AppointmentType
from booking.finding import Wish
from booking.forms.days import Dated, DayField

SUBJECT = "subject:"
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
PARTS = (
    ("", _("Any time")),
    ("morning", _("Morning, before 12:00")),
    ("afternoon", _("Afternoon, 12:00 to 17:00")),
    ("evening", _("Evening, from 17:00")),
)
FURTHEST = timedelta(days=365)


class FindForm(Dated):
    """GET: who, kind (a type or a service), from, to, part, weekday (several), pack, where."""

    who = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": _("Choose a doctor.")}
    )
    kind = forms.ChoiceField(
        required=False,
        error_messages={"invalid_choice": _("Choose a type.")},
    )
    to = DayField(required=False)
    part = forms.ChoiceField(
        required=False, choices=PARTS, error_messages={"invalid_choice": _("Choose a time of day.")}
    )
    weekday = forms.MultipleChoiceField(
        required=False,
        choices=[(str(n), day) for n, day in enumerate(DAYS, 1)],
        error_messages={"invalid_choice": _("Choose days of the week.")},
    )
    pack = forms.BooleanField(required=False)
    where = forms.ChoiceField(required=False, choices=[("", "here"), ("all", "all")])

    def __init__(
        self,
        data: Any,
        *,
        today: date,
        doctors: Iterable[tuple[UUID, str]],
        subjects: Iterable[str],
        services: Iterable[tuple[UUID, str]] = (),
    ) -> None:
        super().__init__(data, today=today)
        self.add_day("from", required=False)
        self.services = [(str(pk), name) for pk, name in services]
        self.fields["kind"].choices = [*AppointmentType.choices, *self.services]  # type: ignore[attr-defined]
        named = [(str(pk), name) for pk, name in doctors]
        self.fields["who"].choices = [  # type: ignore[attr-defined]
            ("", ""), *named, *((SUBJECT + s, s) for s in subjects)
        ]  # fmt: skip

    def clean(self) -> None:
        """From one day to a later one, within a year."""
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        start = max(first, self.today) if first else self.today
        if last and not start <= last <= start + FURTHEST:
            self.add_error("to", _("Choose a last day within a year of the first."))

    def wish(self, zone: ZoneInfo, **more: Any) -> Wish:
        """What is looked for, its days being those of a clinic in zone."""
        data = self.cleaned_data
        who, kind = data.get("who", ""), data.get("kind", "")
        last = data.get("to")
        return Wish(
            after=midnight(data.get("from"), zone),
            until=midnight(last and last + timedelta(1), zone),
            doctor_ids=(UUID(who),) if who and not who.startswith(SUBJECT) else (),
            subject=who.removeprefix(SUBJECT) if who.startswith(SUBJECT) else "",
            part=data.get("part", ""),
            weekdays=tuple(map(int, data.get("weekday", ()))),
            compact=data.get("pack", False),
            service_id=UUID(kind) if kind in dict(self.services) else None,
            **more,
        )


def midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), zone) if day else None


class CalendarForm(forms.Form):
    """Whose calendar address to make: a doctor's or a patient's."""

    doctor = forms.UUIDField(required=False)
    patient = forms.UUIDField(required=False)

    def clean(self) -> None:
        """One of the two."""
        data = self.cleaned_data
        if bool(data.get("doctor")) == bool(data.get("patient")):
            self.add_error("doctor", _("Choose whose calendar it is."))
