"""A course of visits that repeats: some done, the others ahead. Nothing here is saved."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from booking.models import Appointment, AppointmentSeries, AppointmentSlot
from clinic.models import Patient
from demo.clock import DeskClock
from demo.people import Team, demo_id
from demo.visits import Visits

REASON, KIND = "Physiotherapy for the knee", "follow-up"
AT, TIMES, DONE = dt.time(10), 6, 2
SOON = range(2, 7)  # the next one, in days: neither today nor tomorrow


@dataclass(slots=True)
class Course:
    """The series of one patient with the first doctor, and the slots of its dates."""

    series: AppointmentSeries
    patient: Patient
    slots: set[UUID]

    @classmethod
    def of(
        cls, team: Team, patient: Patient, slots: Iterable[AppointmentSlot], clock: DeskClock
    ) -> "Course":
        days = [clock.today + dt.timedelta(days=n) for n in SOON]
        coming = next(day for day in days if day.isoweekday() < 6)  # the doctor works all day then
        first = coming - dt.timedelta(weeks=DONE)
        series = AppointmentSeries(
            id=demo_id(team.plan.code, "course"), clinic=team.clinic, patient=patient,
            doctor=team.doctors[0], appointment_type=KIND, visit_reason=REASON, every_weeks=1,
            weekdays=[first.isoweekday()], starts_on=first, wall_time=AT, occurrences=TIMES,
            created_by=next(login.user for login in team.logins if login.role == "staff"),
            created_at=clock.at(first - dt.timedelta(days=3), 11 * 60),
        )  # fmt: skip
        dates = {first + dt.timedelta(weeks=n) for n in range(TIMES)}
        return cls(series, patient, {
            slot.id for slot in slots
            if slot.doctor_id == series.doctor_id and slot.slot_time == AT
            and slot.slot_date in dates
        })  # fmt: skip

    def visit(self, visits: Visits, slot: AppointmentSlot) -> Appointment:
        """The visit of one date: completed if it is over, else confirmed."""
        past = slot.slot_date < visits.clock.today
        visit = visits.make(slot, self.patient, "completed" if past else "confirmed")
        visit.series, visit.visit_reason, visit.appointment_type = self.series, REASON, KIND
        visit.series_position = (slot.slot_date - self.series.starts_on).days // 7 + 1
        return visit
