"""Patients who come for the first time: registered on a page, or with their first booking."""

from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import render

from booking.forms.registration import NEW, RegistrationForm
from booking.queries.appointments import SlotDetail
from booking.views.patients import newcomer, noted
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
from clinic.search import PatientRow, get_patient, look_alikes, patient_row
from clinic.services import one_at_a_time, register_once

ALIKE = "Somebody like this is registered. Choose the patient, or say that this one is new."
USED = "This form has registered a patient before. Look whether it is the same, and send it again."


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


def look_first(
    request: FrontDeskRequest, form: RegistrationForm, slot: SlotDetail | None = None
) -> bool:
    """True when the form is complete, and nobody is like this or all have been looked at.

    Else the form has the errors, and those who are like it, to be chosen from. Until the
    transaction ends nobody else registers somebody born that day.
    """
    if not form.is_valid():
        return False
    given = {key: form.columns[key] for key in ("full_name", "date_of_birth", "phone")}
    one_at_a_time(clinic_id=request.clinic.id, date_of_birth=given["date_of_birth"])
    found = look_alikes(clinic_id=request.clinic.id, **given)
    others = [patient for patient in found if patient.id != newcomer_id(request, form)]
    if all(str(patient.id) in form.seen for patient in others):
        return True
    form.alike = noted(request, others, slot)
    form.add_error(None, ALIKE)
    return False


def register(request: FrontDeskRequest, form: RegistrationForm) -> PatientRow | None:
    """The patient of a form, registered now or by the same form before.

    None when its key has registered another; the form says so.
    """
    pk, clinic_id = newcomer_id(request, form), request.clinic.id
    if register_once(clinic_id=clinic_id, patient=Patient(id=pk, **form.columns)):
        return patient_row(clinic_id=clinic_id, patient_id=pk)
    if Patient.objects.filter(clinic_id=clinic_id, id=pk, is_active=True, **form.columns).exists():
        return get_patient(clinic_id=clinic_id, patient_id=pk)
    form.spent = True
    form.add_error(None, USED)
    return None


def problems(form: RegistrationForm) -> list[tuple[str, Any]]:
    """[(where to go, what is wrong)], in the order of the fields."""
    found = [
        ("" if field.is_hidden else field.auto_id, field.errors[0])
        for field in form
        if field.errors
    ]
    where = "alike" if form.alike else ""
    return [*((where, text) for text in form.non_field_errors()), *found]


@desk_page(*STAFF)
def register_page(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """GET: the form, with what was looked for. POST: register, and show the patient."""
    if request.method != "POST":
        return page(request, newcomer(request, request.GET.get("q", "")[:255]))
    if known := as_uuid(request.POST.get("patient")):
        return show(request, get_patient(clinic_id=request.clinic.id, patient_id=known))
    form = registration_form(request)
    patient = register(request, form) if look_first(request, form) else None
    if patient is None:
        return page(request, form, 422)
    tell(request, patient)
    return show(request, patient)


def tell(request: FrontDeskRequest, patient: PatientRow) -> None:
    """Say the number that somebody new has."""
    messages.success(request, f"{patient.full_name} is registered: {patient.patient_number}.")


def show(request: FrontDeskRequest, patient: PatientRow | None) -> HttpResponse:
    """On to the patient, as the search by record number shows them."""
    if patient is None:
        raise Http404
    return leave(request, desk_url(request, "patients", q=patient.patient_number))


def page(request: FrontDeskRequest, form: RegistrationForm, status: int = 200) -> HttpResponse:
    """The form, with everything that was typed."""
    wrong = problems(form) if status == 422 else []
    context = {
        "nav": "patients",
        "title": "Error: Register a patient" if status == 422 else "Register a patient",
        "registration": form,
        "key": form.key or fresh_key(),
        "errors": form.errors if status == 422 else {},
        "problems": wrong,
        "first": next((where for where, _ in wrong if where), "id_full_name"),
    }
    return render(request, "booking/register.html", context, status=status)
