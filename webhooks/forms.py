"""What administrators are asked."""

import base64
import binascii
import re

from django import forms
from django.utils.translation import gettext_lazy as _


class SecretForm(forms.Form):
    """A new secret for a source: made here, or the one that its sender gave."""

    secret = forms.CharField(
        label=_("Secret"),
        required=False,
        max_length=100,
        help_text=_("Only if the sender gave you one (whsec_…). Leave it empty to have one made."),
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )
    hours = forms.IntegerField(
        label=_("Hours for which the old one still counts"),
        min_value=0,
        max_value=168,
        initial=24,
    )

    def clean_secret(self) -> str | None:
        """Base64 of 24 to 64 bytes, with whsec_ before it or not; None when it is left empty."""
        secret: str = self.cleaned_data["secret"]
        if not secret:
            return None
        try:
            key = base64.b64decode(re.sub("^whsec_", "", secret), validate=True)
        except (binascii.Error, ValueError) as error:
            raise forms.ValidationError(_("This is no secret: whsec_ and base64.")) from error
        if not 24 <= len(key) <= 64:
            raise forms.ValidationError(_("A secret has 24 to 64 bytes."))
        return secret
