"""What the pages of absences read. Plain values, each query with the clinic in it."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from booking.models import Absence


class AbsenceDetail(NamedTuple):
    """Who is away, from when until when (instants), and how it stands."""

    id: UUID
    doctor_id: UUID
    doctor: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    note: str
    version: int
    undo_until: datetime | None
    undone_at: datetime | None
    created_at: datetime
    reported_by: str | None
    country: str


class OpenVisit(NamedTuple):
    """A visit that is to be decided. code says why the last attempt failed, declined or none.

    choice and slot_id are what was marked before; asked tells of an offer that nobody answered.
    """

    id: UUID
    version: int
    starts_at: datetime
    arrived: bool
    patient_id: UUID
    patient: str
    phone: str
    kind: str
    reason: str
    choice: str | None
    slot_id: UUID | None
    code: str
    asked: bool
    put_off: bool


class Place(NamedTuple):
    """A free slot for a visit; kind is cover, move, other or saved."""

    visit_id: UUID
    kind: str
    slot_id: UUID
    starts_at: datetime
    doctor: str


class SettledVisit(NamedTuple):
    """A visit that is decided, waits for an answer, or was changed elsewhere.

    state is one of booking.enums.AbsenceState, "open" where somebody else moved or cancelled it.
    """

    id: UUID
    from_starts_at: datetime
    patient: str
    phone: str
    state: str
    status: str
    starts_at: datetime
    doctor: str | None
    place: datetime | None
    place_doctor: str | None
    held_until: datetime | None
    told: bool
    code: str


ABSENCES = """
    select b.id, b.doctor_id, d.full_name, b.starts_at, b.ends_at, b.reason, b.note, b.version,
      b.undo_until, b.undone_at, b.created_at, n.full_name, c.country
    from absences b
    join clinics c on c.id = b.clinic_id
    join doctors d on d.clinic_id = b.clinic_id and d.id = b.doctor_id
    left join app.member_names() n on n.user_id = b.reported_by
    where b.clinic_id = %s"""
OPEN = """
    select v.appointment_id, v.version, v.starts_at, v.arrived, v.patient_id, p.full_name, p.phone,
      a.appointment_type::text, a.visit_reason, r.choice, r.slot_id, coalesce(r.code, ''),
      coalesce(r.state = 'asked', false),
      exists (
        select from absence_rows o
        where o.clinic_id = a.clinic_id and o.appointment_id = a.id and o.absence_id <> %s
          and o.state in ('moved', 'covered'))
    from booking.affected_visits(%s) v
    join appointments a on a.clinic_id = %s and a.id = v.appointment_id
    join patients p on p.clinic_id = a.clinic_id and p.id = a.patient_id
    left join absence_rows r on r.clinic_id = a.clinic_id and r.absence_id = %s
      and r.appointment_id = a.id
    where coalesce(r.state, 'open') = 'open' or r.held_until <= now()
    order by v.rank"""
PLACES = """
    select t.appointment_id, t.kind, t.slot_id, t.starts_at, d.full_name
    from booking.propose_places(%s) t
    join doctors d on d.clinic_id = %s and d.id = t.doctor_id
    order by t.place, t.starts_at"""
SETTLED = """
    select r.appointment_id, r.from_starts_at, p.full_name, p.phone, r.state, a.status::text,
      a.starts_at, d.full_name, s.starts_at, ds.full_name, r.held_until,
      coalesce(r.notice_id, t.notice_id) is not null, r.code
    from absence_rows r
    join appointments a on a.clinic_id = r.clinic_id and a.id = r.appointment_id
    join patients p on p.clinic_id = r.clinic_id and p.id = a.patient_id
    left join doctors d on d.clinic_id = r.clinic_id and d.id = a.doctor_id
    left join appointment_slots s on s.clinic_id = r.clinic_id and s.id = r.slot_id
    left join doctors ds on ds.clinic_id = r.clinic_id and ds.id = s.doctor_id
    left join appointment_transitions t on t.clinic_id = r.clinic_id
      and t.appointment_id = r.appointment_id and t.version = r.version
    where r.clinic_id = %s and r.absence_id = %s
      and not ((r.state = 'open' or r.state = 'asked' and r.held_until <= now()) and exists (
        select from booking.affected_visits(%s) v where v.appointment_id = r.appointment_id))
    order by r.from_starts_at, r.id"""


def absence_detail(*, clinic_id: UUID, absence_id: UUID) -> AbsenceDetail | None:
    """The absence, or None for a missing one and for another clinic's. One query."""
    with connection.cursor() as cursor:
        cursor.execute(f"{ABSENCES} and b.id = %s", [clinic_id, absence_id])
        row = cursor.fetchone()
    return AbsenceDetail(*row) if row else None


def recent_absences(*, clinic_id: UUID, since: datetime, limit: int = 50) -> list[AbsenceDetail]:
    """Absences that end after an instant, the latest first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{ABSENCES} and b.ends_at > %s order by b.created_at desc limit %s",
            [clinic_id, since, limit],
        )
        return [AbsenceDetail(*row) for row in cursor.fetchall()]


def overlapping_absence(
    *, clinic_id: UUID, doctor_id: UUID, starts_at: datetime, ends_at: datetime
) -> UUID | None:
    """The standing absence of the doctor in this time, if there is one."""
    found = Absence.objects.filter(
        clinic_id=clinic_id, doctor_id=doctor_id, undone_at=None, starts_at__lt=ends_at,
        ends_at__gt=starts_at,
    )  # fmt: skip
    return found.values_list("id", flat=True).first()


def open_visits(*, clinic_id: UUID, absence_id: UUID) -> list[OpenVisit]:
    """The visits that are to be decided, the most urgent first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(OPEN, [absence_id, absence_id, clinic_id, absence_id])
        return [OpenVisit(*row) for row in cursor.fetchall()]


def free_places(*, clinic_id: UUID, absence_id: UUID) -> list[Place]:
    """The places that booking.propose_places finds, the best of each visit first. One query."""
    with connection.cursor() as cursor:
        cursor.execute(PLACES, [absence_id, clinic_id])
        return [Place(*row) for row in cursor.fetchall()]


def settled_visits(*, clinic_id: UUID, absence_id: UUID) -> list[SettledVisit]:
    """Every other visit of the absence, by its first time. One query."""
    with connection.cursor() as cursor:
        cursor.execute(SETTLED, [clinic_id, absence_id, absence_id])
        return [SettledVisit(*row) for row in cursor.fetchall()]
