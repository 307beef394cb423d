"""The grid as HTML, from plain values: rows are instants, text is escaped, words are right."""

import datetime as dt
import re
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from booking.grid import Links, Marks, day_grid
from booking.queries.day import (
    AppointmentRow,
    DaySchedule,
    DoctorColumn,
    SlotRow,
    day_bounds,
)

LINKS = Links(appointment="/day/?sel=", book="/new/?slot=")
DOCTOR = DoctorColumn(str(uuid.uuid4()), "Dr Berg", "General practice", "Room 2")


def at(day: dt.date, zone: ZoneInfo, hour: int, minute: int = 0, fold: int = 0) -> dt.datetime:
    local = dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone, fold=fold)
    return local.astimezone(dt.UTC)


def schedule(
    day: dt.date, zone_name: str, slots: Any = (), appointments: Any = (), step: int = 15
) -> DaySchedule:
    zone = ZoneInfo(zone_name)
    start, end = day_bounds(day, zone)
    return DaySchedule(day, zone, start, end, step, [DOCTOR], list(slots), list(appointments))


def slots_over(start: dt.datetime, end: dt.datetime, minutes: int = 15) -> list[SlotRow]:
    """Free slots end to end."""
    length = minutes * 60
    times = range(int(start.timestamp()), int(end.timestamp()), length)
    return [SlotRow(str(uuid.uuid4()), DOCTOR.id, at, at + length, True, False, "") for at in times]


def appointment(slot: SlotRow, status: str = "scheduled", **more: Any) -> AppointmentRow:
    return AppointmentRow(
        str(uuid.uuid4()), DOCTOR.id, slot.starts, slot.ends, status, "follow-up",
        more.get("arrived", False), more.get("patient", "Elif Osei"),
    )  # fmt: skip


def draw(day: DaySchedule, marks: Marks | None = None, links: Links = LINKS) -> str:
    return day_grid(day, links, marks or Marks(), day.start - dt.timedelta(days=1))


def labels(html: str) -> list[str]:
    """The text of every row's head."""
    heads = re.findall(r'<th scope="row"[^>]*>(.*?)</th>', html)
    return [re.sub(r"<[^>]+>", "", head) for head in heads]


@pytest.mark.parametrize(
    ("zone", "day", "quarters"),
    [
        ("Europe/London", dt.date(2026, 3, 29), 92),
        ("Europe/London", dt.date(2026, 10, 25), 100),
        ("Europe/Lisbon", dt.date(2026, 10, 25), 100),
        ("America/New_York", dt.date(2026, 3, 8), 92),
        ("America/New_York", dt.date(2026, 11, 1), 100),
        ("Australia/Lord_Howe", dt.date(2026, 4, 5), 98),
        ("Australia/Lord_Howe", dt.date(2026, 10, 4), 94),
        ("Asia/Singapore", dt.date(2026, 11, 22), 96),
    ],
)
def test_a_day_open_around_the_clock_has_the_rows_it_really_has(
    zone: str, day: dt.date, quarters: int
) -> None:
    start, end = day_bounds(day, ZoneInfo(zone))
    html = draw(schedule(day, zone, slots_over(start, end)))
    assert len(labels(html)) == quarters
    assert html.count('data-testid="slot-free"') == quarters
    assert len(set(labels(html))) == quarters  # the repeated hour says which one it is


def test_the_repeated_hour_names_its_zone() -> None:
    day = dt.date(2026, 10, 25)
    start, end = day_bounds(day, ZoneInfo("Europe/London"))
    seen = labels(draw(schedule(day, "Europe/London", slots_over(start, end))))
    assert seen[3:13] == [
        "00:45", "01:00 BST", "01:15 BST", "01:30 BST", "01:45 BST",
        "01:00 GMT", "01:15 GMT", "01:30 GMT", "01:45 GMT", "02:00",
    ]  # fmt: skip


def test_the_skipped_hour_is_not_there() -> None:
    day = dt.date(2026, 3, 29)
    start, end = day_bounds(day, ZoneInfo("Europe/London"))
    seen = labels(draw(schedule(day, "Europe/London", slots_over(start, end))))
    assert seen[2:6] == ["00:30", "00:45", "02:00", "02:15"]


DAY = dt.date(2026, 11, 23)
LONDON = ZoneInfo("Europe/London")


def morning(minutes: int = 15) -> list[SlotRow]:
    return slots_over(at(DAY, LONDON, 9), at(DAY, LONDON, 12), minutes)


def test_every_row_of_the_table_has_the_same_columns() -> None:
    slots = [*morning(20)[:4], *slots_over(at(DAY, LONDON, 11), at(DAY, LONDON, 12), 15)]
    html = draw(schedule(DAY, "Europe/London", slots, [appointment(slots[1])]))
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html)[1:]
    height = [0, 0]  # rows that the head and the doctor's cell above still cover
    for row in rows:
        height = [max(0, n - 1) for n in height]
        for cell in re.findall(r"<t([hd])([^>]*)>", row):
            column = 0 if cell[0] == "h" else 1
            assert height[column] == 0, row
            span = re.search(r'rowspan="(\d+)"', cell[1])
            height[column] = int(span.group(1)) if span else 1
        assert min(height) >= 1, row
    assert height == [1, 1]


def test_what_people_typed_is_escaped() -> None:
    slots = morning()
    nasty = '<script>alert("x")</script>'
    rows = [appointment(slots[0], patient=nasty)]
    blocked = SlotRow(str(uuid.uuid4()), DOCTOR.id, *slots[1][2:4], False, True, nasty)
    day = schedule(DAY, "Europe/London", [slots[0], blocked], rows)
    day.doctors[0] = DOCTOR._replace(name=nasty, room=nasty, subject=nasty)
    html = draw(day)
    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 5


@pytest.mark.parametrize(
    ("status", "arrived", "word"),
    [
        ("scheduled", False, "Booked"),
        ("confirmed", False, "Confirmed"),
        ("scheduled", True, "Arrived"),
        ("confirmed", True, "Arrived"),
        ("in_progress", True, "In room"),
        ("completed", True, "Done"),
        ("no_show", False, "DNA"),
    ],
)
def test_a_status_is_a_word(status: str, arrived: bool, word: str) -> None:
    slots = morning()
    row = appointment(slots[0], status, arrived=arrived)
    card = re.search(r"<a class=.appt.*?</a>", draw(schedule(DAY, "Europe/London", slots, [row])))
    assert card
    assert word in re.sub(r"<[^>]+>", "", card.group())
    assert f'data-status="{status}"' in card.group()


def test_cancelled_is_drawn_only_when_asked_and_leaves_the_time_free() -> None:
    slots = morning()
    day = schedule(DAY, "Europe/London", slots, [appointment(slots[0], "cancelled")])
    assert 'data-status="cancelled"' not in draw(day)
    shown = draw(day, Marks(cancelled=True))
    assert shown.count('data-status="cancelled"') == 1
    assert shown.count('data-testid="slot-free"') == len(slots)


def test_a_time_taken_by_an_appointment_one_may_not_see_is_no_link() -> None:
    slots = [slot._replace(free=False) for slot in morning()[:1]]
    html = draw(schedule(DAY, "Europe/London", slots))
    assert ">Taken<" in html
    assert "<a " not in html


def test_a_time_that_has_passed_is_no_link() -> None:
    day = schedule(DAY, "Europe/London", morning())
    html = day_grid(day, LINKS, Marks(), at(DAY, LONDON, 10))
    assert html.count('data-testid="slot-free"') == 7  # 10:15 to 11:45
    assert html.count('class="past"') == 5


def test_who_may_not_book_gets_times_without_links() -> None:
    html = draw(schedule(DAY, "Europe/London", morning()), links=Links("/day/?sel=", ""))
    assert "slot-free" not in html
    assert html.count('class="slot"') == 12


def test_hooks_for_scripts() -> None:
    slot = morning()[1]
    html = draw(schedule(DAY, "Europe/London", [slot]))
    link = re.search(r"<a [^>]*>", html)
    assert link
    for hook in (
        'data-testid="slot-free"',
        f'data-slot-id="{slot.id}"',
        f'data-doctor-id="{DOCTOR.id}"',
        'data-start="2026-11-23T09:15:00+00:00"',
        f'href="/new/?slot={slot.id}"',
    ):
        assert hook in link.group()
