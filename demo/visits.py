"""One appointment as a row: what was booked, by whom and when, and what came of it."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Any
from uuid import UUID

from booking.models import Appointment, AppointmentSlot
from clinic.models import Patient
from demo.clock import MINUTE, DeskClock
from demo.people import Team, demo_id

ARRIVED = "arrived"  # no status of its own: an open appointment with checked_in_at
FREED = ("cancelled", "rescheduled")
REASONS = (
    "Cough and fever", "Follow-up on blood pressure", "Repeat prescription", "Back pain",
    "Skin rash", "Blood test results", "Travel vaccination", "Diabetes review", "Headaches",
    "Sore throat", "Knee pain after a fall", "",
)  # fmt: skip
TYPES = (("consultation", 64), ("follow-up", 22), ("vaccination", 8), ("screening", 6))
WHY = ("Patient unwell", "Patient cannot come", "Booked by mistake", "Doctor unavailable")
TICKETS = "ABCDEFGHJK"
OPENS, CLOSES = 8 * 60 + 30, 17 * 60


def pick(rng: Random, choices: Sequence[tuple[str, int]]) -> str:
    """One of (value, weight) pairs."""
    return rng.choices([c[0] for c in choices], [c[1] for c in choices])[0]


class Visits:
    """Makes appointments of one clinic."""

    def __init__(self, team: Team, clock: DeskClock, rng: Random) -> None:
        self.team, self.clock, self.rng = team, clock, rng
        self.desk = [login.user for login in team.logins if login.role == "staff"]
        self.fees = {doctor.id: doctor.consultation_fee for doctor in team.doctors}
        self.letters: dict[UUID | None, str] = {}
        self.letters.update(zip((d.id for d in team.doctors), TICKETS, strict=False))
        self.tickets: Counter[tuple[UUID | None, dt.date]] = Counter()

    def make(self, slot: AppointmentSlot, patient: Patient, state: str) -> Appointment:
        """An appointment in state: a status, or ARRIVED."""
        source = self._source(slot, patient)
        appointment = self._row(slot, patient, source)
        appointment.created_at = self._booked_at(slot, source)
        appointment.status = "confirmed" if state == ARRIVED else state
        becomes: dict[str, Callable[..., dict[str, Any]]] = {
            ARRIVED: self._attended, "in_progress": self._attended, "completed": self._attended,
            "no_show": self._missed, "cancelled": self._cancelled,
        }  # fmt: skip
        if state in becomes:
            for name, value in becomes[state](appointment, state).items():
                setattr(appointment, name, value)
        return appointment

    def moved(
        self, appointment: Appointment, slot: AppointmentSlot, patient: Patient
    ) -> Appointment:
        """The earlier appointment on slot that appointment takes the place of."""
        told = min(appointment.created_at, slot.starts_at - 120 * MINUTE)
        appointment.created_at = told
        old = self._row(slot, patient, "phone", "moved")
        old.status, old.version = "rescheduled", 2
        old.created_at = told - dt.timedelta(days=self.rng.randint(1, 4), minutes=37)
        appointment.rescheduled_from = old
        return old

    def _row(
        self, slot: AppointmentSlot, patient: Patient, source: str, mark: str = ""
    ) -> Appointment:
        online = source == "online"
        return Appointment(
            id=demo_id(slot.doctor_id, slot.starts_at.isoformat(), patient.id, mark),
            clinic=self.team.clinic, patient=patient, doctor_id=slot.doctor_id, slot=slot,
            appointment_date=slot.slot_date, appointment_time=slot.slot_time,
            duration_minutes=slot.duration_minutes, starts_at=slot.starts_at, ends_at=slot.ends_at,
            appointment_type=pick(self.rng, TYPES), visit_reason=self.rng.choice(REASONS),
            source=source, version=1, consultation_fee=self.fees[slot.doctor_id],
            booked_by=patient.user if online else self.rng.choice(self.desk),
        )  # fmt: skip

    def _source(self, slot: AppointmentSlot, patient: Patient) -> str:
        if patient.user and self.rng.random() < 0.6:
            return "online"
        past = slot.slot_date <= self.clock.today and slot.starts_at <= self.clock.desk
        return "walk-in" if past and self.rng.random() < 0.25 else "phone"

    def _booked_at(self, slot: AppointmentSlot, source: str) -> dt.datetime:
        """When it was booked: minutes before for a walk-in, else on a day before it and today."""
        if source == "walk-in":
            return self._moment(slot, slot.starts_at - self.rng.randint(16, 40) * MINUTE)
        day = min(slot.slot_date, self.clock.today) - dt.timedelta(days=self.rng.randint(0, 10))
        booked = self.clock.at(day, self.rng.randint(OPENS, CLOSES))
        late = self._moment(slot, min(self.clock.now, slot.starts_at))
        return min(booked, late - self.rng.randint(45, 300) * MINUTE)

    def _moment(self, slot: AppointmentSlot, moment: dt.datetime) -> dt.datetime:
        return self.clock.happened(moment) if slot.slot_date == self.clock.today else moment

    def _attended(self, visit: Appointment, state: str) -> dict[str, Any]:
        """checked in; called, begun and ended as far as the state goes."""
        key, starts = (visit.doctor_id, visit.appointment_date), visit.starts_at
        self.tickets[key] += 1
        arrived = starts - self.rng.randint(1, 15) * MINUTE
        begun = starts + self.rng.randint(0, 11) * MINUTE
        length = visit.duration_minutes
        ended = begun + self.rng.randint(length // 2, length) * MINUTE
        done: dict[str, Any] = {
            "queue_number": f"{self.letters[visit.doctor_id]}{self.tickets[key]:02}",
            "queue_status": "waiting",
            "checked_in_at": self._moment(visit.slot, arrived),
            "version": 2,
        }
        if state != ARRIVED:
            begun = self._moment(visit.slot, begun)
            done |= {"called_at": begun, "consultation_start_at": begun, "version": 3}
            done |= {"queue_status": "serving"}
        if state == "completed":
            done |= {"consultation_end_at": self._moment(visit.slot, ended), "version": 4}
            done |= {"queue_status": "completed", "total_amount": visit.consultation_fee}
        return done

    def _missed(self, visit: Appointment, state: str) -> dict[str, Any]:
        marked = self._moment(visit.slot, visit.starts_at + 20 * MINUTE)
        return {"no_show_marked_at": marked, "version": 2}

    def _cancelled(self, visit: Appointment, state: str) -> dict[str, Any]:
        left = min(self.clock.now, visit.starts_at) - visit.created_at
        return {
            "cancelled_at": visit.created_at + left * self.rng.random(),
            "cancelled_by": self.rng.choice(self.desk),
            "cancellation_reason": self.rng.choice(WHY),
            "version": 2,
        }
