"""The network between panels and the gateway: delay, loss, duplicates, other orders, cuts.

TCP keeps bytes and their order, and cuts them anywhere; a connection may break at any time and
takes what was under way along. UDP keeps nothing but the bytes of one datagram.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Protocol

from hardware.address import Address, ListenError, SockAddr
from tests.simulation.process import Process
from tests.simulation.timeline import Timeline
from tests.simulation.trace import Trace

NOTICED_S = (1.0, 30.0)
"""How long a panel does not know that the machine at the other end is gone."""


@dataclass
class Weather:
    """How bad the network is now; chances from 0 to 1."""

    delay_s: tuple[float, float] = (0.005, 0.08)
    loss: float = 0.0
    duplicates: float = 0.0
    splits: float = 0.0
    """Chance that a write arrives in pieces."""
    breaks: float = 0.0
    """Chance that a write breaks its connection."""
    truncates: float = 0.0
    is_dark: bool = False
    """Nothing passes."""


class Client(Protocol):
    """The panel's end of a connection."""

    def opened(self) -> None: ...

    def heard(self, data: bytes) -> None: ...

    def closed(self) -> None: ...


class Watcher(Protocol):
    """Sees what passes between gateway and network."""

    def reached(self, data: bytes, peer: str, *, is_datagram: bool) -> None:
        """Bytes are handed to the gateway now."""
        ...

    def answered(self, data: bytes, peer: str) -> None:
        """The gateway hands bytes to the kernel now."""
        ...

    def astray(self, words: str) -> None:
        """An answer went to somebody who did not ask there."""
        ...


class Connection:
    """One TCP connection; the gateway's end is its ``Wire``."""

    def __init__(self, network: SimulatedNetwork, process: Process, client: Client, peer: str):
        self._network = network
        self._timeline = network.timeline
        self._process = process
        self._client: Client | None = client
        self.peer = peer
        self._protocol: Any = None
        self._inbox: deque[bytes | None] = deque()
        self._in_at = self._out_at = 0.0
        self._is_paused = False
        self._is_closing = False
        self.is_broken = False

    # -- the gateway's end -----------------------------------------------------------------------

    def made(self, protocol: Any) -> None:
        self._protocol = protocol
        protocol.connection_made(self)

    def write(self, data: bytes) -> None:
        if self._is_closing or self.is_broken or not self._process.is_alive:
            return
        self._process.point("write")
        self._network.watcher.answered(data, self.peer)
        self._out(self._deliver_answer, data)
        self._process.point("written")

    def pause_reading(self) -> None:
        self._is_paused = True

    def resume_reading(self) -> None:
        self._is_paused = False
        self._timeline.soon(self._drain, owner=self._process.loop)

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        if self._is_closing or not self._process.is_alive:
            return
        self._is_closing = True
        self._out(self._tell_closed)
        self._timeline.soon(self._lost, None, owner=self._process.loop)

    abort = close

    def _lost(self, error: Exception | None) -> None:
        self._network.forget(self)
        protocol, self._protocol = self._protocol, None
        if protocol is not None:
            protocol.connection_lost(error)

    # -- the panel's end -------------------------------------------------------------------------

    def send(self, data: bytes) -> None:
        """The panel writes."""
        if self._client is None or self.is_broken:
            return
        weather, dice = self._network.weather, self._network.dice
        if weather.is_dark:
            return  # retransmitted in vain until it breaks
        if dice.random() < weather.breaks:
            cut = dice.randrange(len(data) + 1)
            self._enter(data[:cut])
            self.break_off()
            return
        pieces = [data]
        if len(data) > 1 and dice.random() < weather.splits:
            cuts = sorted({dice.randrange(1, len(data)) for _ in range(dice.randint(1, 4))})
            pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
        for piece in pieces:
            self._enter(piece)

    def hang_up(self) -> None:
        """The panel closes."""
        self._client = None
        self._enter(None)

    def break_off(self) -> None:
        """The connection is gone, for both."""
        if self.is_broken:
            return
        self.is_broken = True
        delay_s = self._network.delay_s()
        self._timeline.after(delay_s, self._tell_closed)
        self._timeline.after(delay_s, self._reset, owner=self._process.loop)

    def died(self, *, is_power_cut: bool) -> None:
        """The gateway's process ended; the kernel resets what it had, if there is one."""
        self._network.forget(self)
        self._protocol = None
        if self._is_closing or self.is_broken:
            return
        if is_power_cut:
            self.is_broken = True  # and what was on its way from here is lost
            self._timeline.after(self._network.dice.uniform(*NOTICED_S), self._tell_closed)
        else:
            self._out(self._tell_closed)

    def _reset(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            self._lost(ConnectionResetError("reset by peer"))

    def _enter(self, piece: bytes | None) -> None:
        self._in_at = max(self._in_at, self._network.arrival())
        self._timeline.at(self._in_at, self._arrive, piece, owner=self._process.loop)

    def _arrive(self, piece: bytes | None) -> None:
        self._inbox.append(piece)
        self._drain()

    def _drain(self) -> None:
        while self._inbox and not self._is_paused and self._protocol is not None:
            piece = self._inbox.popleft()
            if self._is_closing:
                continue
            if piece is None:
                if not self._protocol.eof_received():
                    self.close()
            elif piece:
                self._network.watcher.reached(piece, self.peer, is_datagram=False)
                self._protocol.data_received(piece)

    def _out(self, what: Callable[..., None], *args: object) -> None:
        self._out_at = max(self._out_at, self._timeline.now + self._network.delay_s())
        self._timeline.after(self._out_at - self._timeline.now, what, *args)

    def _deliver_answer(self, data: bytes) -> None:
        if self._client is not None and not self.is_broken and not self._network.weather.is_dark:
            self._client.heard(data)

    def _tell_closed(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.closed()


class Listener:
    """A listening TCP socket of the gateway."""

    def __init__(self, process: Process, address: Address, admit: Any) -> None:
        self.process = process
        self.address = address
        self.admit = admit
        self.is_paused = False
        self.is_closed = False

    def pause(self) -> None:
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False

    def close(self) -> None:
        self.is_closed = True


class Socket:
    """A bound UDP socket of the gateway; it can be asked at several local addresses."""

    def __init__(self, network: SimulatedNetwork, process: Process, address: Address, take: Any):
        self._network = network
        self.process = process
        self.address = address
        self._take = take
        self._asked: set[tuple[SockAddr, bytes | None]] = set()
        self._waiting: deque[tuple[bytes, SockAddr, bytes]] = deque()
        self._is_paused = False
        self.is_closed = False

    def arrive(self, data: bytes, peer: SockAddr, local: bytes) -> None:
        if self.is_closed:
            return
        if self._is_paused:
            self._waiting.append((data, peer, local))
            return
        self._asked.add((peer, local))
        self._network.watcher.reached(data, f"{peer[0]}:{peer[1]}", is_datagram=True)
        self._take(data, peer, local)

    def send(self, data: bytes, peer: SockAddr, local: bytes | None) -> bool:
        if self.is_closed or not self.process.is_alive:
            return False
        self.process.point("write")
        if (peer, local) not in self._asked:
            self._network.watcher.astray(f"{peer} was answered from {local!r} unasked")
        self._network.watcher.answered(data, f"{peer[0]}:{peer[1]}")
        self._network.answer(data, peer, (local or b"").decode(), self.address[1])
        self.process.point("written")
        return True

    def pause(self) -> None:
        self._is_paused = True

    def resume(self) -> None:
        self._is_paused = False
        while self._waiting and not self._is_paused:
            self.arrive(*self._waiting.popleft())

    def close(self) -> None:
        self.is_closed = True


Answered = Callable[[bytes, tuple[str, int]], None]


class SimulatedNetwork:
    """The wires of the world; ``for_process`` is what one life of the gateway sees of them."""

    def __init__(self, timeline: Timeline, dice: Random, trace: Trace, watcher: Watcher) -> None:
        self.timeline = timeline
        self.dice = dice
        self.trace = trace
        self.watcher = watcher
        self.weather = Weather()
        self.grid_s = dice.choice((0.0, 0.002, 0.05))
        """Bytes arrive at multiples of this: the gateway's machine is busy meanwhile."""
        self._listeners: dict[int, Listener] = {}
        self._sockets: dict[int, Socket] = {}
        self._connections: dict[Connection, None] = {}
        self._udp_clients: dict[SockAddr, Answered] = {}

    def delay_s(self) -> float:
        """How long the way is this time."""
        return self.dice.uniform(*self.weather.delay_s)

    def arrival(self) -> float:
        """When what is sent now reaches the gateway; with a grid, much of it at once."""
        at = self.timeline.now + self.delay_s()
        return at if not self.grid_s else math.ceil(at / self.grid_s) * self.grid_s

    def process_died(self, *, is_power_cut: bool) -> None:
        """The gateway is gone, or its machine is."""
        self._listeners.clear()
        self._sockets.clear()
        for connection in list(self._connections):
            connection.died(is_power_cut=is_power_cut)

    def forget(self, connection: Connection) -> None:
        self._connections.pop(connection, None)

    def break_all(self) -> None:
        """Every connection breaks."""
        for connection in list(self._connections):
            connection.break_off()

    def add(self, listener: Listener) -> None:
        self._listeners[listener.address[1]] = listener

    def bind(self, socket: Socket) -> None:
        self._sockets[socket.address[1]] = socket

    # -- panels ----------------------------------------------------------------------------------

    def dial(self, port: int, peer: SockAddr, client: Client) -> Connection | None:
        """Connect a panel; None when nobody answers. ``opened`` or ``closed`` follows."""
        listener = self._listeners.get(port)
        if listener is None or listener.is_closed or self.weather.is_dark:
            return None
        process = listener.process
        connection = Connection(self, process, client, f"{peer[0]}:{peer[1]}")
        self._connections[connection] = None

        def accept() -> None:
            protocol = None
            if not listener.is_closed and not connection.is_broken and not listener.is_paused:
                protocol = listener.admit(peer)
            if protocol is None:
                connection.break_off()
                return
            connection.made(protocol)
            self.timeline.after(self.delay_s(), client.opened)

        self.timeline.after(self.delay_s(), accept, owner=process.loop)
        return connection

    def listen_datagrams(self, peer: SockAddr, answered: Answered) -> None:
        """A panel's own UDP port: ``answered(data, source)``."""
        self._udp_clients[peer] = answered

    def datagram(self, data: bytes, peer: SockAddr, host: str, port: int) -> None:
        """A panel, or whoever writes its address on it, sends a datagram."""
        for copy in self._copies(data):
            self.timeline.at(self.arrival(), self._datagram_arrives, copy, peer, host, port)

    def answer(self, data: bytes, peer: SockAddr, host: str, port: int) -> None:
        """The gateway answers from an address of its own."""
        for copy in self._copies(data):
            self.timeline.after(self.delay_s(), self._answer_arrives, copy, peer, (host, port))

    def _copies(self, data: bytes) -> list[bytes]:
        weather, dice = self.weather, self.dice
        if weather.is_dark or dice.random() < weather.loss:
            return []
        if len(data) > 1 and dice.random() < weather.truncates:
            data = data[: dice.randrange(1, len(data))]
        return [data] * (2 if dice.random() < weather.duplicates else 1)

    def _datagram_arrives(self, data: bytes, peer: SockAddr, host: str, port: int) -> None:
        socket = self._sockets.get(port)
        if socket is not None and socket.process.is_alive:
            # Through the loop: it is the process that reads, and it may die of it.
            self.timeline.soon(socket.arrive, data, peer, host.encode(), owner=socket.process.loop)

    def _answer_arrives(self, data: bytes, peer: SockAddr, source: tuple[str, int]) -> None:
        answered = self._udp_clients.get(peer)
        if answered is not None:
            answered(data, source)


class ProcessNetwork:
    """``hardware.network.Network`` for one life."""

    def __init__(self, network: SimulatedNetwork, process: Process) -> None:
        self._network = network
        self._process = process

    def listen(self, address: Address, *, backlog: int, admit: Any, short: Any) -> Listener:
        del backlog, short
        listener = Listener(self._process, address, admit)
        self._network.add(listener)
        return listener

    def datagrams(self, address: Address, received: Any) -> Socket:
        socket = Socket(self._network, self._process, address, received)
        self._network.bind(socket)
        return socket

    async def connect(self, address: Address, protocol: Any) -> None:
        del protocol
        raise ListenError(f"nobody calls {address} in this world")
