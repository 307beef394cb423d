"""The booking form with what lets it go on in spite of another visit."""

from django import forms
from django.utils.translation import gettext_lazy as _

from booking.forms.appointments import BookingForm

# Why a doctor sees two at once, as booking.overbook_slot knows it.
OVERBOOK_REASONS = {
    "urgent": _("Urgent"),
    "doctor_asked": _("The doctor asked for it"),
    "brief": _("A brief matter"),
    "other": _("Another reason"),
}
SAY_WHY = _("Say why it is overbooked.")


class DespiteForm(BookingForm):
    """overbook: the time is taken, and that is known.

    overlap_reason lets the patient be in two places.
    """

    overbook = forms.BooleanField(required=False)
    overbook_code = forms.ChoiceField(
        choices=OVERBOOK_REASONS.items(), required=False,
        error_messages={"invalid_choice": SAY_WHY},
    )  # fmt: skip
    overbook_reason = forms.CharField(
        max_length=500, required=False,
        error_messages={"max_length": _("Keep the reason under 500 characters.")},
    )  # fmt: skip
    overlap_reason = forms.CharField(
        max_length=500, required=False,
        error_messages={"max_length": _("Keep the reason under 500 characters.")},
    )  # fmt: skip

    def clean(self) -> None:
        """Overbooking needs its reason, another reason its words."""
        super().clean()
        data = self.cleaned_data
        if data.get("overbook") and not self.has_error("overbook_code"):
            code, words = data.get("overbook_code"), data.get("overbook_reason", "")
            if not code or (code == "other" and not words.strip()):
                self.add_error("overbook_code", SAY_WHY)


def overbook_text(kept: str) -> str:
    """Urgent: chest pain, of a reason as it is kept."""
    code, _sep, words = kept.partition(": ")
    word = str(OVERBOOK_REASONS.get(code, code))
    return f"{word}: {words}" if words else word
