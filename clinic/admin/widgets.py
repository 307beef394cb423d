"""Widgets of the stock admin, with what it leaves out."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime, AutocompleteSelect
from django.utils.translation import gettext as _


def is_uuid(text: Any) -> bool:
    """Whether text can be a primary key of ours; a query must not be asked otherwise."""
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True


class ClinicAutocomplete(AutocompleteSelect):
    """A picker whose posted value may be anything: what is no id selects nothing."""

    @property
    def media(self) -> forms.Media:
        ours = forms.Media(js=["admin/js/autocomplete.js", "js/admin-pickers.js"])
        return super().media + ours

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> Any:
        """The list opens inside the page's main part, not beside everything."""
        attrs = super().build_attrs(base_attrs, extra_attrs)
        return {**attrs, "data-dropdown-parent": "#content-start"}

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [v for v in value if is_uuid(v)], attr)


class LabelledDateTime(AdminSplitDateTime):
    """The two inputs have names of their own for people who hear them."""

    def label(self, text: str) -> None:
        """Name the date and the time input after the field."""
        for widget, part in zip(self.widgets, (_("date"), _("time")), strict=True):
            widget.attrs["aria-label"] = f"{text}: {part}"
