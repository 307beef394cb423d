"""Who waits for an earlier time in the demo."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from random import Random

from booking.enums import AppointmentType
from booking.models import Appointment, WaitingListEntry
from clinic.models import Patient
from demo.clock import DeskClock
from demo.people import Team

# (priority, a doctor of their own, days of the week, part of the day, days since, note)
WISHES = (
    (1, True, (), "any", 2, "In pain; would come at any time"),
    (2, True, (), "morning", 9, ""),
    (2, False, (1, 3), "any", 6, "Works on the other days"),
    (3, True, (), "afternoon", 15, ""),
    (3, False, (), "evening", 11, "After school"),
    (3, False, (5,), "any", 4, ""),
    (3, True, (), "any", 1, "Would come sooner for the results"),
)


def wait(
    team: Team,
    patients: list[Patient],
    visits: Iterable[Appointment],
    clock: DeskClock,
    rng: Random,
) -> list[WaitingListEntry]:
    """An entry per wish, each for a kind of visit that its patient has none of ahead."""
    ahead = defaultdict(set)
    for visit in visits:
        if visit.starts_at > clock.now:
            ahead[visit.patient_id].add(str(visit.appointment_type))
    someone = rng.sample([patient for patient in patients if patient.is_active], len(WISHES))
    entries = []
    for patient, wish in zip(someone, WISHES, strict=True):
        priority, named, days, part, since, note = wish
        kind = next(kind for kind in AppointmentType.values if kind not in ahead[patient.pk])
        entries.append(WaitingListEntry(
            clinic=team.clinic, patient=patient, priority=priority, weekdays=list(days),
            doctor=rng.choice(team.doctors) if named else None, day_part=part, note=note,
            appointment_type=kind, earliest=clock.today,
            latest=clock.today + dt.timedelta(days=28),
            created_at=clock.at(clock.today - dt.timedelta(days=since), 10 * 60),
        ))  # fmt: skip
    return entries
