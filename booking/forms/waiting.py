"""What people may send from the pages of the waiting list."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.enums import AppointmentType, DayPart
from booking.forms.appointments import KEY_LENGTH, LARGEST
from booking.forms.days import Dated, DayField
from booking.services.waiting import Wish

PRIORITIES = [(1, _("Urgent")), (2, _("Soon")), (3, _("Routine"))]
WEEKDAYS = [
    (1, _("Mon")), (2, _("Tue")), (3, _("Wed")), (4, _("Thu")), (5, _("Fri")), (6, _("Sat")),
    (7, _("Sun")),
]  # fmt: skip
EARLIEST = {"required": _("Write the earliest day, such as 23/11 or tomorrow.")}
LATEST = {"required": _("Write the latest day, such as 23/11 or tomorrow.")}


class WishForm(Dated):
    """What somebody waits for; version is that of the entry that is changed."""

    idempotency_key = forms.CharField(max_length=KEY_LENGTH)
    version = forms.IntegerField(min_value=1, max_value=LARGEST, required=False)
    doctor = forms.UUIDField(required=False)
    appointment_type = forms.ChoiceField(choices=AppointmentType.choices)
    earliest = DayField(error_messages=EARLIEST)
    latest = DayField(error_messages=LATEST)
    weekdays = forms.TypedMultipleChoiceField(choices=WEEKDAYS, coerce=int, required=False)
    day_part = forms.ChoiceField(choices=DayPart.choices)
    priority = forms.TypedChoiceField(choices=PRIORITIES, coerce=int)
    note = forms.CharField(
        max_length=500,
        required=False,
        error_messages={"max_length": _("Keep the note under 500 characters.")},
    )

    def __init__(self, *args: Any, doctors: list[tuple[UUID, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.doctors = doctors

    def clean_doctor(self) -> UUID | None:
        """One of the clinic's, or any."""
        chosen: UUID | None = self.cleaned_data["doctor"]
        if chosen and chosen not in {pk for pk, _name in self.doctors}:
            raise forms.ValidationError(_("Choose a doctor from the list."))
        return chosen

    def clean(self) -> None:
        """The span of days must have a day that is still to come."""
        earliest, latest = self.cleaned_data.get("earliest"), self.cleaned_data.get("latest")
        if earliest and latest and latest < earliest:
            self.add_error("latest", _("The latest day is before the earliest."))
        elif latest and latest < self.today:
            self.add_error("latest", _("The latest day has passed."))

    def wish(self) -> Wish:
        """Of a valid form."""
        data = self.cleaned_data
        return Wish(
            earliest=data["earliest"], latest=data["latest"], doctor_id=data["doctor"],
            appointment_type=data["appointment_type"], weekdays=tuple(sorted(data["weekdays"])),
            day_part=data["day_part"], priority=data["priority"], note=data["note"],
        )  # fmt: skip


class EntryForm(forms.Form):
    """An entry as it was when the page was made."""

    version = forms.IntegerField(min_value=1, max_value=LARGEST)


class AnswerForm(forms.Form):
    """What the patient said on the phone."""

    idempotency_key = forms.CharField(max_length=KEY_LENGTH)
    answer = forms.ChoiceField(choices=[("accepted", "accepted"), ("declined", "declined")])


class OfferForm(forms.Form):
    """A free time for somebody who waits."""

    idempotency_key = forms.CharField(max_length=KEY_LENGTH)
    slot = forms.UUIDField()


class LinkForm(forms.Form):
    """What the patient says through the link."""

    answer = forms.ChoiceField(choices=[("accepted", "accepted"), ("declined", "declined")])
