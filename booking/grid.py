"""The day as one table: plain values in, escaped HTML out, one loop, no template per cell.

Rows are real instants, one step apart from the clinic's midnight, so a day has 23, 24 or 25 hours.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from typing import NamedTuple
from uuid import UUID

from django.utils.safestring import SafeString, mark_safe

from booking.queries import AppointmentRow, DaySchedule, DoctorColumn, SlotRow
from booking.wording import HIDDEN, TYPES, status_of

HOUR = 3600
OPENING, CLOSING = 8 * HOUR, 18 * HOUR
CLOSED = '<span class="vh">Closed</span>'


@dataclass(frozen=True, slots=True)
class Links:
    """Where cells lead. Each stem ends where the id goes; book is empty for who may not."""

    appointment: str
    book: str
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """What the page points at: the selected id, and the id that takes the focus."""

    selected: UUID | None = None
    focus: UUID | None = None
    cancelled: bool = False


class Item(NamedTuple):
    """A thing in a column: first row, row after the last, HTML, class of its cell."""

    top: int
    end: int
    html: str
    tone: str = ""


class Frame(NamedTuple):
    """The rows: instants in epoch seconds, step in seconds."""

    first: int
    step: int
    count: int

    def span(self, starts: datetime, ends: datetime) -> tuple[int, int]:
        """The rows that an interval touches, at least one."""
        top = (int(starts.timestamp()) - self.first) // self.step
        end = -((self.first - int(ends.timestamp())) // self.step)
        return top, max(end, top + 1)


def frame_of(day: DaySchedule) -> Frame:
    """Whole hours around everything that the day holds; a usual day when it holds nothing."""
    midnight, last = int(day.start.timestamp()), int(day.end.timestamp())
    rows = [*day.slots, *day.appointments]
    opens = min((int(r.starts_at.timestamp()) for r in rows), default=midnight + OPENING)
    closes = max((int(r.ends_at.timestamp()) for r in rows), default=midnight + CLOSING)
    opens -= (opens - midnight) % HOUR
    closes = min(closes + (midnight - closes) % HOUR, last)
    step = day.step_minutes * 60
    return Frame(opens, step, max(1, -((opens - closes) // step)))


class Clock:
    """Instants as the clinic's wall clock; a repeated hour carries its zone: 01:30 BST."""

    def __init__(self, day: DaySchedule) -> None:
        self.zone = day.zone
        first, last = day.start.astimezone(day.zone), day.end.astimezone(day.zone)
        self.changes = first.utcoffset() != last.utcoffset()

    def text(self, at: datetime) -> str:
        local = at.astimezone(self.zone)
        if self.changes and local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
            return f"{local:%H:%M %Z}"
        return f"{local:%H:%M}"


def day_grid(day: DaySchedule, links: Links, marks: Marks, now: datetime) -> SafeString:
    """The whole table."""
    frame, clock = frame_of(day), Clock(day)
    columns = [_column(day, doctor, frame, clock, links, marks, now) for doctor in day.doctors]
    title = f"Appointments by doctor, {day.day:%A} {day.day.day} {day.day:%B %Y}"
    parts = [
        f'<table class="grid" role="grid" aria-label="{title}" data-first="{frame.first}"'
        f' data-step="{frame.step}" data-now="{int(now.timestamp())}"'
        ' hx-boost="true" hx-target="#panel" hx-swap="innerHTML">',
        f'<colgroup><col>{"<col>" * len(columns)}</colgroup><thead><tr><th scope="col">Time</th>',
        *map(_head, day.doctors),
        "</tr></thead><tbody>",
        *_rows(frame, clock, columns, int(now.timestamp())),
        "</tbody></table>",
    ]
    return mark_safe("".join(parts))  # every value above is escaped where it is put in


def _head(doctor: DoctorColumn) -> str:
    below = " · ".join(escape(part) for part in (doctor.subject, doctor.room) if part)
    return f'<th scope="col"><b>{escape(doctor.name)}</b><span>{below}</span></th>'


def _rows(
    frame: Frame, clock: Clock, columns: list[dict[int, str]], now: int
) -> Iterator[str]:
    current = (now - frame.first) // frame.step
    quarter = (now - frame.first) % frame.step * 4 // frame.step
    for row in range(frame.count):
        at = datetime.fromtimestamp(frame.first + row * frame.step, UTC)
        text = clock.text(at)
        shown = text[3:5] in ("00", "30")
        classes = f"now n{quarter} " if row == current else ""
        yield (
            f'<tr class="{classes}{"h" if shown else ""}"><th scope="row">'
            f'{text if shown else f"""<span class="vh">{text}</span>"""}</th>'
        )
        for cells in columns:
            yield cells.get(row, "")
        yield "</tr>"


def _column(
    day: DaySchedule,
    doctor: DoctorColumn,
    frame: Frame,
    clock: Clock,
    links: Links,
    marks: Marks,
    now: datetime,
) -> dict[int, str]:
    """The cells of one doctor by the row they start in; closed time fills the rest."""
    name = escape(doctor.name)
    booked = [
        row
        for row in day.appointments
        if row.doctor_id == doctor.id and (marks.cancelled or row.status not in HIDDEN)
    ]
    busy = [(r.starts_at, r.ends_at) for r in booked if r.status not in (*HIDDEN, "no_show")]
    items = [_appointment(row, name, frame, clock, links, marks) for row in booked]
    for slot in day.slots:
        if slot.doctor_id == doctor.id and not any(
            starts < slot.ends_at and slot.starts_at < ends for starts, ends in busy
        ):
            items.append(_slot(slot, name, frame, clock, links, marks, now))
    return _cells(sorted(items), frame.count)


def _appointment(
    row: AppointmentRow, doctor: str, frame: Frame, clock: Clock, links: Links, marks: Marks
) -> Item:
    top, end = frame.span(row.starts_at, row.ends_at)
    status = status_of(row.status, row.checked_in_at)
    if row.status == "no_show":
        word = f'<abbr title="{status.word}">{status.card}</abbr>'
    else:
        word = f"<i>{status.card}</i>" if status.card else ""
    times = f"{clock.text(row.starts_at)}–{clock.text(row.ends_at)}"
    about = f"{times} · {TYPES.get(row.kind, escape(row.kind))}"
    spoken = f'<span class="vh"> {"" if status.card else status.word} with {doctor}</span>'
    detail = (
        f"<small>{about}{spoken}</small>"
        if end - top > 1
        else f'<span class="vh">, {about}</span>{spoken}'
    )
    html = (
        f'<a class="appt s-{status.tone}{_on(row.id, marks)}" href="{links.appointment}{row.id}'
        f'{links.suffix}" data-testid="appointment" data-appointment-id="{row.id}"'
        f' data-status="{row.status}"{_attributes(row.id, marks)}>'
        f"{word}<b>{escape(row.patient)}</b>{detail}</a>"
    )
    return Item(top, end, html)


def _slot(
    slot: SlotRow,
    doctor: str,
    frame: Frame,
    clock: Clock,
    links: Links,
    marks: Marks,
    now: datetime,
) -> Item:
    """A slot without a visible appointment: free, over, blocked, or somebody else's."""
    top, end = frame.span(slot.starts_at, slot.ends_at)
    if slot.blocked:
        why = escape(slot.block_reason or "Blocked")
        return Item(top, end, f'<span class="slot">{why}</span>', "shut")
    if not slot.free:
        return Item(top, end, '<span class="slot">Taken</span>', "taken")
    if slot.starts_at <= now:
        return Item(top, end, "", "past")
    text = clock.text(slot.starts_at)
    hooks = (
        f'data-slot-id="{slot.id}" data-doctor-id="{slot.doctor_id}"'
        f' data-start="{slot.starts_at.astimezone(clock.zone).isoformat()}"'
    )
    if not links.book:
        return Item(top, end, f'<span class="slot" {hooks}>{text}</span>')
    return Item(
        top,
        end,
        f'<a class="free{_on(slot.id, marks)}" href="{links.book}{slot.id}{links.suffix}"'
        f' data-testid="slot-free" {hooks}{_attributes(slot.id, marks)}>'
        f'<span class="vh">Book </span>{text}<span class="vh"> with {doctor}</span></a>',
    )


def _on(pk: UUID, marks: Marks) -> str:
    return " on" if pk in (marks.selected, marks.focus) else ""


def _attributes(pk: UUID, marks: Marks) -> str:
    current = ' aria-current="true"' if pk == marks.selected else ""
    return current + (" autofocus" if pk == marks.focus else "")


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
