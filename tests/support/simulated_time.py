"""Plays a simulated device against an in-memory far end, on a clock that only this moves."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from simulators.device import Device, Hangup, Write

BEGIN = datetime(2026, 11, 20, 9, 15, 0, tzinfo=UTC)
FarEnd = Callable[[int, bytes], bytes]


class Bench:
    """``far_end`` gets (path, bytes of one write) and gives what comes back on that path."""

    def __init__(self, device: Device, far_end: FarEnd, *, unreachable: set[int] | None = None):
        self.device = device
        self.far_end = far_end
        self.now = 0.0
        self.writes: list[tuple[float, int, bytes]] = []
        self.hangups: list[int] = []
        self.unreachable = unreachable or set()

    @property
    def utc(self) -> datetime:
        return BEGIN + timedelta(seconds=self.now)

    def settle(self) -> None:
        """Do everything that is due now."""
        for _ in range(10_000):
            doings = self.device.doings(now=self.now, utc=self.utc)
            if not doings:
                return
            for doing in doings:
                if isinstance(doing, Hangup):
                    self.hangups.append(doing.path)
                else:
                    self._write(doing)
        raise AssertionError("the device does not come to rest")

    def _write(self, write: Write) -> None:
        if write.path in self.unreachable:
            self.device.unreachable(write, now=self.now)
            return
        self.writes.append((self.now, write.path, write.data))
        self.device.written(write, now=self.now)
        back = self.far_end(write.path, write.data)
        if back:
            self.device.receive(write.path, back, now=self.now, utc=self.utc)

    def run(self, *, until: float) -> None:
        """Let time pass, deadline by deadline."""
        self.settle()
        for _ in range(10_000):
            deadline = self.device.deadline()
            if deadline is None or deadline > until:
                self.now = until
                return
            self.now = max(self.now, deadline)
            self.device.on_deadline(now=self.now)
            self.settle()
        raise AssertionError("the device's deadlines do not move on")
