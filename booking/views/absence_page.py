"""The page of an absence as plain values: what each visit may become, and what it became."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from booking.enums import AbsenceChoice
from booking.queries.absences import OpenVisit, Place, SettledVisit
from booking.services.absences import Choice
from booking.wording import type_word

WORDS = {
    "slot_unavailable": "That place was taken meanwhile. Here is another.",
    "slot_past": "That time has passed. Here is another.",
    "slot_blocked": "That time is blocked now. Here is another.",
    "slot_not_found": "No place was chosen.",
    "doctor_unavailable": "That doctor is away then, or has enough visits. Here is another place.",
    "patient_overlap": "The patient has another appointment then. Here is another place.",
    "patient_not_found": "The patient's record is closed.",
    "bad_transition": "That can no longer be done to this visit.",
    "stale": "The visit was changed meanwhile. This is how it is now.",
    "declined": "The patient declined what was offered.",
}
OTHERWISE = "That could not be done. Choose otherwise."
NO_ANSWER = "No answer came; the place is no longer held."
CHANGED = {"cancelled": "Cancelled meanwhile", "no_show": "Did not attend"}
Text = Callable[[datetime], str]


@dataclass(slots=True)
class Row:
    """A visit to be decided. places are (slot, text, chosen); choice is what is marked."""

    visit: OpenVisit
    at: str
    phone: str
    kind: str
    tags: list[str]
    problem: str
    choice: str = AbsenceChoice.LATER
    cover: tuple[UUID, str] | None = None
    places: list[tuple[UUID, str, bool]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Done:
    """A visit that needs no choice: text says what became of it, note what to know."""

    visit: SettledVisit
    at: str
    phone: str
    text: str
    note: str
    asked: bool


def rows_of(
    visits: Iterable[OpenVisit],
    places: Iterable[Place],
    marked: dict[UUID, Choice],
    every: str,
    when: Text,
    phone: Callable[[str], str],
) -> list[Row]:
    """The rows; marked is what the person has on the page, every what they want for all."""
    found: dict[UUID, list[Place]] = {}
    for place in places:
        found.setdefault(place.visit_id, []).append(place)
    rows = []
    for visit in visits:
        row = Row(
            visit, when(visit.starts_at), phone(visit.phone), type_word(visit.kind), _tags(visit),
            _problem(visit),
        )  # fmt: skip
        _fill(row, found.get(visit.id, []), marked.get(visit.id), every, when)
        rows.append(row)
    return rows


def _fill(row: Row, places: list[Place], marked: Choice | None, every: str, when: Text) -> None:
    kinds = {place.kind: place for place in reversed(places)}
    if cover := kinds.get("cover"):
        row.cover = (cover.slot_id, cover.doctor)
    own = marked.slot_id if marked else row.visit.slot_id
    order = ["saved", "move", "other"]
    moves = sorted((p for p in places if p.kind in order), key=lambda p: order.index(p.kind))
    saved = kinds.get("saved")
    if saved and saved.starts_at == row.visit.starts_at:  # the cover that was marked before
        row.cover = (saved.slot_id, saved.doctor)
        moves.remove(saved)
    chosen = own if own in {p.slot_id for p in moves} else moves[0].slot_id if moves else None
    row.places = [
        (p.slot_id, f"{when(p.starts_at)} with {p.doctor}", p.slot_id == chosen) for p in moves
    ]
    row.choice = _choice(row, every or (marked.choice if marked else row.visit.choice or ""))


def _choice(row: Row, wanted: str) -> str:
    """What is marked: what was wanted, if it can be done, else cover, a move, or nothing."""
    can = possible(row)
    if wanted in can:
        return wanted
    if row.visit.arrived or row.visit.asked or row.visit.code == "declined":
        return AbsenceChoice.LATER  # somebody has to speak with them first
    return next(c for c in (*AbsenceChoice,) if c in can and c != AbsenceChoice.CANCEL)


def possible(row: Row) -> list[str]:
    """The choices that the page offers for a row."""
    can: list[str] = [AbsenceChoice.CANCEL, AbsenceChoice.LATER]
    can += [AbsenceChoice.COVER] if row.cover else []
    can += [AbsenceChoice.MOVE, AbsenceChoice.ASK] if row.places else []
    return can


def _problem(visit: OpenVisit) -> str:
    if visit.asked:
        return NO_ANSWER
    return WORDS.get(visit.code, OTHERWISE) if visit.code else ""


def _tags(visit: OpenVisit) -> list[str]:
    told = [("Arrived, waiting", visit.arrived), ("Put off before", visit.put_off)]
    return [text for text, is_so in told if is_so]


def done_of(
    visits: Iterable[SettledVisit], when: Text, phone: Callable[[str], str], back: str = ""
) -> list[Done]:
    """What became of the other visits. back is the doctor of an absence that was taken back."""
    now = timezone.now()
    return [
        Done(v, when(v.from_starts_at), phone(v.phone), _what(v, when, now, back),
             _note(v, when, now), _waits(v, now))
        for v in visits
    ]  # fmt: skip


def _waits(visit: SettledVisit, now: datetime) -> bool:
    """Whether the patient may still answer; a visit of a day gone by keeps its open question."""
    return visit.state == "asked" and visit.held_until is not None and visit.held_until > now


def _what(visit: SettledVisit, when: Text, at: datetime, back: str) -> str:
    now = f"{when(visit.starts_at)} with {visit.doctor}"
    same = (visit.starts_at, visit.doctor) == (visit.from_starts_at, back)
    if visit.state == "asked" and visit.place:
        asked = f"Asked about {when(visit.place)} with {visit.place_doctor}"
        return asked if _waits(visit, at) else f"{asked}; no answer came"
    if visit.status in CHANGED and visit.state != "cancelled":
        return CHANGED[visit.status]
    return {
        "covered": f"{visit.doctor} covers",
        "moved": f"Moved to {now}",
        "cancelled": "Cancelled",
        "open": f"{'As before' if same else 'Changed meanwhile'}: {now}",
    }.get(visit.state, now)


def _note(visit: SettledVisit, when: Text, now: datetime) -> str:
    """What the person should know: nobody was told, until when a place is held."""
    if visit.code:
        return f"Could not be taken back. {WORDS.get(visit.code, '')}".strip()
    held = f"Held until {when(visit.held_until)}. " if visit.held_until else ""
    unheard = "" if visit.told or visit.state == "open" else "No message could go: please call."
    return f"{held if _waits(visit, now) else ''}{unheard}".strip()


def counted(rows: list[Row]) -> list[tuple[int, str]]:
    """How many rows are marked with each choice, in the order of the choices."""
    marks = Counter(row.choice for row in rows)
    return [(marks[c], c.label.lower()) for c in AbsenceChoice if marks[c]]
