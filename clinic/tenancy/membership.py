"""Where a user may work: read from the database on each request, before any clinic is chosen."""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from clinic.enums import UserRole

# No clinic has this id: a context in it sees no clinic's rows.
NO_CLINIC = UUID(int=0)


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
    """A clinic that the user may enter, and the roles held there, strongest first."""

    clinic: ClinicInfo
    roles: tuple[str, ...]

    def role_choices(self) -> list[tuple[str, str]]:
        """[(role, label)] for a page on which one of several roles is chosen."""
        return [(role, UserRole(role).label) for role in self.roles]


def memberships_of(user_id: UUID) -> tuple[MembershipInfo, ...]:
    """Active memberships in active clinics, by clinic name. One query, no context needed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select clinic_id, code, name, branch_name, time_zone, currency, slot_step_minutes,"
            " roles from app.user_memberships(%s)",
            [user_id],
        )
        return tuple(
            MembershipInfo(ClinicInfo(*row[:-1]), tuple(row[-1])) for row in cursor.fetchall()
        )


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
