"""How far is a panel's timestamp from our time, and what may it mean?"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

from gateway.accounts import Account


def skew_ms(timestamp: datetime, now_ms: int, account: Account) -> int:
    """Milliseconds between the panel's timestamp and now; positive when it is old.

    The standard wants GMT and many panels send local time (DC-09 notes, quirk 3), so for an
    account in another zone both readings are tried and the nearer one counts.
    """
    behind_ms = now_ms - utc_ms(timestamp)
    if account.rest.time_zone != "UTC":
        local = timestamp.replace(tzinfo=account.zone_info).astimezone(UTC)
        behind_ms = min(behind_ms, now_ms - int(local.timestamp() * 1000), key=abs)
    return behind_ms


@lru_cache(maxsize=256)
def utc_ms(timestamp: datetime) -> int:
    """Give an aware time as UTC milliseconds."""
    return int(timestamp.timestamp() * 1000)
