"""The rows of a preview: what each date offers, and what is chosen in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils.dateformat import format as date_text

from booking.forms.series import LEAVE_OUT
from booking.queries.series import FREE, PAST, SAME, DateChoice, MoveChoice, other_visits
from booking.views.shell import FrontDeskRequest, local, zone_of

WHY = {
    "slot_unavailable": "Taken",
    "patient_overlap": "The patient has another appointment",
    "slot_past": "Over",
    "slot_blocked": "Blocked",
    "slot_not_found": "No such time",
    "leave": "Doctor on leave",
    "holiday": "No clinic on this day",
    "no_hours": "Doctor does not work on this weekday",
    "outside_hours": "Not a time of the doctor",
    "clock_skips": "The clocks skip this time",
    "doctor_unavailable": "Doctor not available",
    "patient_not_found": "The patient is no longer here",
    "stale": "Someone changed it first",
    "bad_transition": "It can no longer be changed",
    "hold_limit": "Too many times are held",
}
TONES = {FREE: "room", SAME: "done", PAST: "off"}
AROUND = timedelta(days=3)  # the nearest free time is at most two days away
WORDS = {FREE: "Free", SAME: "Stays"}


@dataclass(frozen=True, slots=True)
class Pick:
    """One choice of a date."""

    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One date: the time that the rule wants, how it stands, and what may be chosen."""

    number: int
    day: str
    time: str
    iso: str
    word: str
    tone: str
    problem: str
    also: str
    was: str
    visit: str
    picks: list[Pick]

    @property
    def taken(self) -> bool:
        """Whether the wanted time cannot be had."""
        return self.tone not in ("room", "done")


class Rows:
    """Makes rows; where the clocks change among them, times carry their zone: 09:00 BST."""

    def __init__(
        self,
        request: FrontDeskRequest,
        chosen: Mapping[int, datetime | None] | None = None,
        refused: Mapping[datetime, str] | None = None,
    ) -> None:
        self.request = request
        self.others: dict[date, str] = {}
        self.chosen = chosen or {}
        self.refused = refused or {}
        self.zones = False

    def beside(
        self, patient_id: UUID, times: Sequence[datetime], but_series: UUID | None = None
    ) -> None:
        """Look for visits that the patient has on these days besides, to warn of them."""
        if not times:
            return
        found = other_visits(
            clinic_id=self.request.clinic.id, patient_id=patient_id,
            start=min(times) - AROUND, end=max(times) + AROUND, but_series=but_series,
        )  # fmt: skip
        for visit in reversed(found):
            day = local(self.request, visit.starts_at).date()
            self.others[day] = visit.text(zone_of(self.request))

    def of_dates(self, found: Sequence[DateChoice]) -> list[Row]:
        self._look([one.starts_at for one in found])
        return [
            self._row(one.position, one.starts_at, one.state, one.why, one.best_at) for one in found
        ]

    def of_visits(self, found: Sequence[MoveChoice]) -> list[Row]:
        self._look([one.starts_at for one in found])
        return [
            self._row(
                one.position, one.starts_at, one.state, one.why, one.best_at,
                was=one.was_at, visit=f"{one.appointment_id}:{one.version}",
            )
            for one in found
        ]  # fmt: skip

    def _look(self, times: Sequence[datetime]) -> None:
        here = [local(self.request, at) for at in times]
        self.zones = len({at.utcoffset() for at in here}) > 1

    def time(self, at: datetime) -> str:
        here = local(self.request, at)
        return f"{here:%H:%M}{f' {here:%Z}' if self.zones else ''}"

    def day(self, at: datetime) -> str:
        return date_text(local(self.request, at), "D j M Y")

    def _row(
        self, number: int, at: datetime, state: str, why: str | None, best: datetime | None,
        *, was: datetime | None = None, visit: str = "",
    ) -> Row:  # fmt: skip
        problem = next(
            (self.refused[t] for t in (at, self.chosen.get(number)) if t and t in self.refused), ""
        )
        return Row(
            number=number,
            day=self.day(at),
            time=self.time(at),
            iso=at.isoformat(),
            word=WORDS.get(state) or WHY.get(why or "", "Not free"),
            tone=TONES.get(state, "missed"),
            problem=WHY.get(problem, "") if problem else "",
            also=self.others.get(local(self.request, at).date(), ""),
            was=f"{self.day(was)} {self.time(was)}" if was else "",
            visit=visit,
            picks=self._picks(number, at, state, best, leave="Stays" if was else "Leave out"),
        )

    def _picks(
        self, number: int, at: datetime, state: str, best: datetime | None, *, leave: str
    ) -> list[Pick]:
        """The wanted time, the nearest free one, what was chosen before, and none."""
        times = [at] if state == FREE else []
        times += [best] if best else []
        kept = self.chosen.get(number)
        if kept and kept not in times and kept not in self.refused and state not in (SAME, PAST):
            times.append(kept)
        default = times[0] if times else None
        if number in self.chosen and kept not in self.refused:
            default = kept if kept in times else None
        picks = [Pick(t.isoformat(), self._said(t, at), t == default) for t in times]
        return [*picks, Pick(LEAVE_OUT, leave, default is None)]

    def _said(self, at: datetime, wanted: datetime) -> str:
        """09:15, or Tue 24 Nov 09:15 on another day than the wanted one."""
        here, there = local(self.request, at), local(self.request, wanted)
        if here.date() == there.date():
            return self.time(at)
        also = self.others.get(here.date())
        return f"{date_text(here, 'D j M')} {self.time(at)}{f' (also {also})' if also else ''}"


def visit_id(row: Row) -> UUID:
    """The visit that a row of a move is about."""
    return UUID(row.visit.partition(":")[0])
