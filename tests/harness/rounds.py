"""Rounds: many clients at one small clinic, each first try perhaps with a fault, then the check."""

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from booking.models import Appointment
from clinic.errors import Busy, Unavailable
from clinic.tenancy.context import tenant_context
from tests.harness.checker import check
from tests.harness.client import Heard, Wish, perform, same
from tests.harness.faults import WIRE, Faults
from tests.harness.stage import Stage, set_stage

OPERATIONS = {
    "book": 40, "cancel": 14, "reschedule": 16, "confirm": 5, "check_in": 7, "start": 4,
    "finish": 3, "no_show": 2, "leave": 3, "undo": 8,
}  # fmt: skip
# Those that take a second and more are fewer.
FAULTS = {
    **dict.fromkeys(WIRE, 6), "backend terminated": 6, "statement timeout": 6, "lock timeout": 3,
    "idle holder": 2, "deadlock": 1,
}  # fmt: skip


@dataclass
class Figures:
    """What was done and what was found; broken has to stay empty."""

    attempts: int = 0
    won: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    retried: int = 0
    gave_up: int = 0
    repeats: int = 0
    injected: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)

    def add(self, each: Heard) -> None:
        self.attempts += 1
        self.won += each.won
        self.retried += each.named
        self.gave_up += each.outcome is None
        if each.outcome and not each.won:
            self.refused[each.outcome.code or ""] += 1


class Round:
    """One clinic, used up by one storm."""

    def __init__(
        self, faults: Faults, figures: Figures, share: float, names: dict[str, int] | None = None
    ) -> None:
        """share of the first tries meet a fault; names are the faults and how often each comes."""
        self.faults, self.figures, self.share = faults, figures, share
        self.names = names or FAULTS
        self.stage: Stage = set_stage()
        self.heard: list[Heard] = []
        self.recent: list[Wish] = []

    def run(self, *, attempts: int, workers: int) -> None:
        self.storm(attempts=attempts, workers=workers)
        self.finish()

    def storm(self, *, attempts: int, workers: int) -> None:
        each = [attempts // workers + (n < attempts % workers) for n in range(workers)]
        with ThreadPoolExecutor(workers) as threads:
            for done in [threads.submit(self.work, count) for count in each]:
                done.result(600)

    def finish(self) -> None:
        """Each success is asked for again; then the rows have to agree with what was said."""
        with ThreadPoolExecutor(4) as threads:
            again = list(threads.map(self.repeat, [each for each in self.heard if each.won]))
        self.figures.repeats += len(again)
        self.figures.broken["changed answers"] += again.count(False)
        self.figures.broken.update(check(self.stage.world, self.heard))
        self.figures.broken = +self.figures.broken
        for each in self.heard:
            self.figures.add(each)

    def work(self, count: int) -> None:
        try:
            for _ in range(count):
                self.attempt()
        finally:
            connection.close()

    def attempt(self) -> None:
        """A wish of its own, or the one that somebody else has just begun, under the same key."""
        (name,) = random.choices(list(self.names), list(self.names.values()))
        name = name if random.random() < self.share else ""
        if self.recent and random.random() < 0.1:
            wish = self.recent[-1]
        else:
            # A foreign order of locks is only met by who locks a slot and a visit.
            wish = self.wish("cancel" if name == "deadlock" else "")
            self.recent.append(wish)
        if name:
            self.inject(name, wish)
        else:
            self.note(perform(wish))

    def inject(self, name: str, wish: Wish) -> None:
        injection = self.faults.make(name, self.stage, wish)
        heard = perform(wish, injection.around, injection.inside)
        if injection.happened() and (heard.named or name == "stall"):
            self.figures.injected[name] += 1
            if name == "acknowledgement lost":
                self.compare(heard)
        self.note(heard)

    def compare(self, heard: Heard) -> None:
        """It was committed, so the answer that was lost is the only right one."""
        lost, outcome = heard.unsure[0], heard.outcome
        if lost.ok and not (outcome and outcome.ok and same(lost, outcome)):
            print(f"  changed answer: {heard.wish.operation} {lost} then {outcome}", flush=True)
            self.figures.broken["changed answers"] += 1

    def note(self, heard: Heard) -> None:
        self.heard.append(heard)
        if heard.won and heard.wish.operation == "book" and heard.outcome:
            assert heard.outcome.appointment_id
            self.stage.visits.append(heard.outcome.appointment_id)

    def repeat(self, heard: Heard) -> bool:
        """Whether the same key gets the same answer again, as a repeat."""
        try:
            again = perform(heard.wish).outcome
        finally:
            connection.close()
        assert heard.outcome
        return again is not None and again.idempotent and same(again, heard.outcome)

    def wish(self, operation: str = "") -> Wish:
        stage, user = self.stage, random.choice(self.stage.people)
        operation = operation or random.choices(list(OPERATIONS), list(OPERATIONS.values()))[0]
        visits = stage.visits[3:] or stage.visits if operation == "cancel" else stage.visits
        given: dict[str, Any] = {"appointment_id": random.choice(visits[-12:])}
        if operation == "book":
            given = {"patient_id": random.choice(stage.patients)}
            given |= {"slot_id": random.choice(stage.slots)}
            given |= {"service_id": random.choice([None, stage.service])}
        elif operation == "reschedule":
            given["slot_id"] = random.choice(stage.slots)
        elif operation == "undo":
            given |= {"version": self.version(given["appointment_id"])}
        elif operation == "cancel":
            given |= {"reason": "not needed any more"}
        return Wish(stage.world.id, user.id, str(user.role), operation, given)

    def version(self, visit: object) -> int:
        """As a page shows it: read a moment before."""
        while True:
            try:
                world = self.stage.world
                with tenant_context(clinic=world.id, user=world.bob.id, role="staff"):
                    return Appointment.objects.get(pk=visit, clinic_id=world.id).version
            except (Busy, Unavailable):
                connection.close_if_unusable_or_obsolete()
                time.sleep(0.05)
