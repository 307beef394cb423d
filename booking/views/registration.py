"""Patients who come for the first time: registered on a page, or with their first booking."""

from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render

from booking.forms.registration import RegistrationForm
from booking.views.patients import Option, newcomer
from booking.views.shell import (
    STAFF,
    FrontDeskRequest,
    as_uuid,
    desk_page,
    desk_url,
    fresh_key,
    leave,
    today_of,
)
from clinic.models import Patient
from clinic.queries import phone_region
from clinic.search import get_patient, look_alikes
from clinic.services import register_once

NEW = "new"  # in the place of a patient's id
ALIKE = "Somebody like this is registered. Choose them, or say that this is somebody else."
USED = "This form has registered somebody else before. Open a new one."


def registration_form(request: FrontDeskRequest) -> RegistrationForm:
    """What was sent of somebody new; phone numbers are read as people of the clinic dial them."""
    region = phone_region(request.clinic.id)
    return RegistrationForm(request.POST, region=region, today=today_of(request))


def coming_new(data: Any) -> bool:
    """Whether a booking form is for somebody new, or shows whom it might be and none is chosen."""
    return data.get("patient") == NEW or ("alike" in data and not data.get("patient"))


def newcomer_id(request: FrontDeskRequest, form: RegistrationForm) -> UUID:
    """What the patient of this form will have: one key registers one, whoever sends it twice."""
    return uuid5(request.clinic.id, f"{request.user.pk}.{form.data.get('idempotency_key')}")


def is_new(request: FrontDeskRequest, form: RegistrationForm) -> bool:
    """Whether the form is complete, and nobody is like this or all have been looked at.

    Those who are like it stay with the form, as options, to be chosen from.
    """
    if not form.is_valid():
        return False
    given = {key: form.columns[key] for key in ("full_name", "date_of_birth", "phone")}
    found = look_alikes(clinic_id=request.clinic.id, **given)
    others = [patient for patient in found if patient.id != newcomer_id(request, form)]
    seen = request.POST.getlist("alike")
    if form.data.get("patient") == NEW and all(str(patient.id) in seen for patient in others):
        return True
    form.alike = [Option.of(patient) for patient in others]
    if others:
        form.add_error(None, ALIKE)
    return not others


def register(request: FrontDeskRequest, form: RegistrationForm) -> bool:
    """Register the patient of a form that is_new; False when its key has registered another."""
    pk, clinic_id = newcomer_id(request, form), request.clinic.id
    if register_once(clinic_id=clinic_id, patient=Patient(id=pk, **form.columns)):
        return True
    return Patient.objects.filter(clinic_id=clinic_id, id=pk, **form.columns).exists()


def first_error(form: RegistrationForm | None) -> str:
    """The field at which to go on."""
    return next(iter(form.errors), "") if form else ""


@desk_page(*STAFF)
def register_page(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """GET: the form, with the name that was looked for. POST: register, and show the patient."""
    if request.method != "POST":
        return page(request, newcomer(request, request.GET.get("q", "")[:100]))
    if known := as_uuid(request.POST.get("patient")):
        return show(request, known)
    form = registration_form(request)
    if not is_new(request, form):
        return page(request, form, 422)
    if not register(request, form):
        form.add_error(None, USED)
        return page(request, form, 422)
    messages.success(request, f"{form.columns['full_name']} is registered.")
    return show(request, newcomer_id(request, form))


def show(request: FrontDeskRequest, patient_id: UUID) -> HttpResponse:
    """On to the patient, as the search by record number shows them."""
    patient = get_patient(clinic_id=request.clinic.id, patient_id=patient_id)
    if patient is None:
        raise Http404
    return leave(request, desk_url(request, "patients", q=patient.patient_number))


def page(request: FrontDeskRequest, form: RegistrationForm, status: int = 200) -> HttpResponse:
    """The form, with everything that was typed."""
    context = {
        "nav": "patients",
        "title": "Error: Register a patient" if status == 422 else "Register a patient",
        "registration": form,
        "key": form.data.get("idempotency_key") or fresh_key(),
        "errors": form.errors if status == 422 else {},
        "first": first_error(form) or "full_name",
    }
    return render(request, "booking/register.html", context, status=status)
