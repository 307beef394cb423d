"""The day as one table: plain values in, escaped HTML out, one loop, no template per cell.

Rows are real instants, one step apart from the clinic's midnight, so a day has 23, 24 or 25 hours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from html import escape
from math import gcd
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.utils.safestring import SafeString, mark_safe

from booking.queries.day import (
    AppointmentRow,
    DaySchedule,
    DaySlot,
    DoctorColumn,
    SlotRow,
)
from booking.wording import DASH, HIDDEN, TYPES, status_of, time_left

HOUR = 3600
FINEST = 300
FREES = (*HIDDEN, "no_show")
OPENING, CLOSING = 8 * HOUR, 18 * HOUR
CLOSED = '<span class="vh">Closed</span>'


@dataclass(frozen=True, slots=True)
class Links:
    """Where cells lead. Each stem ends where the id goes; book is empty for who may not, slots is
    where a held one is asked about.

    moving: a free cell is a button of the form that moves an appointment. away: where a doctor who
    cannot come is recorded, empty for who may not.
    """

    appointment: str
    book: str
    suffix: str = ""
    moving: bool = False
    away: str = ""
    slots: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """What the page points at: the selected id, and the id that takes the focus."""

    selected: str = ""
    focus: str = ""
    cancelled: bool = False


class Item(NamedTuple):
    """A thing in a column: first row, row after the last, HTML, class of its cell."""

    top: int
    end: int
    html: str
    tone: str = ""


class Frame(NamedTuple):
    """The rows: first instant in epoch seconds, seconds a row, rows, rows a label, rows a card."""

    first: int
    step: int
    rows: int
    label: int
    card: int

    def span(self, starts: int, ends: int) -> tuple[int, int]:
        """The rows that an interval touches, at least one."""
        top = (starts - self.first) // self.step
        return top, max(-((self.first - ends) // self.step), top + 1)


def frame_of(day: DaySchedule) -> Frame:
    """Whole hours around everything that the day holds; a usual day when it holds nothing.

    Rows are as fine as the times need (not under five minutes), so that every card begins where
    it begins; the shortest card is one row of the page high, however many rows of ours that is.
    """
    midnight, last = int(day.start.timestamp()), int(day.end.timestamp())
    times = {row[2:4] for rows in (day.slots, day.appointments) for row in rows}
    opens = min((starts for starts, _ in times), default=midnight + OPENING)
    closes = max((ends for _, ends in times), default=midnight + CLOSING)
    opens -= (opens - midnight) % HOUR
    closes = min(closes + (midnight - closes) % HOUR, last)
    unit = day.step_minutes * 60
    step = max(gcd(unit, *(t - midnight for pair in times for t in pair)), FINEST)
    shortest = min((ends - starts for starts, ends in times), default=unit)
    card = min(max(min(shortest, unit) // step, 1), 6)
    return Frame(opens, step, max(1, -((opens - closes) // step)), max(1, unit // step), card)


class Clock:
    """Instants as the clinic's wall clock; a repeated hour carries its zone: 01:30 BST."""

    def __init__(self, day: DaySchedule) -> None:
        self.zone = day.zone
        first, last = day.start.astimezone(day.zone), day.end.astimezone(day.zone)
        self.changes = first.utcoffset() != last.utcoffset()
        self.known: dict[int, tuple[str, str]] = {}

    def both(self, at: int) -> tuple[str, str]:
        """The time of day, and the instant in ISO form, of epoch seconds."""
        if found := self.known.get(at):
            return found
        local = datetime.fromtimestamp(at, self.zone)
        text = f"{local.hour:02}:{local.minute:02}"
        if self.changes and local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
            text += f" {local:%Z}"
        self.known[at] = text, local.isoformat()
        return self.known[at]

    def text(self, at: int) -> str:
        return self.both(at)[0]


class View(NamedTuple):
    """What every cell is drawn with."""

    frame: Frame
    clock: Clock
    links: Links
    marks: Marks
    now: int
    visits: frozenset[str] = frozenset()  # which the reader may see


def day_grid(day: DaySchedule, links: Links, marks: Marks, now: datetime) -> SafeString:
    """The whole table."""
    frame, clock = frame_of(day), Clock(day)
    visits = frozenset(row.id for row in day.appointments)
    view = View(frame, clock, links, marks, int(now.timestamp()), visits)
    columns = _columns(day, view)
    title = f"Appointments by doctor, {day.day:%A} {day.day.day} {day.day:%B %Y}"
    parts = [
        f'<div class="sheet d{len(columns)}">{_now_line(view)}'
        f'<table class="grid k{frame.card}" role="grid" aria-label="{title}"'
        ' hx-boost="true" hx-target="#panel" hx-swap="innerHTML">',
        f'<colgroup><col>{"<col>" * len(columns)}</colgroup><thead><tr><th scope="col">Time</th>',
        *(_head(doctor, links.away) for doctor in day.doctors),
        "</tr></thead><tbody>",
        *_rows(view, columns),
        "</tbody></table></div>",
    ]
    return mark_safe("".join(parts))  # noqa: S308  every value is escaped where it is put in


def _head(doctor: DoctorColumn, away: str) -> str:
    below = " · ".join(escape(part) for part in (doctor.subject, doctor.room) if part)
    name = escape(doctor.name)
    link = ""
    if away:
        link = (
            f'<a href="{away}{doctor.id}" hx-boost="false"><span class="vh">Record </span>Absence'
            f'<span class="vh">: {name}</span></a>'
        )
    return f'<th scope="col"><b>{name}</b>{link}<span>{below}</span></th>'


def _now_line(view: View) -> str:
    """Where the clock stands: drawn under the cards, in per cent because rows may be taller."""
    part = 100 * (view.now - view.frame.first) / (view.frame.rows * view.frame.step)
    if not 0 <= part < 100:
        return ""
    line = f'<line x1="0" x2="100%" y1="{part:.2f}%" y2="{part:.2f}%"/>'
    return f'<svg class="now-line" aria-hidden="true">{line}</svg>'


def _rows(view: View, columns: list[dict[int, str]]) -> Iterator[str]:
    frame = view.frame
    current = (view.now - frame.first) // (frame.step * frame.label)
    for row in range(frame.rows):
        label, beside = divmod(row, frame.label)
        head = "" if beside else _head_of_row(view, row, label == current)
        yield head or "<tr>"
        for cells in columns:
            if row in cells:
                yield cells[row]
        yield "</tr>"


def _head_of_row(view: View, row: int, current: bool) -> str:
    """The start of a row with its time: half hours and the clock's own are seen, the rest heard."""
    text = view.clock.text(view.frame.first + row * view.frame.step)
    half = text[3:5] in ("00", "30")
    classes = f"{'h' if half else ''}{' now' if current else ''}"
    rowspan = f' rowspan="{view.frame.label}"' if view.frame.label > 1 else ""
    if current:
        clock = view.clock.text(view.now)
        text = f'<span class="vh">{text}</span><span aria-hidden="true">{clock}</span>'
    elif not half:
        text = f'<span class="vh">{text}</span>'
    return f'<tr class="{classes}"><th scope="row"{rowspan}>{text}</th>'


def _columns(day: DaySchedule, view: View) -> list[dict[int, str]]:
    """For each doctor, the cells by the row they start in; closed time fills the rest."""
    who = {doctor.id: (escape(doctor.name), n) for n, doctor in enumerate(day.doctors)}
    items: list[list[Item]] = [[] for _ in day.doctors]
    drawn: list[set[int]] = [set() for _ in day.doctors]
    busy: list[set[int]] = [set() for _ in day.doctors]
    for row in day.appointments:
        if row.doctor_id in who and (view.marks.cancelled or row.status not in HIDDEN):
            item = _appointment(row, who[row.doctor_id], view)
            column = who[row.doctor_id][1]
            items[column].append(item)
            drawn[column].update(range(item.top, item.end))
            if row.status not in FREES and not row.overbooked:
                busy[column].update(range(item.top, item.end))
    for slot in day.slots:
        if slot.doctor_id in who:
            column = who[slot.doctor_id][1]
            span = view.frame.span(slot.starts, slot.ends)
            if (busy if slot.free else drawn)[column].isdisjoint(range(*span)):
                items[column].append(_slot(slot, span, who[slot.doctor_id], view))
    return [_cells(each, view.frame.rows) for each in items]


def _appointment(row: AppointmentRow, who: tuple[str, int], view: View) -> Item:
    doctor, column = who
    top, end = view.frame.span(row.starts, row.ends)
    status = status_of(row.status, row.arrived)
    word = f"<i>{status.card}</i> " if status.card else ""
    if row.status == "no_show":
        word = f'<abbr title="{status.word}">{status.card}</abbr> '
    if row.overbooked:
        word = f'<abbr class="over" title="Overbooked">Over</abbr> {word}'
    times = f"{view.clock.text(row.starts)}{DASH}{view.clock.text(row.ends)}"
    about = f"{times} · {TYPES.get(row.kind, escape(row.kind))}"
    spoken = f'<span class="vh"> with {doctor}{"" if status.card else f", {status.word}"}</span>'
    tall = (end - top) * 2 >= view.frame.card * 3  # room for a second line
    small = "<small>" if tall else '<small class="vh">'
    detail = f"{small}{about}{spoken}</small>"
    html = (
        f'<a class="appt s-{status.tone}{_on(row.id, view)}"'
        f' href="{view.links.appointment}{row.id}{view.links.suffix}" data-c="{column}"'
        f' data-testid="appointment" data-appointment-id="{row.id}" data-status="{row.status}"'
        f"{_attributes(row.id, view)}>{word}<b>{escape(row.patient)}</b> {detail}</a>"
    )
    return Item(top, end, html)


def _slot(slot: SlotRow, span: tuple[int, int], who: tuple[str, int], view: View) -> Item:
    """A slot without a visible appointment: free, over, blocked, or somebody else's."""
    doctor, column = who
    top, end = span
    if slot.blocked:
        why = slot.block_reason or "Blocked"
        why = escape(why[0].upper() + why[1:])
        return Item(top, end, f'<span class="slot">{why}</span>', "shut")
    if not slot.free:
        word = "Kept free" if slot.covered_by in view.visits else "Taken"
        return Item(top, end, f'<span class="slot">{word}</span>', "taken")
    if slot.starts <= view.now:
        return Item(top, end, "", "past")
    if slot.held:
        return Item(top, end, _held(slot, column, view.links), "taken")
    text, iso = view.clock.both(slot.starts)
    hooks = f'data-slot-id="{slot.id}" data-doctor-id="{slot.doctor_id}" data-start="{iso}"'
    if not view.links.book:
        return Item(top, end, f'<span class="slot" {hooks}>{text}</span>')
    if view.links.moving:
        return Item(
            top,
            end,
            f'<button class="free" form="moving" name="slot" value="{slot.id}" data-c="{column}"'
            f' data-testid="slot-move" {hooks}><span class="vh">Move to </span>{text}'
            f'<span class="vh"> with {doctor}</span></button>',
        )
    return Item(
        top,
        end,
        f'<a class="free{_on(slot.id, view)}" href="{view.links.book}{slot.id}{view.links.suffix}"'
        f' data-c="{column}" data-testid="slot-free" {hooks}{_attributes(slot.id, view)}>'
        f'<span class="vh">Book </span>{text}<span class="vh"> with {doctor}</span></a>',
    )


def _held(slot: SlotRow, column: int, links: Links) -> str:
    """Somebody else's for a while: the page asks again until it is free or taken."""
    return (
        f'<span class="slot" data-testid="slot-held" data-slot-id="{slot.id}"'
        f' hx-get="{links.slots}{slot.id}/cell/?c={column}{links.suffix}" hx-trigger="every 15s"'
        f' hx-target="this" hx-swap="outerHTML">Held, {time_left(slot.held)}</span>'
    )


def slot_cell(
    found: DaySlot, column: int, zone: ZoneInfo, day: tuple[datetime, datetime], links: Links,
    now: datetime,
) -> SafeString:  # fmt: skip
    """The inside of one cell, to take the place of a held one."""
    start, end = day
    alone = DaySchedule(found.day, zone, start, end, 15, [], [found.row], [])
    view = View(frame_of(alone), Clock(alone), links, Marks(), int(now.timestamp()))
    item = _slot(found.row, (0, 1), (escape(found.doctor), column), view)
    # Arrows lead there; the one stop of Tab is elsewhere in the grid.
    html = item.html.replace(' class="free"', ' class="free" tabindex="-1"')
    return mark_safe(html or '<span class="slot">Over</span>')  # noqa: S308  escaped as above


def _on(pk: str, view: View) -> str:
    return " on" if pk in (view.marks.selected, view.marks.focus) else ""


def _attributes(pk: str, view: View) -> str:
    current = ' aria-current="true"' if pk == view.marks.selected else ""
    return current + (" autofocus" if pk == view.marks.focus else "")


def _clusters(items: list[Item]) -> Iterator[Item]:
    """Items that share a row become one; an empty one gives way."""
    group: Item | None = None
    for item in sorted(items):
        if group is None or item.top >= group.end:
            if group:
                yield group
            group = item
            continue
        tone = item.tone if not group.html else group.tone if not item.html else ""
        group = Item(group.top, max(group.end, item.end), group.html + item.html, tone)
    if group:
        yield group


def _cells(items: list[Item], count: int) -> dict[int, str]:
    """Cells by the row they start in; what no item covers is closed."""
    cells: dict[int, str] = {}
    row = 0
    for item in _clusters(items):
        if row < item.top:
            cells[row] = _cell(item.top - row, CLOSED, "shut")
        row = min(item.end, count)
        html = f'<div class="cell">{item.html}</div>' if item.html else ""
        cells[item.top] = _cell(row - item.top, html, item.tone)
    if row < count:
        cells[row] = _cell(count - row, CLOSED, "shut")
    return cells


def _cell(rows: int, html: str, tone: str) -> str:
    rowspan = f' rowspan="{rows}"' if rows > 1 else ""
    tone = f' class="{tone}"' if tone else ""
    return f"<td{tone}{rowspan}>{html}</td>"
