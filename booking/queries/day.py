"""What the day's grid reads. Plain values, each query with the clinic in it for the planner."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import connection


class DoctorColumn(NamedTuple):
    """A doctor as the head of a column."""

    id: str
    name: str
    subject: str
    room: str


class SlotRow(NamedTuple):
    """A slot of the day. Instants are epoch seconds; free leaves only the clock against it.

    covered_by is the visit of another slot that takes this one, too. held: for how many seconds
    more, by the database's clock, somebody else keeps it.
    """

    id: str
    doctor_id: str
    starts: int
    ends: int
    free: bool
    blocked: bool
    block_reason: str
    covered_by: str | None = None
    held: int = 0


class DaySlot(NamedTuple):
    """One slot as the day's grid shows it."""

    row: SlotRow
    day: date
    doctor: str


class Held(NamedTuple):
    """What the person holds: minutes left, 0 when it is over."""

    minutes: int


class AppointmentRow(NamedTuple):
    """An appointment of the day. Instants are epoch seconds."""

    id: str
    doctor_id: str | None
    starts: int
    ends: int
    status: str
    kind: str
    arrived: bool
    patient: str
    overbooked: bool = False


@dataclass(frozen=True, slots=True)
class DaySchedule:
    """One day of a clinic: start and end are its local midnights, as instants."""

    day: date
    zone: ZoneInfo
    start: datetime
    end: datetime
    step_minutes: int
    doctors: list[DoctorColumn]
    slots: list[SlotRow]
    appointments: list[AppointmentRow]


def day_bounds(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants of a day's two local midnights: 23, 24 or 25 hours apart."""
    return tuple(  # type: ignore[return-value]
        datetime.combine(d, time(), zone).astimezone(ZoneInfo("UTC"))
        for d in (day, day + timedelta(1))
    )


# The busiest page: plain text and integers, which cost a fifth of UUIDs and aware datetimes.
# Leave takes what is free: nothing can be booked in it.
SLOT_COLUMNS = """s.id::text, s.doctor_id::text, extract(epoch from s.starts_at)::bigint,
      extract(epoch from s.ends_at)::bigint, s.is_available and not s.is_blocked and not l.away,
      s.is_blocked or s.is_available and l.away,
      case when l.away and (not s.is_blocked or s.block_reason = 'outside working hours')
        then 'Away' else s.block_reason end,
      s.covered_by::text, case when s.held_until > now()
        and s.held_by is distinct from (select app.current_user_id())
        then ceil(extract(epoch from s.held_until - now()))::int else 0 end"""


AWAY = """cross join lateral (select exists (
      select from doctor_leave l
      where l.clinic_id = s.clinic_id and l.doctor_id = s.doctor_id and l.deleted_at is null
        and l.starts_at < s.ends_at and l.ends_at > s.starts_at) as away) l"""


DAY_SLOTS = f"""
    select {SLOT_COLUMNS}
    from appointment_slots s {AWAY}
    where s.clinic_id = %s and s.starts_at >= %s and s.starts_at < %s"""  # noqa: S608  no values


ONE_SLOT = f"""
    select s.slot_date, d.full_name, {SLOT_COLUMNS}
    from appointment_slots s join doctors d on d.clinic_id = s.clinic_id and d.id = s.doctor_id
      {AWAY}
    where s.clinic_id = %s and s.id = %s"""  # noqa: S608  no values


HELD = """
    select greatest(ceil(extract(epoch from held_until - now()) / 60), 0)::int
    from appointment_slots
    where clinic_id = %s and id = %s and held_by = (select app.current_user_id())"""


DAY_APPOINTMENTS = """
    select a.id::text, a.doctor_id::text, extract(epoch from a.starts_at)::bigint,
      extract(epoch from a.ends_at)::bigint, a.status::text,
      coalesce(s.name, a.appointment_type::text), a.checked_in_at is not null, p.full_name,
      a.overbooked_reason <> ''
    from appointments a join patients p on p.clinic_id = a.clinic_id and p.id = a.patient_id
    left join services s on s.clinic_id = a.clinic_id and s.id = a.service_id
    where a.clinic_id = %s and a.starts_at >= %s and a.starts_at < %s and a.deleted_at is null"""


DAY_DOCTORS = """
    select id::text, full_name, coalesce(specializations ->> 0, ''), room,
      is_active and deleted_at is null
    from doctors where clinic_id = %s order by full_name, id"""


def day_schedule(*, clinic_id: UUID, day: date, zone: ZoneInfo, step_minutes: int) -> DaySchedule:
    """Doctors, slots and appointments of one local day. Three queries."""
    start, end = day_bounds(day, zone)
    with connection.cursor() as cursor:
        cursor.execute(DAY_SLOTS, [clinic_id, start, end])
        slots = [SlotRow(*row) for row in cursor.fetchall()]
        cursor.execute(DAY_APPOINTMENTS, [clinic_id, start, end])
        appointments = [AppointmentRow(*row) for row in cursor.fetchall()]
        cursor.execute(DAY_DOCTORS, [clinic_id])
        present = {row.doctor_id for row in slots} | {row.doctor_id for row in appointments}
        doctors = [
            DoctorColumn(*row) for *row, works in cursor.fetchall() if works or row[0] in present
        ]
    return DaySchedule(day, zone, start, end, step_minutes, doctors, slots, appointments)


def day_slot(*, clinic_id: UUID, slot_id: UUID) -> DaySlot | None:
    """One slot of the grid with the name of its doctor, or None. One query."""
    with connection.cursor() as cursor:
        cursor.execute(ONE_SLOT, [clinic_id, slot_id])
        row = cursor.fetchone()
    return DaySlot(SlotRow(*row[2:]), *row[:2]) if row else None


def held_by_me(*, clinic_id: UUID, slot_id: UUID) -> Held | None:
    """What is left of the hold of the context's user, or None where there was none."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, [clinic_id, slot_id])
        row = cursor.fetchone()
    return Held(*row) if row else None
