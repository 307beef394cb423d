"""Finding a patient: the search page, and the list under the booking form's field."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateformat import format as date_text

from booking.forms.registration import NEW, RegistrationForm
from booking.queries.appointments import (
    SlotDetail,
    next_visits,
    slot_detail,
    visits_on,
)
from booking.queries.day import day_bounds
from booking.views.shell import (
    STAFF,
    FrontDeskRequest,
    as_uuid,
    desk_page,
    desk_url,
    local,
    may_book,
    targets,
    today_of,
    zone_of,
)
from booking.wording import phone_text
from clinic.search import MINIMUM, PatientRow, as_somebody, find_patients, is_enough

SEARCHERS = (*STAFF, "nurse", "doctor")
LIMIT = 20


@dataclass(frozen=True, slots=True)
class Option:
    """A patient in a list: name, what tells namesakes apart, and a word of warning."""

    id: UUID
    name: str
    born: str
    record: str
    phone: str
    note: str
    active: bool = True

    @classmethod
    def of(cls, patient: PatientRow, note: str = "") -> "Option":
        return cls(
            patient.id,
            patient.full_name,
            date_text(patient.date_of_birth, "j M Y"),
            patient.patient_number,
            phone_text(patient.phone, patient.country),
            note,
            patient.is_active,
        )


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a query."""

    query: str
    options: list[Option]

    @property
    def searched(self) -> bool:
        """Whether that was enough to look for."""
        return is_enough(self.query)

    @property
    def said(self) -> str:
        """8 patients match “ad”, as it is shown and read out."""
        if not self.searched:
            return f"Type at least {MINIMUM} letters or digits."
        count = len(self.options)
        if count == LIMIT:
            return f"The first {LIMIT} patients that match “{self.query}”. Type more to narrow it."
        noun = "patient matches" if count == 1 else "patients match"
        return f"{count or 'No'} {noun} “{self.query}”"


def options(request: FrontDeskRequest, query: str, slot: SlotDetail | None) -> Found:
    """Patients for a booking form."""
    query = query.strip()[:100]
    patients = find_patients(clinic_id=request.clinic.id, query=query, limit=LIMIT)
    return Found(query, noted(request, patients, slot))


def noted(
    request: FrontDeskRequest, patients: list[PatientRow], slot: SlotDetail | None
) -> list[Option]:
    """Patients to choose from; each says when the patient comes that day already."""
    visits: dict[UUID, Any] = {}
    if slot and patients:
        start, end = day_bounds(slot.slot_date, zone_of(request))
        visits = visits_on(
            clinic_id=request.clinic.id,
            patient_ids=[patient.id for patient in patients],
            start=start,
            end=end,
        )
    notes = {pk: visit.text(zone_of(request)) for pk, visit in visits.items()}
    return [Option.of(p, notes.get(p.id, "")) for p in patients]


def newcomer(
    request: FrontDeskRequest, query: str, typed: Mapping[str, Any] = MappingProxyType({})
) -> RegistrationForm:
    """The form for somebody new, with what was typed there or, of what was not, as a query.

    What stands there since the query before, which is in picked, was not typed.
    """
    today = today_of(request)
    given = as_somebody(query, today=today) | {"gender": ""}
    before = as_somebody(typed.get("picked", ""), today=today) | {"gender": ""}
    given |= {key: typed[key] for key in given if typed.get(key, "") not in ("", before[key])}
    return RegistrationForm(initial=given, region=None, today=today)


@desk_page(*STAFF)
def patient_options(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """The list under the field: options, somebody new last, and the count for the live region."""
    slot_id = as_uuid(request.GET.get("slot"))
    slot = slot_detail(clinic_id=request.clinic.id, slot_id=slot_id) if slot_id else None
    found = options(request, request.GET.get("q", ""), slot)
    typed = "alike" in request.GET or request.GET.get("patient") == NEW  # and would be lost
    offered = found.searched and not typed and newcomer(request, found.query)
    context = {"found": found, "registration": offered}
    return render(request, "booking/_options.html", context)


@desk_page(*SEARCHERS)
def search(request: FrontDeskRequest, clinic_code: str) -> HttpResponse:
    """Patients by any of four identifiers, each with the next appointment."""
    query = request.GET.get("q", "").strip()[:100]
    patients = find_patients(clinic_id=request.clinic.id, query=query, limit=LIMIT)
    visits = next_visits(
        clinic_id=request.clinic.id, patient_ids=[p.id for p in patients], now=timezone.now()
    )
    found = Found(query, [Option.of(patient) for patient in patients])
    context = {
        "nav": "patients",
        "title": f"{query} · Patients" if query else "Patients",
        "found": found,
        "rows": [(option, upcoming(request, visits.get(option.id))) for option in found.options],
        "schedule": desk_url(request, "schedule"),
        "may_book": may_book(request),
    }
    part = "booking/_found.html" if targets(request, "found") else "booking/patients.html"
    return render(request, part, context)


def upcoming(request: FrontDeskRequest, visit: Any) -> str:
    """Tue 24 Nov, 09:30 · Dr Berg"""
    if visit is None:
        return ""
    at = date_text(local(request, visit.starts_at), "D j M, H:i")
    return f"{at} · {visit.doctor}" if visit.doctor else at
