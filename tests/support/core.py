"""An engine with its clock in the test's hand, on a real store in a folder."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from decision.engine import Change, Engine, Profiles
from decision.store import SqliteStore
from tests.support.incidents import DAY


class TestClock:
    """Stands still until it is moved."""

    __test__ = False

    def __init__(self, at: datetime = DAY) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def seconds_until(self, at: datetime) -> float:
        return (at - self.at).total_seconds()

    def move(self, **by: float) -> None:
        self.at += timedelta(**by)


class Core:
    """One engine on a folder; ``again`` is a restart."""

    def __init__(self, folder: Path, profiles: Profiles | None = None, clock=None) -> None:
        self.folder = folder
        self.profiles = profiles or Profiles()
        self.clock = clock or TestClock()
        self.store = SqliteStore(folder)
        self.engine = Engine(self.store, self.clock, self.profiles)
        self.told: list[Change] = []
        self.engine.start()
        self.engine.subscribe(self.told.extend)

    def again(self) -> Core:
        """What a new process finds."""
        self.engine.stop()
        return Core(self.folder, self.profiles, self.clock)

    def kinds(self, subject: str) -> list[str]:
        return [type(one.fact).__name__ for one in self.engine.history(subject)]

    def fire_all(self) -> int:
        fired = 0
        while (due := self.engine.next_due()) is not None and due <= self.clock.at:
            fired += self.engine.fire()
        return fired


@contextlib.contextmanager
def core(folder: Path, **settings: object) -> Iterator[Core]:
    one = Core(folder, **settings)
    try:
        yield one
    finally:
        one.engine.stop()
