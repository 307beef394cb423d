"""Who stood in line on each day, up to now. Nothing here is saved."""

import datetime as dt
from collections import defaultdict
from typing import Any

from booking.models import Appointment, QueueEntry, QueueManagement
from demo.people import Team, demo_id


def stand_in_line(team: Team, visits: list[Appointment]) -> list[QueueEntry]:
    """A place for everybody who checked in, under the ticket of the visit."""
    arrived: list[Any] = [visit for visit in visits if visit.checked_in_at]
    return [
        QueueEntry(
            id=demo_id(visit.id, "queue"), clinic=team.clinic, patient=visit.patient,
            appointment=visit, doctor_id=visit.doctor_id, queue_date=visit.appointment_date,
            ticket_number=visit.queue_number, status=visit.queue_status,
            arrived_at=visit.checked_in_at, called_at=visit.called_at,
            served_at=visit.consultation_start_at, finished_at=visit.consultation_end_at,
            created_at=visit.checked_in_at, updated_at=visit.checked_in_at,
        )
        for visit in arrived
    ]  # fmt: skip


def queue_days(team: Team, entries: list[QueueEntry]) -> list[QueueManagement]:
    """How each day's line stood at its end, today's as it stands."""
    days: dict[dt.date, list[QueueEntry]] = defaultdict(list)
    for entry in entries:
        days[entry.queue_date].append(entry)
    return [queue_day(team, day, days[day]) for day in sorted(days)]


def queue_day(team: Team, day: dt.date, entries: list[QueueEntry]) -> QueueManagement:
    called: list[Any] = sorted((e for e in entries if e.called_at), key=lambda e: e.called_at)
    serving = [entry for entry in called if entry.status == "serving"]
    waits = [(entry.served_at - entry.arrived_at).total_seconds() / 60 for entry in called]
    return QueueManagement(
        id=demo_id(team.plan.code, "queue", day), clinic=team.clinic, queue_date=day,
        current_number=serving[-1].ticket_number if serving else "",
        last_called_number=called[-1].ticket_number if called else "",
        total_waiting=sum(entry.status == "waiting" for entry in entries),
        average_wait_time_minutes=round(sum(waits) / len(waits)) if waits else None,
    )  # fmt: skip
