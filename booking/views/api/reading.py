"""What a program sends, read strictly: nothing is guessed, nothing unknown is passed over."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from booking.enums import AppointmentType
from booking.finding import PARTS
from booking.forms.appointments import LARGEST
from clinic.problems import problem

LIMIT = 16 * 1024  # bytes of a body
UUID_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
# RFC 3339, with its offset: a time without one is nobody's.
INSTANT = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.I | re.ASCII
)
KEY = re.compile(r'"?([\x21\x23-\x7e]{1,200})"?', re.ASCII)


class Refused(Exception):
    """The request cannot be read; response says why."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.response = response


@dataclass(frozen=True, slots=True)
class Field:
    """How one value is read: read raises ValueError with what it should have been."""

    read: Callable[[Any], Any]
    required: bool = True


def text(most: int) -> Callable[[Any], str]:
    """A string of at most so many characters, none of which the database cannot hold."""

    def read(value: Any) -> str:
        if not isinstance(value, str) or len(value) > most or "\0" in value:
            raise ValueError(f"a text of at most {most} characters")
        try:
            value.encode()
        except UnicodeEncodeError:
            raise ValueError("a text without halves of characters") from None
        return value

    return read


def words(most: int) -> Callable[[Any], str]:
    """A text that says something."""

    def read(value: Any) -> str:
        if not text(most)(value).strip():
            raise ValueError("a text that is not blank")
        return str(value)

    return read


def uuid(value: Any) -> UUID:
    """A UUID in its usual form."""
    if not isinstance(value, str) or not UUID_FORM.fullmatch(value):
        raise ValueError("a UUID such as 8e03978e-40d5-43dd-bc93-6894a57f9324")
    return UUID(value)


def whole(least: int, most: int) -> Callable[[Any], int]:
    """A whole number between two, both included; from a query as digits."""

    def read(value: Any) -> int:
        if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value, re.ASCII):
            value = int(value)
        if type(value) is not int or not least <= value <= most:
            raise ValueError(f"a whole number from {least} to {most}")
        return int(value)

    return read


def one_of(*values: str) -> Callable[[Any], str]:
    """One of these words."""

    def read(value: Any) -> str:
        if value not in values:
            raise ValueError(f"one of {', '.join(values)}")
        return str(value)

    return read


def instant(value: Any) -> datetime:
    """A time with its offset, in a century in which clinics have days."""
    if isinstance(value, str) and INSTANT.fullmatch(value):
        try:
            at = datetime.fromisoformat(value.upper())
        except ValueError:
            at = None
        if at and 1900 < at.year < 2200:
            return at
    raise ValueError("a time such as 2026-11-24T09:15:00+08:00, with its offset")


APPOINTMENT_TYPE = one_of(*AppointmentType.values)
PART_OF_DAY = one_of(*PARTS)
VERSION = whole(1, LARGEST)


def number(value: Any) -> Any:
    """A number of a body: digits in a text are none."""
    if isinstance(value, str):
        raise ValueError("a number")
    return VERSION(value)


def body(request: HttpRequest, fields: Mapping[str, Field]) -> dict[str, Any]:
    """The values of a JSON object, by name; those left out are missing. Raises Refused.

    413 above LIMIT, 415 for another type, 400 for what is no JSON object, 422 for its values.
    """
    if request.content_type != "application/json":
        raise Refused(problem(415, "not_json", "Send application/json."))
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length[:12]) > LIMIT:
        raise Refused(problem(413, "too_large", f"A body has at most {LIMIT} bytes."))
    try:
        sent = json.loads(
            request.body.decode(), object_pairs_hook=unrepeated, parse_constant=no_constant
        )
    except (ValueError, RecursionError):
        raise Refused(problem(400, "malformed", "The body is not well-formed JSON.")) from None
    if not isinstance(sent, dict):
        raise Refused(problem(400, "malformed", "The body is not a JSON object."))
    return values(sent, fields, "pointer", "/")


def query(request: HttpRequest, fields: Mapping[str, Field], many: set[str]) -> dict[str, Any]:
    """The values of the query, by name; those of many as lists. Raises Refused (422)."""
    sent: dict[str, Any] = {}
    for name, given in request.GET.lists():
        sent[name] = given if name in many or len(given) != 1 else given[0]
    return values(sent, fields, "parameter", "")


def values(
    sent: dict[str, Any], fields: Mapping[str, Field], where: str, before: str
) -> dict[str, Any]:
    """Every value read; Refused (422) names each that is wrong, missing or unknown."""
    errors, found = [], {}
    for name in sorted(sent.keys() - fields.keys()):
        errors.append({where: f"{before}{name[:60]}", "detail": "There is no such field."})
    for name, field in fields.items():
        if name not in sent:
            if field.required:
                errors.append({where: f"{before}{name}", "detail": "This is required."})
            continue
        try:
            found[name] = field.read(sent[name])
        except ValueError as error:
            errors.append({where: f"{before}{name}", "detail": f"This is not {error}."})
    if errors:
        raise Refused(problem(422, "invalid_input", "Some values are not valid.", errors=errors))
    return found


def unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object; one that says a name twice says nothing."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def no_constant(name: str) -> Any:
    """NaN and Infinity are Python's, not JSON's."""
    raise ValueError(name)


def idempotency_key(request: HttpRequest) -> str:
    """The Idempotency-Key header, quoted or bare. Raises Refused (400)."""
    match = KEY.fullmatch(request.headers.get("Idempotency-Key", ""))
    if match is None:
        detail = "Send an Idempotency-Key of 1 to 200 visible characters, a new one for new work."
        raise Refused(problem(400, "key_missing", detail))
    return match[1]
