"""Every "should have called by now": accounts and receiver links, in one sweep a second.

A sign of life touches memory only. Accounts with the same interval stand in one ordered table,
the longest silent first, so that a sweep looks at those that are due and at no other; there is
no timer object per account. After a start or reload every interval begins afresh (REL-40).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Final, TypeAlias

import msgspec

from hardware.clock import Clock, Timer, Timers

SWEEP_S: Final = 1.0  # how often silence is looked for; loss is told within I..I+5 s (REL-39)
HEARTBEATS_MISSED: Final = 3  # silence of so many heartbeat intervals is a lost link (REL-32)

AccountKey: TypeAlias = tuple[str, str]


class State(Enum):
    """What supervision says of an account."""

    OK = "ok"
    LOST = "lost"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something fell silent, or called again."""

    account: AccountKey | None
    """None when it is a receiver link."""
    input: str | None
    state: State
    silent_s: float
    """How long it had been silent."""


class Supervision:
    """Watches accounts and receiver links for silence."""

    def __init__(self, *, clock: Clock, timers: Timers, tell: Callable[[Change], None]) -> None:
        self._clock = clock
        self._timers = timers
        self._tell = tell
        self._tables: dict[float, dict[AccountKey, float]] = {}
        self._table_of: dict[AccountKey, dict[AccountKey, float]] = {}
        self._lost: dict[AccountKey, float] = {}
        self._links: dict[str, float] = {}
        self._link_seen: dict[str, float] = {}
        self._link_lost: set[str] = set()
        self._timer: Timer | None = None

    def watch_accounts(self, accounts: Iterable[tuple[AccountKey, float]]) -> None:
        """Watch these (account, interval with grace in seconds) and no others, from now on.

        Accounts that were watched with the same interval keep their last sign of life, and
        accounts that are lost stay lost.
        """
        now = self._clock.monotonic()
        before = {
            key: (interval, seen)
            for interval, table in self._tables.items()
            for key, seen in table.items()
        }
        tables: dict[float, dict[AccountKey, float]] = {}
        kept: dict[float, list[tuple[float, AccountKey]]] = {}
        lost: dict[AccountKey, float] = {}
        table_of: dict[AccountKey, dict[AccountKey, float]] = {}
        for key, interval in accounts:
            table_of[key] = tables.setdefault(interval, {})
            if key in self._lost:
                lost[key] = self._lost[key]
                continue
            old_interval, seen = before.get(key, (None, now))
            kept.setdefault(interval, []).append((seen if old_interval == interval else now, key))
        for interval, rows in kept.items():
            rows.sort(key=lambda row: row[0])
            tables[interval].update((key, seen) for seen, key in rows)
        self._tables, self._table_of, self._lost = tables, table_of, lost

    def watch_links(self, heartbeat_s: Mapping[str, float]) -> None:
        """Watch these receiver links: input name -> heartbeat interval in seconds."""
        now = self._clock.monotonic()
        self._links = dict(heartbeat_s)
        self._link_seen = dict.fromkeys(self._links, now)
        self._link_lost.clear()

    def heard(self, key: AccountKey | None, name: str) -> None:
        """Note a sign of life of an account, or of none, over the link of this name."""
        if key is not None and key in self._table_of:
            self.account_alive(key)
        if name in self._links:
            self.link_alive(name)

    def account_alive(self, key: AccountKey) -> None:
        """Note a sign of life; any valid frame of the account is one."""
        table = self._table_of.get(key)
        if table is None:
            return
        now = self._clock.monotonic()
        if table.pop(key, None) is None and (since := self._lost.pop(key, None)) is not None:
            self._tell(Change(account=key, input=None, state=State.OK, silent_s=now - since))
        table[key] = now

    def link_alive(self, name: str) -> None:
        """Note a sign of life of a receiver link; any frame of it is one."""
        if name not in self._links:
            return
        now = self._clock.monotonic()
        if name in self._link_lost:
            self._link_lost.discard(name)
            silent_s = now - self._link_seen[name]
            self._tell(Change(account=None, input=name, state=State.OK, silent_s=silent_s))
        self._link_seen[name] = now

    def state_of(self, key: AccountKey) -> State | None:
        """The state of an account; None when it is not supervised."""
        if key not in self._table_of:
            return None
        return State.LOST if key in self._lost else State.OK

    @property
    def lost_count(self) -> int:
        """How many accounts are lost now."""
        return len(self._lost)

    def sweep(self) -> None:
        """Find whoever has been silent for its whole interval, and tell."""
        now = self._clock.monotonic()
        for interval, table in self._tables.items():
            due = []
            for key, seen in table.items():
                if now - seen < interval:
                    break
                due.append((key, seen))
            for key, seen in due:
                del table[key]
                self._lost[key] = seen
                self._tell(Change(account=key, input=None, state=State.LOST, silent_s=now - seen))
        for name, heartbeat_s in self._links.items():
            silent_s = now - self._link_seen[name]
            if name not in self._link_lost and silent_s >= heartbeat_s * HEARTBEATS_MISSED:
                self._link_lost.add(name)
                self._tell(Change(account=None, input=name, state=State.LOST, silent_s=silent_s))

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
