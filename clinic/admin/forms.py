"""Forms of the admin: fields are checked here, rules by PostgreSQL."""

import json
from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordMixin
from django.db.models import Field, JSONField, Value
from django.forms.utils import ErrorList
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from clinic.admin.errors import Refusal
from clinic.enums import UserRole
from clinic.models import User

# Nobody makes a superadmin, and a patient's login hangs on a patient: no form offers these.
LOCAL_ROLES = [c for c in UserRole.choices if c[0] not in ("superadmin", "patient")]


class QuietErrors(ErrorList):
    """Draws nothing from nothing: a page asks each of its fields twice, by a template each time."""

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        return super().render(*args, **kwargs) if self else mark_safe("")

    __str__ = __html__ = render


class ClinicModelForm(forms.ModelForm):
    """Leaves uniqueness and constraints to the database, and shows what it refused.

    refusal is set for the second look at a form whose rows were not accepted.
    """

    refusal: Refusal | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "error_class": QuietErrors})

    def validate_unique(self) -> None:
        """PostgreSQL says it, under the policies and without a race."""

    def _post_clean(self) -> None:
        # Constraints too: it tells them better than Django does (clinic.admin.errors).
        self.instance.validate_constraints = lambda exclude=None: None
        super()._post_clean()  # type: ignore[misc]
        del self.instance.validate_constraints
        if self.refusal:
            shown = [name for name in self.refusal.fields if name in self.fields]
            self.add_error(shown[-1] if shown else None, self.refusal.message)


class LinesField(forms.CharField):
    """A JSON list of texts, one per line."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        kwargs.pop("encoder", None)
        kwargs.pop("decoder", None)
        kwargs.setdefault("help_text", _("One per line"))
        super().__init__(**kwargs)
        self.widget.attrs.update({"rows": 3, "class": "vLargeTextField"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value) or ""
        return [line.strip() for line in text.splitlines() if line.strip()]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != self.to_python(data)


class PrettyJSONField(forms.JSONField):
    """JSON as people can read it."""

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, str):
            return value
        return json.dumps(value, indent=2, ensure_ascii=False)


def db_initial(field: Field) -> dict[str, Any]:
    """initial for a field whose default is the database's."""
    default: Any = field.db_default
    default = default.value if isinstance(default, Value) else default
    constant = isinstance(default, bool | int | str | list | dict)
    return {"initial": default} if constant and not isinstance(field, JSONField) else {}


class PasswordForm(SetPasswordMixin, forms.Form):
    """A new password, twice."""

    password1, password2 = SetPasswordMixin.create_password_fields()

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean(self) -> dict[str, Any]:
        self.validate_passwords()
        self.validate_password_for_user(self.user)
        return super().clean() or {}


class OwnPasswordForm(PasswordForm):
    """One's own: the old one first. confirm(password) -> bool asks the login functions."""

    old_password = forms.CharField(
        label=_("Old password"),
        strip=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    field_order = ["old_password", "password1", "password2"]

    def __init__(self, user: User, *args: Any, confirm: Any = None, **kwargs: Any) -> None:
        super().__init__(user, *args, **kwargs)
        self.confirm = confirm

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        if not self.confirm(password):
            raise forms.ValidationError(_("This is not your password."))
        return password


class NewUserForm(SetPasswordMixin, ClinicModelForm):
    """A login of this clinic, the role that it holds here, and a first password."""

    role = forms.ChoiceField(choices=LOCAL_ROLES, help_text=_("What the person may do here"))
    password1, password2 = SetPasswordMixin.create_password_fields()

    class Meta:
        model = User
        fields = ["full_name", "email", "phone", "role"]

    def _post_clean(self) -> None:
        super()._post_clean()
        self.validate_passwords()
        self.validate_password_for_user(self.instance)


class ReasonForm(forms.Form):
    """Why: asked before something is taken back."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=255,
        widget=forms.TextInput(attrs={"class": "vTextField", "autofocus": True}),
        error_messages={"required": _("Say why.")},
    )
