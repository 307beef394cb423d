"""Verbs of the clinic. Each runs in the caller's tenant context and transaction.

Raises what the database says no with: clinic.errors for its own errors, django.db errors for
constraints and policies.
"""

import hashlib
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import DatabaseError, IntegrityError, connection, transaction

from clinic.errors import translate
from clinic.models import (
    DoctorLeave,
    GlassBreak,
    ImagingResult,
    LabResult,
    Membership,
    Patient,
    Payment,
    User,
)
from clinic.tenancy.door import at_the_door

# The address of a caller that has none.
NOWHERE = "0.0.0.0"  # noqa: S104
# A row that is there breaks both; which is named hangs on which index is older.
OF_ID = ("patients_pkey", "patients_clinic_id")


def rows(query: str, *params: Any) -> list[tuple[Any, ...]]:
    """What a query says."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return cursor.fetchall()


def register_patient(*, clinic_id: UUID, patient: Patient) -> Patient:
    """Insert a patient who is filled in but for clinic and number; the database gives that."""
    patient.clinic_id = clinic_id
    patient.save(force_insert=True)
    return patient


def register_once(*, clinic_id: UUID, patient: Patient) -> bool:
    """Insert a patient under the id that it has; False when there is one, which stays as it is."""
    try:
        with transaction.atomic():
            register_patient(clinic_id=clinic_id, patient=patient)
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name not in OF_ID:  # type: ignore[union-attr]
            raise
        return False
    return True


def one_at_a_time(*, clinic_id: UUID, date_of_birth: date) -> None:
    """Until the transaction ends nobody else registers somebody born that day: see look_alikes.

    Raises Busy after the lock timeout.
    """
    lock = f"register {clinic_id} {date_of_birth}"
    try:
        rows("select pg_advisory_xact_lock(hashtextextended(%s, 0))", lock)
    except DatabaseError as error:
        raise translate(error) from error


def create_user(*, clinic_id: UUID, user: User, role: str, password: str) -> User:
    """Insert a login of the clinic, its membership there, and its first password.

    The same address at another clinic is another login; the policies refuse role superadmin.
    """
    user.clinic_id = clinic_id
    user.role = role
    user.save(force_insert=True)
    grant_role(clinic_id=clinic_id, user_id=user.pk, role=role)
    set_password(user_id=user.pk, password=password)
    return user


def grant_role(*, clinic_id: UUID, user_id: UUID, role: str) -> Membership:
    """Let a login of the clinic work there as role."""
    membership = Membership(clinic_id=clinic_id, user_id=user_id, role=role)
    membership.save(force_insert=True)
    return membership


def set_password(*, user_id: UUID, password: str) -> str:
    """Store a new password through app.set_password; returns the hash.

    Ends the user's sessions. Raises NotAllowed for somebody else's password unless the role is an
    administrator's, NotFound for a login of another clinic or a superadmin's.
    """
    encoded = make_password(password)
    try:
        rows("select app.set_password(%s, %s)", user_id, encoded)
    except DatabaseError as error:
        raise translate(error) from error
    return encoded


def confirm_password(*, user: Any, password: str, ip: str) -> bool:
    """Whether this is the user's password. Counts failures as the login page does.

    Runs as the site's own login: outside of any tenant transaction.
    """
    hashes = dict(at_the_door("app.login_candidates", user.email))
    right = "\x00" not in password and check_password(password, hashes.get(user.pk) or "")
    if not right:
        at_the_door("app.record_login", user.email[:254], ip or NOWHERE, None)
    return right


def session_stamp(encoded: str) -> str:
    """What app.session_user answers for a password hash: see User.session_stamp."""
    return hashlib.sha256(encoded.encode()).hexdigest()


def withdraw_leave(*, leave: DoctorLeave, now: datetime) -> bool:
    """Take leave back; its row stays. False when it was withdrawn before."""
    if leave.deleted_at:
        return False
    leave.deleted_at = now
    leave.save(update_fields=["deleted_at"])
    return True


def take_back(*, table: str, row_id: UUID, reason: str) -> datetime:
    """Hide a row of a table of schema clinic from everybody, with a reason for the trail.

    Raises NotAllowed where the role may not, NotFound for a row that is not its own to take back.
    """
    try:
        ((at,),) = rows("select app.take_back(%s, %s, %s)", table, row_id, reason)
    except DatabaseError as error:
        raise translate(error) from error
    return at


def review_result(*, row: LabResult | ImagingResult, doctor_id: UUID, now: datetime) -> bool:
    """Note that the doctor looked at a result that is theirs. False when it was reviewed before."""
    mine = type(row)._default_manager.filter(pk=row.pk, doctor_id=doctor_id, reviewed_at=None)
    return bool(mine.update(status="reviewed", reviewed_by=doctor_id, reviewed_at=now))


def acknowledge_critical_values(*, row: LabResult, user_id: UUID, now: datetime) -> bool:
    """Note who saw the critical values first. False when there are none, or somebody has."""
    waiting = LabResult.objects.filter(
        pk=row.pk, has_critical_values=True, critical_values_acknowledged_at=None
    )
    return bool(
        waiting.update(critical_values_acknowledged_by=user_id, critical_values_acknowledged_at=now)
    )


def refund_payment(
    *, payment: Payment, amount: Decimal | None, reason: str, user_id: UUID, now: datetime
) -> bool:
    """Refund amount, in the clinic's currency, or all that was paid. False when refunded before.

    Raises IntegrityError for more than was paid, or nothing.
    """
    whole = amount is None or amount == payment.paid_amount
    unrefunded = Payment.objects.filter(pk=payment.pk, is_refunded=False)
    values: dict[str, Any] = {"status": "refunded"} if whole else {}
    return bool(
        unrefunded.update(
            is_refunded=True, refunded_amount=payment.paid_amount if whole else amount,
            refund_reason=reason, refunded_at=now, refunded_by=user_id, **values,
        )
    )  # fmt: skip


def review_glass_break(*, row: GlassBreak, note: str, user_id: UUID, now: datetime) -> bool:
    """Note that an administrator looked into it. False when somebody has, or it is their own."""
    waiting = GlassBreak.objects.filter(pk=row.pk, reviewed_at=None)
    return bool(waiting.update(reviewed_by=user_id, reviewed_at=now, review_note=note))


def enter_clinic(*, user_id: UUID, code: str, reason: str) -> datetime:
    """Let a superadmin into a clinic for an hour, on record there; returns until when.

    Runs as the site's own login, outside of any tenant transaction. Raises NotAllowed for anybody
    else, NotFound for no such clinic.
    """
    try:
        ((until,),) = at_the_door("app.enter_clinic", user_id, code, reason)
    except DatabaseError as error:
        raise translate(error) from error
    return until
