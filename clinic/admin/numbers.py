"""A patient's document numbers: kept encrypted, masked on the page, in full for who asks by a POST.

Nothing of them is in a list, in the form of the patient, or in an address.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import DatabaseError, transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from clinic.admin.errors import refusal
from clinic.admin.grants import may_call
from clinic.encryption.values import masked_secret, reveal_secret, set_secret
from clinic.errors import KeysLocked, NotEncryptedHere, RowanError

TABLE = "clinic.patients"
NUMBERS = {
    "nric_encrypted": gettext_lazy("National ID"),
    "passport_number_encrypted": gettext_lazy("Passport number"),
    "chas_card_number_encrypted": gettext_lazy("CHAS card number"),
    "insurance_policy_number_encrypted": gettext_lazy("Insurance policy number"),
}
SEE = "app.masked_secret(text, uuid)"
KEEP = "app.encrypt_value(text, text)"
UNREADABLE = gettext_lazy("cannot be read")


class NumbersForm(forms.Form):
    """New values; what is left empty stays as it is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label in NUMBERS.items():
            plain = {"autocomplete": "off", "spellcheck": "false", "class": "vTextField"}
            widget = forms.TextInput(attrs=plain)
            self.fields[name] = forms.CharField(
                label=label, max_length=64, required=False, widget=widget
            )


class Numbered:
    """For the admin of patients: the page of their numbers."""

    admin_site: Any
    opts: Any
    get_object: Any
    label: Any

    def object_tools(self, request: Any, obj: Any) -> list[tuple[str, str]]:
        tools: list[tuple[str, str]] = super().object_tools(request, obj)  # type: ignore[misc]
        if may_call(request.role, SEE):
            tools.append((_("Numbers"), reverse("admin:clinic_patient_numbers", args=[obj.pk])))
        return tools

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.numbers_view)
        page = path("<uuid:pk>/numbers/", view, name="clinic_patient_numbers")
        return [page, *super().get_urls()]  # type: ignore[misc]

    @method_decorator([never_cache, sensitive_post_parameters()])
    def numbers_view(self, request: Any, pk: UUID) -> HttpResponse:
        """Masked numbers; a POST with show=, remove= or new values does that."""
        patient = self.get_object(request, str(pk))
        if patient is None:
            raise Http404
        if not may_call(request.role, SEE if request.method == "GET" else KEEP):
            raise PermissionDenied
        if name := request.POST.get("show"):
            return self._page(request, patient, NumbersForm(), shown=name)
        form = NumbersForm(request.POST or None)
        if form.is_valid() and self._keep(request, patient, form):
            return HttpResponseRedirect(request.path)
        return self._page(request, patient, form)

    def _keep(self, request: Any, patient: Any, form: NumbersForm) -> bool:
        new = {name: value for name, value in form.cleaned_data.items() if value}
        if name := request.POST.get("remove"):
            new = {known(name): ""}
        try:
            with transaction.atomic():
                for name, value in new.items():
                    set_secret(
                        clinic_id=request.clinic.id, place=f"{TABLE}.{name}", row_id=patient.pk,
                        value=value,
                    )  # fmt: skip
        except (DatabaseError, RowanError) as error:
            form.add_error(None, refusal(error).message)
            return False
        messages.success(
            request, _("The numbers were changed.") if new else _("Nothing to change.")
        )
        return True

    def _page(self, request: Any, patient: Any, form: NumbersForm, shown: str = "") -> HttpResponse:
        shown = known(shown) if shown else ""
        numbers = [
            (name, label, number(request.clinic.id, name, patient.pk, full=name == shown))
            for name, label in NUMBERS.items()
        ]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Numbers of %s") % self.label(patient),
            "numbers": numbers,
            "shown": shown,
            "form": form,
            "may_keep": may_call(request.role, KEEP),
            "patient": patient,
            "opts": self.opts,
        }
        request.current_app = self.admin_site.name
        status = 422 if form.errors else 200
        return TemplateResponse(request, "admin/numbers.html", context, status=status)


def known(name: str) -> str:
    if name not in NUMBERS:
        raise SuspiciousOperation("no such number")
    return name


def number(clinic_id: UUID, name: str, patient_id: UUID, *, full: bool) -> str:
    """What the page shows of a number, "" for none."""
    ask = reveal_secret if full else masked_secret
    try:
        return ask(clinic_id=clinic_id, place=f"{TABLE}.{name}", row_id=patient_id)
    except (NotEncryptedHere, KeysLocked):
        return str(UNREADABLE)
