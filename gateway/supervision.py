"""Every "should have called by now": accounts and receiver links, in one sweep a second.

A sign of life touches memory only. Accounts with the same interval stand in one ordered table,
the longest silent first, so that a sweep looks at those that are due and at no other; there is
no timer object per account. After a start every interval begins afresh (REL-40).

An account whose interval is nearly over is *late*: worth showing to whoever looks, no event. Told
of it once, it stands in a second table of the same order, so that a station whose line is down
costs a sweep no more than one that is well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Final, TypeAlias

import msgspec

from hardware.clock import Clock, Timer, Timers

SWEEP_S: Final = 1.0  # how often silence is looked for; loss is told within I..I+5 s (REL-39)
LATE_SHARE: Final = 0.8  # of its interval: silent for so long, an account is late
HEARTBEATS_MISSED: Final = 3  # silence of so many heartbeat intervals is a lost link (REL-32)

AccountKey: TypeAlias = tuple[str, str]


class State(Enum):
    """What supervision says of an account."""

    OK = "ok"
    LATE = "late"
    """Silent for longer than usual, and not lost yet; accounts only."""
    LOST = "lost"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something is late, fell silent, or called again."""

    account: AccountKey | None
    """None when it is a receiver link."""
    input: str | None
    before: State
    """What was told last."""
    state: State
    silent_s: float
    """How long it had been silent."""


class _Table:
    """Accounts with the same interval by their last sign of life, the longest silent first."""

    __slots__ = ("fresh", "interval_s", "late", "late_s")

    def __init__(self, interval_s: float, late_share: float) -> None:
        self.interval_s = interval_s
        self.late_s = interval_s * late_share
        self.fresh: dict[AccountKey, float] = {}
        self.late: dict[AccountKey, float] = {}


class Supervision:
    """Watches accounts and receiver links for silence."""

    def __init__(
        self,
        *,
        clock: Clock,
        timers: Timers,
        tell: Callable[[Change], None],
        late_share: float = LATE_SHARE,
    ) -> None:
        """Take the clock and whom to tell; ``late_share`` of 1 makes nobody late."""
        self._clock = clock
        self._timers = timers
        self._tell = tell
        self._late_share = late_share
        self._tables: dict[float, _Table] = {}
        self._table_of: dict[AccountKey, _Table] = {}
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
        if not self._table_of:
            self._watch_first(accounts)
            return
        now = self._clock.monotonic()
        before = self._table_of
        tables: dict[float, _Table] = {}
        table_of: dict[AccountKey, _Table] = {}
        lost: dict[AccountKey, float] = {}
        fresh: list[tuple[float, AccountKey]] = []
        late: list[tuple[float, AccountKey]] = []
        new: list[AccountKey] = []
        for key, interval in accounts:
            table = tables.get(interval)
            if table is None:
                table = tables[interval] = _Table(interval, self._late_share)
            table_of[key] = table
            was = before.get(key)
            if key in self._lost:
                lost[key] = self._lost[key]
            elif was is None or was.interval_s != interval:
                new.append(key)  # a row of its own would cost a million accounts 70 MB
            elif key in was.late:
                late.append((was.late[key], key))
            else:
                fresh.append((was.fresh[key], key))
        for seen, key in sorted(fresh, key=_seen):
            table_of[key].fresh[key] = seen
        for key in new:
            table_of[key].fresh[key] = now
        for seen, key in sorted(late, key=_seen):
            table_of[key].late[key] = seen
        self._tables, self._table_of, self._lost = tables, table_of, lost

    def _watch_first(self, accounts: Iterable[tuple[AccountKey, float]]) -> None:
        """Watch them all from now on, where nobody was watched before: quick (REL-51)."""
        now = self._clock.monotonic()
        tables: dict[float, _Table] = {}
        table_of: dict[AccountKey, _Table] = {}
        for key, interval in accounts:
            table = tables.get(interval)
            if table is None:
                table = tables[interval] = _Table(interval, self._late_share)
            table_of[key] = table
            table.fresh[key] = now
        self._tables, self._table_of = tables, table_of
        self._lost = {}

    def watch_links(self, heartbeat_s: Mapping[str, float]) -> None:
        """Watch these receiver links: input name -> heartbeat interval in seconds."""
        now = self._clock.monotonic()
        self._links = dict(heartbeat_s)
        self._link_seen = dict.fromkeys(self._links, now)
        self._link_lost.clear()

    def heard(self, key: AccountKey | None, name: str) -> None:
        """Note a sign of life of an account, or of none, over the link of this name."""
        if key is not None:
            self.account_alive(key)
        if name in self._links:
            self.link_alive(name)

    def account_alive(self, key: AccountKey) -> None:
        """Note a sign of life; any valid frame of the account is one."""
        table = self._table_of.get(key)
        if table is None:
            return
        now, fresh = self._clock.monotonic(), table.fresh
        if fresh.pop(key, None) is None:
            self._is_back(key, table, now)
        fresh[key] = now

    def _is_back(self, key: AccountKey, table: _Table, now: float) -> None:
        since, before = table.late.pop(key, None), State.LATE
        if since is None:
            since, before = self._lost.pop(key, None), State.LOST
        if since is not None:
            self._tell_account(key, before, State.OK, now - since)

    def link_alive(self, name: str) -> None:
        """Note a sign of life of a receiver link; any frame of it is one."""
        if name not in self._links:
            return
        now = self._clock.monotonic()
        if name in self._link_lost:
            self._link_lost.discard(name)
            self._tell_link(name, State.LOST, State.OK, now - self._link_seen[name])
        self._link_seen[name] = now

    def state_of(self, key: AccountKey) -> State | None:
        """The state of an account; None when it is not supervised."""
        table = self._table_of.get(key)
        if table is None:
            return None
        if key in self._lost:
            return State.LOST
        return State.LATE if key in table.late else State.OK

    @property
    def lost_count(self) -> int:
        """How many accounts are lost now."""
        return len(self._lost)

    def sweep(self) -> None:
        """Find whoever is late or has been silent for its whole interval, and tell."""
        now = self._clock.monotonic()
        for table in self._tables.values():
            for key, seen in _silent(table.late, now, table.interval_s):
                del table.late[key]
                self._is_lost(key, State.LATE, seen, now)
            for key, seen in _silent(table.fresh, now, table.late_s):
                del table.fresh[key]
                if now - seen >= table.interval_s:  # nobody looked for so long
                    self._is_lost(key, State.OK, seen, now)
                else:
                    table.late[key] = seen
                    self._tell_account(key, State.OK, State.LATE, now - seen)
        for name, heartbeat_s in self._links.items():
            silent_s = now - self._link_seen[name]
            if name not in self._link_lost and silent_s >= heartbeat_s * HEARTBEATS_MISSED:
                self._link_lost.add(name)
                self._tell_link(name, State.OK, State.LOST, silent_s)

    def _is_lost(self, key: AccountKey, before: State, seen: float, now: float) -> None:
        self._lost[key] = seen
        self._tell_account(key, before, State.LOST, now - seen)

    def _tell_account(self, key: AccountKey, before: State, state: State, silent_s: float) -> None:
        self._tell(Change(account=key, input=None, before=before, state=state, silent_s=silent_s))

    def _tell_link(self, name: str, before: State, state: State, silent_s: float) -> None:
        self._tell(Change(account=None, input=name, before=before, state=state, silent_s=silent_s))

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


def _seen(row: tuple[float, AccountKey]) -> float:
    return row[0]


def _silent(
    table: dict[AccountKey, float], now: float, for_s: float
) -> list[tuple[AccountKey, float]]:
    """Whoever has been silent for so long; the table is in the order of the last signs of life."""
    found = []
    for key, seen in table.items():
        if now - seen < for_s:
            break
        found.append((key, seen))
    return found
