"""Encrypted values of rows, in the caller's tenant context and transaction.

Raises KeysLocked when the keys cannot be had, NotAllowed for a role that may not, NotFound for a
row that is not there, NotEncryptedHere for a value that was tampered with or whose key is gone.
"""

import logging
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, connections, transaction

from clinic.encryption.keyring import unlock_clinic
from clinic.errors import KeysLocked, translate

logger = logging.getLogger(__name__)


def ask(
    query: str, params: Sequence[Any], *, clinic_id: UUID, using: str = "default", make: bool = True
) -> list[tuple[Any, ...]]:
    """Rows of a query that needs the clinic's keys; unlocks them once if it has to."""
    try:
        return _rows(query, params, using)
    except KeysLocked as locked:
        try:
            unlock_clinic(clinic_id, make=make)
        except ImproperlyConfigured as error:
            logger.error("keys of clinic %s stay locked: %s", clinic_id, error)
            raise locked from error
    return _rows(query, params, using)


def _rows(query: str, params: Sequence[Any], using: str) -> list[tuple[Any, ...]]:
    try:
        with transaction.atomic(using), connections[using].cursor() as cursor:
            cursor.execute(query, params)
            return cursor.fetchall()
    except DatabaseError as error:
        named = translate(error)
        if named is error:
            raise
        raise named from error


def set_secret(
    *, clinic_id: UUID, place: str, row_id: UUID, value: str, using: str = "default"
) -> None:
    """Encrypt a value into a column, as in "clinic.patients.nric_encrypted"; "" clears it.

    Raises IntegrityError when another row of the clinic has the same indexed number.
    """
    query = "select app.set_secret(%s, %s, %s)"
    ask(query, [place, row_id, value], clinic_id=clinic_id, using=using)


def reveal_secret(*, clinic_id: UUID, place: str, row_id: UUID) -> str:
    """The value in full, "" for none. Leaves an entry in the trail: not within a GET."""
    query = "select app.reveal_secret(%s, %s)"
    ((value,),) = ask(query, [place, row_id], clinic_id=clinic_id)
    return value or ""


def masked_secret(*, clinic_id: UUID, place: str, row_id: UUID) -> str:
    """Dots and the last four letters, "" for none. About 1 ms: not for lists."""
    query = "select app.masked_secret(%s, %s)"
    ((value,),) = ask(query, [place, row_id], clinic_id=clinic_id)
    return value or ""


def patients_by_national_id(*, clinic_id: UUID, number: str) -> list[UUID]:
    """The id of the patient with exactly this national id, whatever its case and dashes."""
    query = "select app.patients_by_national_id(%s)"
    try:
        return [pk for (pk,) in ask(query, [number], clinic_id=clinic_id, make=False)]
    except KeysLocked:  # a clinic without keys has no such numbers
        return []
