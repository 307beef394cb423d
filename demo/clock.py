"""The moment that the demo is made at, as a clinic sees it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

MINUTE = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class DeskClock:
    """now is the real time; desk is how far the day's work has come.

    While patients are seen both are the same. Before and after, the day is drawn as at the nearest
    busy time, so that somebody always waits and somebody is always in the room; what then has
    "happened" is dated no later than now.
    """

    now: dt.datetime
    zone: ZoneInfo
    desk: dt.datetime

    @classmethod
    def start(cls, now: dt.datetime, zone: str) -> "DeskClock":
        return cls(now, ZoneInfo(zone), now)

    def on(self, starts: Sequence[dt.datetime]) -> "DeskClock":
        """The clock of a day whose slots begin at starts (in order, at least one)."""
        low, high = starts[len(starts) // 4], starts[3 * len(starts) // 4]
        wished = min(max(self.now, low), high)
        slot = max(start for start in starts if start <= wished)
        within = dt.timedelta() <= self.now - slot < 15 * MINUTE
        return replace(self, desk=self.now if within else slot + 6 * MINUTE)

    @property
    def today(self) -> dt.date:
        return self.now.astimezone(self.zone).date()

    def at(self, day: dt.date, minutes: int) -> dt.datetime:
        """The instant at which the clinic's wall clock stands at so many minutes of the day."""
        wall = dt.datetime.combine(day, dt.time(minutes // 60, minutes % 60), self.zone)
        return wall.astimezone(dt.UTC)

    def happened(self, moment: dt.datetime) -> dt.datetime:
        """A moment of today's work as a date that is not after now."""
        return min(moment, self.desk) - max(self.desk - self.now, dt.timedelta())
