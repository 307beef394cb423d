"""What operators type, looked up by the functions of the login: no context is needed."""

from uuid import UUID

from django.core.management.base import CommandError

from clinic.tenancy.door import at_the_door
from clinic.tenancy.membership import ClinicKey, active_clinics, memberships_of


def clinic_called(code: str) -> ClinicKey:
    """The active clinic of that code, or CommandError."""
    clinics = {clinic.code: clinic for clinic in active_clinics()}
    if code not in clinics:
        known = ", ".join(sorted(clinics)) or "none"
        raise CommandError(f"There is no active clinic {code}. Clinics: {known}.")
    return clinics[code]


def member(email: str, clinic: ClinicKey, role: str = "") -> tuple[UUID, str]:
    """(id, role) of the active user who holds role in the clinic, or the strongest one held.

    The same address may be that of several people, in several clinics: membership decides.
    Raises CommandError for a user who cannot sign in, is no member, or does not hold role.
    """
    people = [pk for pk, _ in at_the_door("app.login_candidates", email)]
    if not people:
        raise CommandError(f"Nobody signs in as {email}.")
    found = ((pk, m.roles) for pk in people for m in memberships_of(pk) if m.clinic.id == clinic.id)
    held = dict(found)
    if not held:
        raise CommandError(f"{email} is no member of {clinic.code}.")
    for user_id, roles in held.items():
        if not role or role in roles:
            return user_id, role or roles[0]
    known = ", ".join(sorted({each for roles in held.values() for each in roles}))
    raise CommandError(f"{email} is not {role} in {clinic.code}, but {known}.")
