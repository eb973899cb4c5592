"""A panel's own clock: right, off by some seconds, in the wrong zone, or stopped."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo


class PanelClock:
    """What a panel writes into its timestamps.

    Args:
        offset_s: How far the clock is ahead of the right time.
        zone: The panel writes local time of this zone where the standard wants GMT.
        stopped_at: The clock stands at this time and cannot be set.
    """

    def __init__(
        self,
        *,
        offset_s: float = 0.0,
        zone: str | None = None,
        stopped_at: datetime | None = None,
    ) -> None:
        self._offset = timedelta(seconds=offset_s)
        self._zone = None if zone is None else ZoneInfo(zone)
        self._stopped_at = stopped_at

    def read(self, utc: datetime) -> datetime:
        """Read the panel's clock at the true time ``utc``; labelled UTC as the panel believes."""
        if self._stopped_at is not None:
            return self._stopped_at
        shown = utc + self._offset
        if self._zone is not None:
            return shown.astimezone(self._zone).replace(tzinfo=UTC)
        return shown

    def correct(self, told: datetime, *, utc: datetime) -> None:
        """Take over the time of a NAK, blindly as panels do (DC-09 5.5.3.2)."""
        self._offset = told - utc
        self._zone = None
