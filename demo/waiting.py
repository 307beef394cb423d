"""Who waits for an earlier time in the demo."""

import datetime as dt
from random import Random

from booking.models import WaitingListEntry
from clinic.models import Patient
from demo.clock import DeskClock
from demo.people import Team

# (priority, doctor or any, days of the week, part of the day, days since, note)
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
    team: Team, patients: list[Patient], busy: set[object], clock: DeskClock, rng: Random
) -> list[WaitingListEntry]:
    """An entry per wish, for patients who have no visit ahead: busy are the others' ids."""
    idle = [patient for patient in patients if patient.pk not in busy and patient.is_active]
    someone = rng.sample(idle, len(WISHES))
    return [
        WaitingListEntry(
            clinic=team.clinic, patient=patient, priority=priority, weekdays=list(days),
            doctor=rng.choice(team.doctors) if named else None, day_part=part, note=note,
            earliest=clock.today, latest=clock.today + dt.timedelta(days=28),
            created_at=clock.at(clock.today - dt.timedelta(days=since), 10 * 60),
        )
        for patient, (priority, named, days, part, since, note) in zip(
            someone, WISHES, strict=True
        )
    ]  # fmt: skip
