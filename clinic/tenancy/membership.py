"""Where a user may work: read from the database on each request, before any clinic is chosen."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from clinic.enums import UserRole
from clinic.tenancy.door import at_the_door


@dataclass(frozen=True, slots=True)
class ClinicInfo:
    """What pages need of the clinic they are in. timezone is an IANA name."""

    id: UUID
    code: str
    name: str
    branch_name: str
    timezone: str
    currency: str
    slot_step_minutes: int


@dataclass(frozen=True, slots=True)
class MembershipInfo:
    """A clinic that the user may enter, and the roles held there, strongest first.

    reason is why a superadmin entered.
    """

    clinic: ClinicInfo
    roles: tuple[str, ...]
    reason: str = ""

    def role_choices(self) -> list[tuple[str, str]]:
        """[(role, label)] for a page on which one of several roles is chosen."""
        return [(role, UserRole(role).label) for role in self.roles]


def memberships_of(user_id: UUID) -> tuple[MembershipInfo, ...]:
    """Active memberships in active clinics, by clinic name. One query, no context needed."""
    return tuple(
        MembershipInfo(ClinicInfo(*row), tuple(roles), reason)
        for *row, roles, reason in at_the_door("app.user_memberships", user_id)
    )


@dataclass(frozen=True, slots=True)
class Door:
    """A clinic that a superadmin may enter."""

    code: str
    name: str
    branch_name: str


def clinics_to_enter(user_id: UUID) -> list[Door]:
    """Every active clinic for a superadmin, by name; none for others. Needs no context."""
    return [Door(*row) for row in at_the_door("app.clinics_to_enter", user_id)]


@dataclass(frozen=True, slots=True)
class ClinicKey:
    """What a job or an operator needs in order to enter a clinic."""

    id: UUID
    code: str
    time_zone: str


def active_clinics() -> list[ClinicKey]:
    """Every active clinic, by code. Needs no context; what is in a clinic needs one."""
    with connection.cursor() as cursor:
        cursor.execute("select id, code, time_zone from app.clinic_ids()")
        return [ClinicKey(*row) for row in cursor.fetchall()]
