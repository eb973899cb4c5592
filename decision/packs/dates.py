"""Which local day an instant lies in, and what N days or one year later is (AMB-S1 to AMB-S3).

Pure: no clock. Instants are aware UTC; days are local to the jurisdiction.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

import msgspec

YearRule = Literal["anniversary", "days_365"]
LeapDay = Literal["feb_28", "mar_1"]
DayRule = Literal["calendar", "weekdays"]

_DAYS_OF_YEAR: Final = 365
_FRIDAY: Final = 4


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """The reckoning of one jurisdiction."""

    zone: str
    """IANA name of the time zone."""
    year_starts: tuple[int, int] = (1, 1)
    """Month and day on which the counting year begins (AMB-S1)."""
    year: YearRule = "anniversary"
    """What "one year" is as a duration (AMB-S2)."""
    leap_day: LeapDay = "feb_28"
    """The anniversary of 29 February in a common year (AMB-S2)."""
    days: DayRule = "calendar"
    """What "N days" counts (AMB-S3)."""

    def day(self, at: datetime) -> date:
        """The local day of an instant.

        Raises:
            ValueError: for a time without zone, which would name no instant.
        """
        if at.tzinfo is None:
            raise ValueError(f"{at.isoformat()} has no time zone; instants are aware UTC")
        return at.astimezone(ZoneInfo(self.zone)).date()

    def midnight(self, day: date) -> datetime:
        """The instant at which the local day begins, in UTC.

        Where the clock jumps over midnight the day begins with the jump; where midnight comes
        twice, with the first of them.
        """
        # A time that does not exist is reckoned with the offset before the jump (fold=0), which
        # is the instant of the jump itself.
        return datetime.combine(day, time(0), tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def after_days(self, day: date, days: int) -> date:
        """The day ``days`` later."""
        if self.days == "calendar":
            return day + timedelta(days=days)
        step = 1 if days >= 0 else -1
        for _ in range(abs(days)):
            day += timedelta(days=step)
            while day.weekday() > _FRIDAY:
                day += timedelta(days=step)
        return day

    def after_years(self, day: date, years: int) -> date:
        """The day ``years`` later, by anniversary or by 365 days."""
        if self.year == "days_365":
            return day + timedelta(days=_DAYS_OF_YEAR * years)
        try:
            return day.replace(year=day.year + years)
        except ValueError:  # 29 February of a common year
            month, of_month = (2, 28) if self.leap_day == "feb_28" else (3, 1)
            return date(day.year + years, month, of_month)

    def year_start(self, day: date) -> date:
        """The first day of the counting year in which a day lies."""
        month, of_month = self.year_starts
        start = date(day.year, month, of_month)
        return start if start <= day else date(day.year - 1, month, of_month)

    def next_year_start(self, day: date) -> date:
        """The first day of the counting year after the one in which a day lies."""
        start = self.year_start(day)
        return date(start.year + 1, start.month, start.day)
