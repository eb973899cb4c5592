"""One life of the gateway's process: from its start to its end, wherever that comes."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Protocol

from tests.simulation.disk import Row
from tests.simulation.loop import Killed, Loop
from tests.simulation.timeline import Timeline
from tests.simulation.trace import Trace


class Watcher(Protocol):
    """Whoever sees what the gateway does."""

    def stored(self, row: Row) -> None:
        """An event is durable, as far as the store says."""
        ...

    def done(self, row: Row) -> None:
        """Everybody has confirmed it, as far as the store says."""
        ...

    def broke(self, error: BaseException) -> None:
        """A callback or a task raised."""
        ...


class Process:
    """What the parts of one life share."""

    def __init__(
        self, number: int, timeline: Timeline, dice: Random, trace: Trace, watcher: Watcher
    ) -> None:
        self.number = number
        self.timeline = timeline
        self.dice = dice
        self.trace = trace
        self._watcher = watcher
        self.loop = Loop(timeline, dice, watcher.broke)
        self._armed: tuple[str, int, Callable[[], None]] | None = None
        self.ended_at: float | None = None

    @property
    def is_alive(self) -> bool:
        return self.loop.is_alive

    def arm(self, point: str, count: int, act: Callable[[], None]) -> None:
        """Call ``act`` when the process passes the point for the ``count``-th time from now on."""
        self._armed = (point, count, act)

    def disarm(self) -> None:
        """Forget it."""
        self._armed = None

    def point(self, name: str) -> None:
        """Pass a point at which it may end: ``commit``, ``committed``, ``write``, ``written``."""
        if not self.is_alive:
            raise Killed
        if self._armed is None or self._armed[0] != name:
            return
        _, count, act = self._armed
        if count > 1:
            self._armed = (name, count - 1, act)
            return
        self._armed = None
        act()
        if not self.is_alive:
            raise Killed

    def stored(self, rows: list[Row]) -> None:
        """See ``Watcher``."""
        for row in rows:
            self._watcher.stored(row)

    def done(self, row: Row) -> None:
        """See ``Watcher``."""
        self._watcher.done(row)
