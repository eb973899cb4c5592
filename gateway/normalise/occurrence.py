"""When it happened, in the panel's own words: ``ti``/``da`` modifiers and the H field.

The panel's clock runs in the account's time zone. A time without a date is the last such time
before we received the report, where a clock may be up to ``AHEAD`` fast.
"""

from __future__ import annotations

import functools
import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

AHEAD: Final = timedelta(hours=2)
"""How far in the future a panel's time is still taken as fast, not as yesterday's.

Panels run up to a minute ahead, and an hour when they missed the change from summer time.
Ours: no source names a figure.
"""

_DAY: Final = timedelta(days=1)
_WEEK_DAYS: Final = 7
_TIME: Final = re.compile(r"(\d{2}):?(\d{2})(?::?(\d{2}))?", re.ASCII)  # Bosch leaves the : out
_DATE: Final = re.compile(r"(\d{2})-(\d{2})-(\d{2}|\d{4})", re.ASCII)
_WEEKDAY: Final = re.compile(r"00-0?([1-7])(?:-\d{2})?", re.ASCII)
_H_FIELD: Final = re.compile(r"_?(\d{2}:\d{2}:\d{2}),(\d{2}-\d{2}-\d{4})(?:\.\d+)?", re.ASCII)


def from_modifiers(
    ti: str | None, da: str | None, *, time_zone: str, received: datetime
) -> str | None:
    """Return the time of ``ti`` and ``da`` as ISO 8601 UTC; None when they name no time.

    ``received`` is aware. A ``da`` alone names no time. ``da`` with month 00 gives a weekday,
    Sunday 1 (DC-03).
    """
    clock = _clock(ti)
    if clock is None:
        return None
    zone = _zone(time_zone)
    here = received.astimezone(zone)
    if da is None:
        moment = _latest(clock, here, step=_DAY)
    elif (weekday := _WEEKDAY.fullmatch(da)) is not None:
        back = (here.isoweekday() % _WEEK_DAYS + 1 - int(weekday[1])) % _WEEK_DAYS
        # Clocks ahead of ours may say tomorrow's weekday: one day ahead is looked at too.
        if back == _WEEK_DAYS - 1:
            back = -1
        moment = _latest(clock, here - back * _DAY, step=_WEEK_DAYS * _DAY, limit=here)
    else:
        day = _day(da)
        if day is None:
            return None
        moment = datetime.combine(day, clock, zone)
    return _iso(moment)


def from_h_field(value: str, *, time_zone: str) -> str | None:
    """Return the H field (``HH:MM:SS,MM-DD-YYYY``) as ISO 8601 UTC; None when it is no time."""
    match = _H_FIELD.fullmatch(value.strip())
    if match is None:
        return None
    clock, day = _clock(match[1]), _day(match[2])
    if clock is None or day is None:
        return None
    return _iso(datetime.combine(day, clock, _zone(time_zone)))


def _latest(
    clock: time, around: datetime, *, step: timedelta, limit: datetime | None = None
) -> datetime:
    """Return the last moment with this clock that is not more than ``AHEAD`` in the future."""
    latest = (around if limit is None else limit) + AHEAD
    moment = datetime.combine(around.date(), clock, around.tzinfo)
    if limit is None and moment + step <= latest:
        return moment + step
    return moment if moment <= latest else moment - step


def _clock(text: str | None) -> time | None:
    match = _TIME.fullmatch(text or "")
    if match is None:
        return None
    try:
        return time(int(match[1]), int(match[2]), int(match[3] or 0))
    except ValueError:
        return None


def _day(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    if match is None:
        return None
    year = int(match[3])
    try:
        return date(year + 2000 if year < 100 else year, int(match[1]), int(match[2]))  # noqa: PLR2004 - two digits
    except ValueError:
        return None


def _iso(moment: datetime) -> str | None:
    try:
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError):
        return None


@functools.lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        # The configuration refuses such a name; a report must not fail over it.
        return ZoneInfo("UTC")
