"""Six weeks of appointments around today, drawn upon the doctors' slots. Nothing here is saved."""

import datetime as dt
from collections import defaultdict, deque
from collections.abc import Iterator
from itertools import cycle
from random import Random
from uuid import UUID

from booking.models import Appointment, AppointmentCounter, AppointmentSlot
from clinic.models import Patient
from demo.clock import MINUTE, DeskClock
from demo.course import Course
from demo.people import Team
from demo.visits import ARRIVED, FREED, Visits, pick

PAST_DAYS, FUTURE_DAYS = 14, 30
CLOSED = (("completed", 85), ("no_show", 8), ("cancelled", 7))
OPEN = (("scheduled", 60), ("confirmed", 36), ("cancelled", 4))
# Today is dealt out in turn, so that a short Sunday shows every status too.
TODAY_BEFORE = (
    "completed", "completed", "no_show", "completed", "cancelled", "completed", "completed", "",
    "completed",
)  # fmt: skip
TODAY_AFTER = ("confirmed", "scheduled", "", "scheduled", "cancelled", "confirmed", "")
MOVED_SHARE = 0.04
CHILD_YEARS = 17


def share(offset: int) -> float:
    """The part of the slots that is taken on a day so many days from today."""
    return 0.6 if offset < 0 else max(0.56 - 0.04 * offset, 0.03)


class Diary:
    """The appointments of one clinic, and the counters that their numbers came from."""

    def __init__(
        self, team: Team, patients: list[Patient], slots: list[AppointmentSlot], clock: DeskClock,
        rng: Random,
    ) -> None:  # fmt: skip
        today = [slot.starts_at for slot in slots if slot.slot_date == clock.today]
        self.team, self.slots, self.rng, self.clock = team, slots, rng, clock.on(sorted(today))
        self.visits = Visits(team, self.clock, rng)
        self.appointments: list[Appointment] = []
        self.counters: list[AppointmentCounter] = []
        self._before, self._after = cycle(TODAY_BEFORE), cycle(TODAY_AFTER)
        self._met: dict[UUID, set[dt.date]] = defaultdict(set)
        grown = clock.today - dt.timedelta(days=365 * CHILD_YEARS)
        self._children = deque(p for p in patients if p.date_of_birth > grown)
        self._adults = deque(p for p in patients if p.date_of_birth <= grown)
        self._for_children = {
            doctor.id
            for doctor, plan in zip(team.doctors, team.plan.doctors, strict=True)
            if plan.children
        }
        self.course = Course.of(team, self._adults[0], slots, self.clock)
        self._met[self.course.patient.id].update(
            slot.slot_date for slot in slots if slot.id in self.course.slots
        )

    def draw(self) -> None:
        """Fill appointments and counters."""
        waited_for = self._waited_for()
        for slot in self.slots:
            if slot.id in self.course.slots:
                self.appointments.append(self.course.visit(self.visits, slot))
                continue
            state = ARRIVED if slot.id in waited_for else self._state(slot)
            patient = self._patient(slot) if state else None
            if patient is not None:
                self.appointments += self._booked(slot, patient, state)
        self._number()
        for appointment in self.appointments:
            count(appointment)

    def _waited_for(self) -> set[UUID]:
        """Each doctor's next slot, if it is soon; whatever comes first in any case."""
        desk = self.clock.desk
        next_ones: dict[UUID, AppointmentSlot] = {}
        for slot in self.slots:
            if slot.starts_at > desk and not slot.is_blocked:
                next_ones.setdefault(slot.doctor_id, slot)
        ordered = sorted(next_ones.values(), key=lambda slot: slot.starts_at)
        soon = desk + 45 * MINUTE
        return {slot.id for n, slot in enumerate(ordered) if n == 0 or slot.starts_at <= soon}

    def _state(self, slot: AppointmentSlot) -> str:
        """What becomes of the slot: a status, or "" where it stays free."""
        offset = (slot.slot_date - self.clock.today).days
        if slot.is_blocked:
            return ""
        if offset == 0:
            return self._state_today(slot)
        taken = self.rng.random() < share(offset)
        return pick(self.rng, CLOSED if offset < 0 else OPEN) if taken else ""

    def _state_today(self, slot: AppointmentSlot) -> str:
        if slot.starts_at <= self.clock.desk < slot.ends_at:
            return "in_progress"
        return next(self._before if slot.starts_at < self.clock.desk else self._after)

    def _patient(self, slot: AppointmentSlot) -> Patient | None:
        """The next of those the doctor treats who is not in the clinic that day."""
        pool = self._children if slot.doctor_id in self._for_children else self._adults
        for _ in range(len(pool)):
            pool.rotate(-1)
            if slot.slot_date not in self._met[pool[0].id]:
                self._met[pool[0].id].add(slot.slot_date)
                return pool[0]
        return None

    def _booked(self, slot: AppointmentSlot, patient: Patient, state: str) -> Iterator[Appointment]:
        """The appointment; before it the one that it was moved from, now and then."""
        appointment = self.visits.make(slot, patient, state)
        moved = appointment.status not in FREED and self.rng.random() < MOVED_SHARE
        earlier = self._earlier(slot) if moved else None
        if earlier is not None:
            yield self.visits.moved(appointment, earlier, patient)
        yield appointment

    def _earlier(self, slot: AppointmentSlot) -> AppointmentSlot | None:
        wished = slot.slot_date - dt.timedelta(days=self.rng.randint(1, 6))
        same = (s for s in self.slots if s.doctor_id == slot.doctor_id and s.slot_date == wished)
        return next(same, None)

    def _number(self) -> None:
        """Number the appointments by the clinic's day of booking, as the database would have."""
        last: dict[dt.date, int] = defaultdict(int)
        code = self.team.plan.code
        for appointment in sorted(self.appointments, key=lambda a: (a.created_at, str(a.id))):
            day = appointment.created_at.astimezone(self.clock.zone).date()
            last[day] += 1
            appointment.appointment_number = f"{code}-{day:%Y%m%d}-{last[day]:04}"
        self.counters = [
            AppointmentCounter(clinic=self.team.clinic, day=day, last_value=value)
            for day, value in last.items()
        ]


def count(appointment: Appointment) -> None:
    """Keep the patient's own numbers: visits, their dates, appointments not kept."""
    patient, day = appointment.patient, appointment.appointment_date
    if appointment.status == "completed":
        patient.total_visits = (patient.total_visits or 0) + 1
        patient.first_visit_date = min(patient.first_visit_date or day, day)
        patient.last_visit_date = max(patient.last_visit_date or day, day)
    elif appointment.status == "no_show":
        patient.no_show_count = (patient.no_show_count or 0) + 1
