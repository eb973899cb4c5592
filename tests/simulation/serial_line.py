"""A serial line with a receiver at its far end: bytes late, in pieces, with noise; unplugged."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

from hardware.serial_port import PortError
from tests.simulation.process import Process
from tests.simulation.timeline import Timeline

BYTE_S = 0.001  # at 9600 baud
LATEST_S = 0.03


class SerialLine:
    """The wire; what ``far`` writes and hears is the receiver's."""

    def __init__(self, timeline: Timeline, dice: Random, watcher: Any) -> None:
        self._timeline = timeline
        self._dice = dice
        self._watcher = watcher
        self._port: Port | None = None
        self.is_plugged = True
        self.hears: Callable[[bytes], None] = lambda _data: None
        self.lost: Callable[[], None] = lambda: None
        self._at = 0.0

    def open(self, process: Process, protocol: Any) -> Port:
        port = Port(self, process, protocol)
        self._timeline.after(0.01, port.begin, owner=process.loop)
        return port

    def attach(self, port: Port | None) -> None:
        self._port = port

    def unplug(self) -> None:
        """The adapter is pulled out."""
        self.is_plugged = False
        port, self._port = self._port, None
        if port is not None:
            self._timeline.soon(port.end, PortError("unplugged"), owner=port.process.loop)

    def plug(self) -> None:
        """It is back."""
        self.is_plugged = True

    def process_died(self) -> None:
        self._port = None

    # -- the receiver ----------------------------------------------------------------------------

    def far_write(self, data: bytes) -> None:
        """The receiver writes; bytes reach the gateway as they come off the line."""
        cuts = [0, len(data)]
        if len(data) > 1 and self._dice.random() < 0.5:
            cuts = sorted({0, len(data), *(self._dice.randrange(len(data)) for _ in range(3))})
        for first, last in pairwise(cuts):
            late_s = self._dice.uniform(0, LATEST_S)
            self._at = max(self._at, self._timeline.now) + BYTE_S * (last - first) + late_s
            self._timeline.after(
                self._at - self._timeline.now, self._arrive, data[first:last], self._port
            )

    def _arrive(self, data: bytes, port: Port | None) -> None:
        if port is not None and port is self._port:
            self._timeline.soon(port.take, data, owner=port.process.loop)

    def near_write(self, data: bytes, port: Port) -> None:
        if port is self._port:
            self._watcher.answered(data, "serial")
            self._timeline.after(BYTE_S * len(data) + LATEST_S / 3, self._answer, data)

    def _answer(self, data: bytes) -> None:
        if self.is_plugged:
            self.hears(data)

    def reached(self, data: bytes) -> None:
        self._watcher.reached(data, "serial", is_datagram=False)


class Port:
    """One opening of the line: handle and ``Wire``."""

    def __init__(self, line: SerialLine, process: Process, protocol: Any) -> None:
        self._line = line
        self.process = process
        self._protocol = protocol
        self._is_open = False
        self._is_paused = False
        self._kept: list[bytes] = []

    def begin(self) -> None:
        if self._protocol is None:
            return
        if not self._line.is_plugged:
            self.end(PortError("no such device"))
            return
        self._is_open = True
        self._line.attach(self)
        self._protocol.connection_made(self)

    def take(self, data: bytes) -> None:
        if self._is_paused:
            self._kept.append(data)
        elif self._is_open and self._protocol is not None:
            self._line.reached(data)
            self._protocol.data_received(data)

    def end(self, error: Exception | None) -> None:
        self._is_open = False
        protocol, self._protocol = self._protocol, None
        if protocol is not None:
            protocol.connection_lost(error)

    def write(self, data: bytes) -> None:
        if self._is_open and self.process.is_alive:
            self.process.point("write")
            self._line.near_write(data, self)
            self.process.point("written")

    def pause_reading(self) -> None:
        self._is_paused = True

    def resume_reading(self) -> None:
        self._is_paused = False
        kept, self._kept = self._kept, []
        for data in kept:
            self.process.loop.call_soon(self.take, data)

    def is_closing(self) -> bool:
        return not self._is_open

    def close(self) -> None:
        if not self.process.is_alive:
            return
        if self._is_open:
            self._line.attach(None)
        self._is_open = False
        self.process.loop.call_soon(self.end, None)

    abort = close


class SimulatedPorts:
    """``hardware.serial_port.SerialPorts`` for one life."""

    def __init__(self, line: SerialLine, process: Process) -> None:
        self._line = line
        self._process = process

    def open(self, url: str, settings: Any, protocol: Any) -> Port:
        del url, settings
        return self._line.open(self._process, protocol)
