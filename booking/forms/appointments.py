"""What people may send from the front desk. Templates draw the fields; these read them."""

from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.enums import AppointmentType

KEY_LENGTH = 200
LARGEST = 2**31 - 1  # what an integer column holds
# Where the buttons of the panel say that a visit goes, and the action that takes it there.
ACTIONS = {
    "confirmed": "confirm", "arrived": "check_in", "in_room": "start", "done": "finish",
    "no_show": "no_show", "left": "leave",
}  # fmt: skip
PICK = _("Choose a patient from the list.")
TYPE = _("Choose a type.")


def sent_key(form: forms.Form) -> str:
    """The idempotency key that a form came with, or "" for what is none."""
    key: str = form.data.get("idempotency_key", "")
    return key if len(key) <= KEY_LENGTH else ""


class BookingForm(forms.Form):
    """A booking. q is the search text beside the chosen patient, picked what it was on choosing."""

    idempotency_key = forms.CharField(max_length=KEY_LENGTH)
    slot = forms.UUIDField()
    q = forms.CharField(max_length=200, required=False)
    picked = forms.CharField(max_length=200, required=False)
    patient = forms.UUIDField(error_messages={"required": PICK, "invalid": PICK})
    appointment_type = forms.CharField(max_length=40, error_messages={"required": TYPE})
    visit_reason = forms.CharField(
        max_length=500,
        required=False,
        error_messages={"max_length": _("Keep the reason under 500 characters.")},
    )

    @property
    def key(self) -> str:
        """The key to go on with; "" for none: the page takes a fresh one."""
        return sent_key(self)

    def clean_appointment_type(self) -> str:
        """A type by its code, or the id of a service, which has a type of its own."""
        value: str = self.cleaned_data["appointment_type"]
        self.cleaned_data["service"] = None
        if value in AppointmentType.values:
            return value
        try:
            self.cleaned_data["service"] = UUID(value)
        except ValueError as error:
            raise forms.ValidationError(TYPE) from error
        return AppointmentType.CONSULTATION.value

    def clean(self) -> None:
        """The text beside a choice must still be the text it was chosen under: no wrong patient."""
        data = self.cleaned_data
        if data.get("patient") and data.get("picked") and data.get("q") != data["picked"]:
            self.add_error("patient", PICK)


class VersionForm(forms.Form):
    """A change of an appointment as it was when the page was made."""

    idempotency_key = forms.CharField(max_length=KEY_LENGTH)
    version = forms.IntegerField(min_value=1, max_value=LARGEST)


class TransitionForm(VersionForm):
    """One of the buttons of the panel; to is where the visit goes."""

    to = forms.ChoiceField(choices=[(to, to) for to in ACTIONS])


class MoveForm(VersionForm):
    """A free time in move mode."""

    slot = forms.UUIDField()


class CancelForm(VersionForm):
    """A cancellation: one of the reason buttons, or words of one's own."""

    version = forms.IntegerField(min_value=1, max_value=LARGEST, required=False)
    reason = forms.CharField(max_length=200, required=False)
    other = forms.CharField(max_length=200, required=False)

    def clean(self) -> None:
        """Say why: the reason feeds the reports."""
        data = self.cleaned_data
        data["why"] = (data.get("reason") or data.get("other") or "").strip()
        if not data["why"]:
            self.add_error("other", _("Say why it is cancelled."))
