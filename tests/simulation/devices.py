"""Drives a simulated panel or receiver over the simulated wires."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulators.device import Device, Hangup, Write
from simulators.panels import PanelPath
from tests.simulation.clock import true_utc
from tests.simulation.network import Connection, SimulatedNetwork
from tests.simulation.serial_line import SerialLine
from tests.simulation.timeline import Due, Timeline

DIAL_FAILED_S = 1.0  # until a panel knows that nobody answers


class Driver:
    """Asks a device what to do, and does it."""

    def __init__(
        self,
        device: Device,
        timeline: Timeline,
        *,
        made: Callable[[Device, Write], None],
        wrote: Callable[[Device, Write], None],
    ) -> None:
        """``made`` is told of frames when they get their timestamp, ``wrote`` when they leave."""
        self.device = device
        self.timeline = timeline
        self._made = made
        self._wrote = wrote
        self.links: list[TcpPath | UdpPath | SerialPath] = []
        self._timer: Due | None = None
        self._timer_at: float | None = None
        self._is_stirring = False

    def stir(self) -> None:
        """Do everything that is due, and come back when more is."""
        if self._is_stirring:
            return
        self._is_stirring = True
        timeline, device = self.timeline, self.device
        try:
            while doings := device.doings(now=timeline.now, utc=true_utc(timeline)):
                for doing in doings:
                    link = self.links[doing.path]
                    if isinstance(doing, Hangup):
                        link.hang_up()
                    else:
                        self._made(device, doing)
                        link.write(doing)
        finally:
            self._is_stirring = False
        self._set_timer()

    def _set_timer(self) -> None:
        at = self.device.deadline()
        if at == self._timer_at and self._timer is not None:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._timer_at = at
        if at is not None:
            self._timer = self.timeline.after(at - self.timeline.now + 1e-6, self._ran_out)

    def _ran_out(self) -> None:
        self._timer = self._timer_at = None
        self.device.on_deadline(now=self.timeline.now)
        self.stir()

    # -- the links tell --------------------------------------------------------------------------

    def left(self, write: Write) -> None:
        self._wrote(self.device, write)
        self.device.written(write, now=self.timeline.now)

    def failed(self, write: Write) -> None:
        self.device.unreachable(write, now=self.timeline.now)
        self.stir()

    def heard(self, path: int, data: bytes) -> None:
        self.device.receive(path, data, now=self.timeline.now, utc=true_utc(self.timeline))
        self.stir()

    def opened(self, path: int) -> None:
        self.device.opened(path, now=self.timeline.now)

    def closed(self, path: int) -> None:
        self.device.closed(path, now=self.timeline.now)
        self.stir()


class TcpPath:
    """A panel's way by TCP: dials when there is something to say."""

    def __init__(self, driver: Driver, index: int, network: SimulatedNetwork, path: PanelPath):
        self._driver = driver
        self._index = index
        self._network = network
        self._path = path
        self._port = 30_000
        self.host = ""
        self._connection: Connection | None = None
        self._is_open = False
        self._waiting: list[Write] = []

    def write(self, write: Write) -> None:
        if self._connection is None:
            self._dial(write)
        elif self._is_open:
            self._send(write)
        else:
            self._waiting.append(write)

    def _send(self, write: Write) -> None:
        if self._connection is not None:
            # Told first, so that a frame is known before anybody can answer it.
            self._driver.left(write)
            self._connection.send(write.data)

    def _dial(self, write: Write) -> None:
        self._port += 1
        client = _Dialled(self)
        connection = self._network.dial(self._path.port, (self.host, self._port), client)
        if connection is None:
            self._network.timeline.after(DIAL_FAILED_S, self._driver.failed, write)
            return
        client.connection = self._connection = connection
        self._is_open = False
        self._waiting = [write]

    def hang_up(self) -> None:
        connection, self._connection = self._connection, None
        self._waiting = []
        if connection is not None:
            connection.hang_up()

    def break_off(self) -> None:
        """The connection breaks on its way."""
        if self._connection is not None:
            self._connection.break_off()

    def is_current(self, connection: Connection) -> bool:
        return connection is self._connection

    def opened(self) -> None:
        self._is_open = True
        self._driver.opened(self._index)
        waiting, self._waiting = self._waiting, []
        for write in waiting:
            self._send(write)

    def heard(self, data: bytes) -> None:
        self._driver.heard(self._index, data)

    def closed(self) -> None:
        self._connection = None
        waiting, self._waiting = self._waiting, []
        if not self._is_open:
            for write in waiting:
                self._driver.failed(write)
        self._is_open = False
        self._driver.closed(self._index)


class _Dialled:
    """One connection of a path: what an older one still says is not heard."""

    def __init__(self, path: TcpPath) -> None:
        self._path = path
        self.connection: Any = None

    def opened(self) -> None:
        if self._path.is_current(self.connection):
            self._path.opened()

    def heard(self, data: bytes) -> None:
        if self._path.is_current(self.connection):
            self._path.heard(data)

    def closed(self) -> None:
        if self._path.is_current(self.connection):
            self._path.closed()


class UdpPath:
    """A panel's way by UDP: it hears only whom it asked."""

    def __init__(self, driver: Driver, index: int, network: SimulatedNetwork, path: PanelPath):
        self._driver = driver
        self._index = index
        self._network = network
        self._path = path
        self.host = ""
        self.strange: Callable[[str], None] = lambda _words: None
        """Is told of an answer that came from somebody else than who was asked."""

    def bind(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self._network.listen_datagrams((host, port), self._answered)

    def write(self, write: Write) -> None:
        self._driver.left(write)
        for piece in write.pieces:
            peer = (self.host, self.port)
            self._network.datagram(piece.data, peer, self._path.host, self._path.port)

    def hang_up(self) -> None:
        pass

    def _answered(self, data: bytes, source: tuple[str, int]) -> None:
        if source != (self._path.host, self._path.port):
            self.strange(f"{self._path} was asked and {source} answered")
            return
        self._driver.heard(self._index, data)


class SerialPath:
    """A receiver's line."""

    def __init__(self, driver: Driver, line: SerialLine) -> None:
        self._driver = driver
        self._line = line
        line.hears = lambda data: driver.heard(0, data)

    def write(self, write: Write) -> None:
        self._driver.left(write)
        self._line.far_write(write.data)

    def hang_up(self) -> None:
        pass
