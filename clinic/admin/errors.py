"""What PostgreSQL refused, said in the words of the form that asked for it."""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.db import DatabaseError
from django.db.models import CheckConstraint, Model, Q, UniqueConstraint
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from clinic.errors import Busy, NotAllowed, NotFound, RowanError, translate

NOT_ALLOWED = "You may not do this here."
# Constraints whose name alone does not lead to good words.
WORDS = {
    "doctor_working_hours_overlap": "These hours overlap others of the same doctor.",
    "doctor_leave_overlap": "This leave overlaps other leave of the same doctor.",
    # Of a login that is linked to a doctor; not where the other visit is.
    "appointments_doctor_overlap": "This login cannot be linked to this doctor.",
    "clinics_time_zone": "This time zone is not known.",
    "patients_clinic_nric": "Another patient of this clinic has this national ID.",
    "users_email": "Enter an email address.",
    "doctor_working_hours_times": "Hours must end at another time than they start.",
    "doctor_working_hours_weeks": "Every 2 to 4 weeks needs a day of a week that is worked.",
    "doctors_breaks": "A break ends after it starts, on the same day.",
    "doctors_online_limits": "Minutes ahead are 0 to 43200, minutes free before 0 to 240.",
    "extra_sessions_overlap": "This session overlaps another of the same doctor.",
    "extra_sessions_times": "A session ends at another time than it starts.",
    "holidays_overlap": "The clinic is closed on some of these days already.",
    "holidays_days": "The last day must not be before the first.",
    "doctor_leave_times": "Leave must end after it starts.",
    "staff_dates": "The end must not be before the start.",
    "doctor_working_hours_dates": "The last day must not be before the first.",
}


class RefusedError(RowanError):
    """A service said no: a business outcome, to be shown on the form. status is HTTP's."""

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Refusal:
    """What the form shows: the words, the fields that they are about, the HTTP status."""

    message: str
    fields: tuple[str, ...] = ()
    status: int = 422


def refusal(error: Exception) -> Refusal:
    """The words for an error of the database or of a service; raises it again if it is a fault."""
    if isinstance(error, DatabaseError):
        error = translate(error)
    if isinstance(error, RowanError):
        return _named(error)
    cause = error.__cause__
    diag = getattr(cause, "diag", None)
    state = getattr(cause, "sqlstate", None) or ""
    if diag is not None and diag.constraint_name:
        return _constraint(diag.constraint_name)
    if state == "42501" or (type(error) is DatabaseError and cause is None):
        # Without a cause it is Django's own: an UPDATE that the policies let touch no row.
        return Refusal(_(NOT_ALLOWED), status=403)
    if state.startswith("22"):
        return Refusal(_("One of the values cannot be stored as it is."))
    raise error


def _named(error: RowanError) -> Refusal:
    status = {NotAllowed: 403, NotFound: 404, Busy: 409}.get(type(error), 422)
    if isinstance(error, Busy):
        return Refusal(_("Somebody else is changing this just now. Try again."), status=status)
    if isinstance(error, NotAllowed):
        return Refusal(_(NOT_ALLOWED), status=status)
    return Refusal(str(error), status=getattr(error, "status", status))


def _constraint(name: str) -> Refusal:
    if name in WORDS:
        return Refusal(_(WORDS[name]))
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if constraint.name == name:
                fields = _fields(constraint)
                return Refusal(_words(constraint, model, fields), fields)
    return Refusal(_("The values do not fit together (%(rule)s).") % {"rule": name})


def _fields(constraint: Any) -> tuple[str, ...]:
    """What the rule is about, its clinic aside; keys that are derived lead to what was typed."""
    names: list[str] = []
    if isinstance(constraint, UniqueConstraint):
        names = [f for f in constraint.fields if f != "clinic"]
    elif isinstance(constraint, CheckConstraint):
        condition = constraint.condition
        names = sorted(condition.referenced_base_fields) if isinstance(condition, Q) else []
    return tuple(name.removesuffix("_key") for name in names)


def _words(constraint: Any, model: type[Model], fields: tuple[str, ...]) -> str:
    columns: list[Any] = [model._meta.get_field(name) for name in fields]
    labels = [str(column.verbose_name) for column in columns]
    listed = get_text_list(labels, _("and"))
    if isinstance(constraint, UniqueConstraint):
        names = {"model": model._meta.verbose_name, "fields": listed}
        return _("Another %(model)s of this clinic has this %(fields)s.") % names
    if isinstance(constraint, ExclusionConstraint) or not listed:
        return _("This overlaps another %(model)s.") % {"model": model._meta.verbose_name}
    return _("Check %(fields)s: the value is outside what is possible.") % {"fields": listed}
