"""One search box: name, date of birth, record number, phone or national id, in any order.

Only equality and ranges lead to an index under row-level security, so a name is looked up as the
range of keys that begin with it.
"""

import re
import sys
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import phonenumbers
from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from clinic.dates import split_birth
from clinic.encryption.values import patients_by_national_id
from clinic.models import Patient
from clinic.queries import phone_region
from clinic.tenancy.access import masked, note_access

MINIMUM = 2
# Letters and digits that a national id has at least: fewer are not looked up as one.
NATIONAL_ID_MINIMUM = 6
NEAR = 200  # people born on one day, or of one name
# Between these are no characters that a text may hold.
LAST_BEFORE, AFTER_SURROGATES = 0xD7FF, 0xE000
PHONE = re.compile(r"\+?[\d\s().-]{4,}")
YEAR = re.compile(r"(?:19|20)\d\d")


class PatientRow(NamedTuple):
    """A patient by the four things that identify one, the clinic's country for the phone, the name
    as it is searched by, and whether they can be booked.
    """

    id: UUID
    full_name: str
    date_of_birth: date
    patient_number: str
    phone: str
    country: str
    name_key: str
    is_active: bool


@dataclass(slots=True)
class Terms:
    """What was typed, sorted into what it can mean."""

    born: date | None = None
    year: int | None = None
    number: str = ""
    phone: str = ""
    words: list[str] = field(default_factory=list)


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case, without accents, single spaces: a name's key, asked of clinic.search_key.

    One query for each text that is not plain ASCII; the function is immutable.
    """
    key = text.lower()
    if not text.isascii():
        with connection.cursor() as cursor:
            cursor.execute("select clinic.search_key(%s)", [text])
            key = cursor.fetchone()[0]
    return " ".join(key.split())


def parse(query: str, *, today: date) -> Terms:
    """Sort the words of a query into a birth date, a phone or record number, a year and names."""
    born, text = split_birth(query.replace("\0", "").strip(), today=today)
    terms = Terms(born)
    if is_phone(text) and not born:
        terms.phone = text
        terms.number = re.sub(r"\s", "", text).upper()
        return terms
    for word in text.replace(",", " ").split():
        if YEAR.fullmatch(word):
            terms.year = int(word)
        elif any(c.isdigit() for c in word):
            terms.number = word.upper()
        elif folded := fold(word):
            terms.words.append(folded)
    return terms


def is_phone(text: str) -> bool:
    return bool(PHONE.fullmatch(text)) and not YEAR.fullmatch(text)


def is_enough(query: str) -> bool:
    """Whether anybody is looked for by it."""
    return sum(c.isalnum() for c in query) >= MINIMUM


def as_somebody(query: str, *, today: date) -> dict[str, str]:
    """{"full_name", "date_of_birth", "phone"}: what of a query can be said of somebody new."""
    born, text = split_birth(query.replace("\0", "").strip(), today=today)
    names = [word for word in text.replace(",", " ").split() if not any(c.isdigit() for c in word)]
    return {
        "full_name": " ".join(names),
        "date_of_birth": f"{born:%d/%m/%Y}" if born else "",
        "phone": text if is_phone(text) and not born else "",
    }


def find_patients(*, clinic_id: UUID, query: str, limit: int = 20) -> list[PatientRow]:
    """Patients of the clinic that match every part of query, by name, at most limit.

    Fewer than two letters or digits find nobody. At most two queries, one for what could be a
    national id, which has to be whole, and one for each new word that is not ASCII. The search
    goes on record.
    """
    if not is_enough(query):
        return []
    found = _found(clinic_id, parse(query, today=timezone.localdate()), limit)
    note_access("SEARCH", "patients", detail={"query": masked(query), "found": len(found)})
    return found


def _found(clinic_id: UUID, terms: Terms, limit: int) -> list[PatientRow]:
    base = _narrowed(known(clinic_id), terms)
    if terms.phone:
        number = _numbered(clinic_id, terms.number)
        base = base.filter(_phone_range(terms.phone, phone_region(clinic_id) or "") | number)
    elif terms.number:
        base = base.filter(_numbered(clinic_id, terms.number))
    if terms.words:
        return _by_name(base, terms.words, limit)
    if not (terms.phone or terms.number or terms.born):
        return []
    return [PatientRow(*row) for row in _values(base, "name_key")[:limit]]


def get_patient(*, clinic_id: UUID, patient_id: UUID) -> PatientRow | None:
    """The patient, or None for a missing one and for another clinic's. Goes on record as opened."""
    row = patient_row(clinic_id=clinic_id, patient_id=patient_id)
    if row:
        note_access("READ", "patients", record_id=patient_id, patient_id=patient_id)
    return row


def look_alikes(
    *, clinic_id: UUID, full_name: str, date_of_birth: date, phone: str
) -> list[PatientRow]:
    """Patients who may be this person: of that very name; born that day, and a name or the phone is
    the same; or with that phone and one of the names. Those who are no longer active, too. On
    record as a search.
    """
    key, patients = fold(full_name), Patient.objects.filter(clinic_id=clinic_id, deleted_at=None)
    words = set(key.split())
    near = Q(date_of_birth=date_of_birth) | (Q(phone=phone) if phone else Q())
    namesakes, others = (
        [PatientRow(*row) for row in _values(found, "-created_at")[:NEAR]]
        for found in (patients.filter(name_key=key), patients.filter(near).exclude(name_key=key))
    )
    alike = [
        one
        for one in others
        if words & set(one.name_key.split())
        or (phone and one.phone == phone and one.date_of_birth == date_of_birth)
    ]
    found = [*namesakes, *alike]
    note_access("SEARCH", "patients", detail={"query": masked(full_name), "found": len(found)})
    return found


def patient_row(*, clinic_id: UUID, patient_id: UUID) -> PatientRow | None:
    """The same as get_patient, of somebody who was registered just now: not on record as opened."""
    row = _values(known(clinic_id).filter(id=patient_id), "id").first()
    return PatientRow(*row) if row else None


def known(clinic_id: UUID) -> QuerySet[Patient]:
    """The clinic's patients who can be booked."""
    return Patient.objects.filter(clinic_id=clinic_id, is_active=True, deleted_at=None)


def _numbered(clinic_id: UUID, number: str) -> Q:
    """By record number, or by national id."""
    found = Q(patient_number=number)
    if sum(c.isalnum() for c in number) >= NATIONAL_ID_MINIMUM:
        found |= Q(id__in=patients_by_national_id(clinic_id=clinic_id, number=number))
    return found


def _narrowed(patients: QuerySet[Patient], terms: Terms) -> QuerySet[Patient]:
    if terms.born:
        patients = patients.filter(date_of_birth=terms.born)
    if terms.year:
        first, after = date(terms.year, 1, 1), date(terms.year + 1, 1, 1)
        patients = patients.filter(date_of_birth__gte=first, date_of_birth__lt=after)
    return patients


def _values(patients: QuerySet[Patient], order: str) -> QuerySet[Patient, Any]:
    columns = ("id", "full_name", "date_of_birth", "patient_number", "phone")
    return patients.order_by(order).values_list(
        *columns, "clinic__country", "name_key", "is_active"
    )


def _by_name(base: QuerySet[Patient], words: list[str], limit: int) -> list[PatientRow]:
    """By the first word through one index on names and one on last names; the rest filters."""
    first, *others = words
    for word in others:
        base = base.filter(Q(name_key__startswith=word) | Q(name_key__contains=f" {word}"))
    keys = ("name_key", "last_name_key")
    named, surnamed = (_values(base.filter(_begins(key, first)), key)[:limit] for key in keys)
    rows = {PatientRow(*row) for row in named.union(surnamed)}
    return sorted(rows, key=lambda p: (p.name_key, p.patient_number))[:limit]


def _begins(column: str, prefix: str) -> Q:
    """Keys from prefix up to, not including, the next one that does not begin with it."""
    found, last = Q(**{f"{column}__gte": prefix}), ord(prefix[-1])
    if last == sys.maxunicode:
        return found & Q(**{f"{column}__startswith": prefix})
    after = AFTER_SURROGATES if last == LAST_BEFORE else last + 1
    return found & Q(**{f"{column}__lt": prefix[:-1] + chr(after)})


def _phone_range(text: str, country: str) -> Q:
    """Numbers that begin with the digits typed: as dialled in country, or with + abroad."""
    digits = re.sub(r"\D", "", text)
    code = str(phonenumbers.country_code_for_region(country) or "")
    prefixes = {f"+{digits}"}
    if not text.startswith("+"):
        trunk = phonenumbers.ndd_prefix_for_region(country, True) or ""
        national = digits.removeprefix(trunk) if trunk else digits
        prefixes |= {f"+{code}{national}", f"+{digits.removeprefix('00')}"}
    found = Q()
    for prefix in sorted(prefixes):
        found |= _begins("phone", prefix)
    return found
