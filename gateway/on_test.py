"""Which accounts and zones are on test now, and until when? Events of them flow, and say so.

Somebody put them there for a time and a reason; it ends by itself. It is no account setting: every
begin and end is a system event in the journal, and a start rebuilds the state from these.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Literal, TypeAlias

import msgspec

from gateway.accounts.ids import bare, canonical
from hardware.clock import Clock, Timer, Timers

SWEEP_S: Final = 1.0
LONGEST_S: Final = 7 * 86_400.0  # a test that lasts longer is a setting that somebody forgot
WHOLE: Final = ""
"""In the place of a zone: the whole account."""

AccountKey: TypeAlias = tuple[str, str]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One begin or end, as it stands in its system event (raw, as JSON)."""

    test: Literal["on", "off"]
    group: str
    account: str
    """Canonical id."""
    zone: str
    """Without leading zeros; empty: the whole account."""
    until_ms: int
    """When it ends by itself, UTC; with ``off``: when it ended."""
    reason: str
    by: str
    """Who put it on test, or took it off."""

    @property
    def key(self) -> AccountKey:
        """The account."""
        return self.group, self.account


class OnTest:
    """What is on test, in memory; swept once a second for what is over."""

    def __init__(self, *, clock: Clock, timers: Timers, tell: Callable[[Change], None]) -> None:
        """Take the clock, and who makes a system event of each change."""
        self._clock = clock
        self._timers = timers
        self._tell = tell
        self._tests: dict[tuple[AccountKey, str], tuple[Change, float]] = {}
        self.zones_of: Final[dict[AccountKey, frozenset[str]]] = {}
        """The zones on test by account, ``WHOLE`` among them for all of it; absent: none."""
        self._timer: Timer | None = None

    def put_on(  # noqa: PLR0913  a test has this many parts, all by keyword
        self, *, group: str, account: str, zone: str, for_s: float, reason: str, by: str
    ) -> Change:
        """Put an account or zone on test, or set the end of its test anew."""
        change = Change(
            test="on",
            group=group,
            account=canonical(account),
            zone=bare(zone) if zone else WHOLE,
            until_ms=self._clock.utc_ms() + int(for_s * 1000),
            reason=reason,
            by=by,
        )
        self._set(change, self._clock.monotonic() + for_s)
        self._tell(change)
        return change

    def take_off(self, *, group: str, account: str, zone: str, by: str) -> Change | None:
        """End a test before its time; None when there is none."""
        found = self._tests.get(((group, canonical(account)), bare(zone) if zone else WHOLE))
        return None if found is None else self._end(found[0], by=by, reason="taken off test")

    def listed(self) -> list[Change]:
        """What is on test now, what ends first on top."""
        return sorted((one for one, _ in self._tests.values()), key=_until)

    def load(self, changes: Iterable[Change]) -> None:
        """Take what the journal tells, oldest first; what is over since then ends now."""
        now, now_ms = self._clock.monotonic(), self._clock.utc_ms()
        for change in changes:
            if change.test == "on":
                self._set(change, now + (change.until_ms - now_ms) / 1000)
            else:
                self._drop(change)
        self.sweep()

    def sweep(self) -> None:
        """End what is over."""
        now = self._clock.monotonic()
        for change, until in list(self._tests.values()):
            if until <= now:
                self._end(change, by="gateway", reason="the time is over")

    def start(self) -> None:
        """Sweep once a second from now on."""
        self._timer = self._timers.call_later(SWEEP_S, self._tick)

    def stop(self) -> None:
        """Sweep no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        self._timer = self._timers.call_later(SWEEP_S, self._tick)
        self.sweep()

    def _set(self, change: Change, until: float) -> None:
        self._tests[change.key, change.zone] = (change, until)
        self.zones_of[change.key] = self.zones_of.get(change.key, frozenset()) | {change.zone}

    def _drop(self, change: Change) -> None:
        if self._tests.pop((change.key, change.zone), None) is None:
            return
        left = self.zones_of[change.key] - {change.zone}
        if left:
            self.zones_of[change.key] = left
        else:
            del self.zones_of[change.key]

    def _end(self, begun: Change, *, by: str, reason: str) -> Change:
        change = msgspec.structs.replace(
            begun, test="off", until_ms=self._clock.utc_ms(), reason=reason, by=by
        )
        self._drop(change)
        self._tell(change)
        return change


def _until(change: Change) -> int:
    return change.until_ms
