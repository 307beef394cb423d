"""Days as people type them: 23/11, 23 nov 2026, 1984-03-12, tomorrow. Days come before months."""

import re
from datetime import date, timedelta

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WORDS = {"yesterday": -1, "today": 0, "tomorrow": 1}
ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
NUMBERS = re.compile(r"(\d{1,2})[/.\-](\d{1,2})(?:[/.\-](\d{4}|\d{2}))?")
NAMED = re.compile(r"(\d{1,2})[\s-]*([a-z]{3})[a-z]*[.,]?(?:[\s-]*(\d{4}|\d{2}))?")

# Any of them with its year, among other words.
BIRTH = re.compile(
    r"\b\d{4}[-/.]\d{1,2}[-/.]\d{1,2}\b|\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b"
    r"|\b\d{1,2}[\s-]*[a-z]{3,9}[.,]?[\s-]*(?:\d{4}|\d{2})\b",
    re.IGNORECASE,
)


def parse_day(text: str, *, today: date) -> date | None:
    """The day that text names, or None. Without a year: the one nearest to today."""
    text = text.strip().lower()
    if text in WORDS:
        return today + timedelta(WORDS[text])
    if match := ISO.fullmatch(text):
        year, month, day = map(int, match.groups())
        return _day(year, month, day)
    if parts := _day_month_year(text):
        day, month, written = parts
        return _day(_full(written), month, day) if written else _nearest(day, month, today)
    return None


def parse_birth(text: str, *, today: date) -> date | None:
    """The birth date that text names, or None. It needs a year; 84 is 1984, never the future."""
    parts = _day_month_year(text.strip().lower())
    if parts and not parts[2]:
        return None
    born = parse_day(text, today=today) if text.strip().lower() not in WORDS else None
    if born and born > today and parts and len(parts[2]) == 2:
        return _day(born.year - 100, born.month, born.day)
    return None if born is None or born > today else born


def split_birth(text: str, *, today: date) -> tuple[date | None, str]:
    """The first birth date with its year among other words, and the words without it."""
    for match in BIRTH.finditer(text):
        if born := parse_birth(match.group(), today=today):
            return born, f"{text[: match.start()]} {text[match.end() :]}".strip()
    return None, text


def _day_month_year(text: str) -> tuple[int, int, str] | None:
    match = NUMBERS.fullmatch(text) or NAMED.fullmatch(text)
    if match is None:
        return None
    day, month, year = match.groups()
    return int(day), int(month) if month.isdigit() else _month(month), year or ""


def _month(letters: str) -> int:
    return MONTHS.index(letters) + 1 if letters in MONTHS else 0


def _full(year: str) -> int:
    return int(year) + 2000 if len(year) == 2 else int(year)


def _nearest(day: int, month: int, today: date) -> date | None:
    days = [_day(today.year + n, month, day) for n in (-1, 0, 1)]
    return min((d for d in days if d), key=lambda d: abs(d - today), default=None)


def _day(year: int, month: int, day: int) -> date | None:
    """None for what is no day, or of no century in which clinics have days."""
    try:
        return date(year, month, day) if 1900 < year < 2200 else None
    except ValueError:
        return None
