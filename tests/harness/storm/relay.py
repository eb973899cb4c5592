"""An unreliable network between panels and gateway: loses, doubles and reorders, by seeded dice.

Datagrams pass or not, twice, or after a later one. A TCP stream loses nothing by itself, so there
the relay does what gateways in between do: it sends a frame again over a connection of its own, by
and by, when the panel has long said other things.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from random import Random


@dataclass
class Dice:
    """How often what happens, as shares of 1; and how often it did."""

    random: Random
    lost: float = 0.0
    doubled: float = 0.1
    reordered: float = 0.1
    losses: int = 0
    doubles: int = 0
    reorders: int = 0

    def loses(self) -> bool:
        hit = self.random.random() < self.lost
        self.losses += hit
        return hit

    def doubles_it(self) -> bool:
        hit = self.random.random() < self.doubled
        self.doubles += hit
        return hit

    def reorders_it(self) -> bool:
        hit = self.random.random() < self.reordered
        self.reorders += hit
        return hit

    def later_s(self) -> float:
        """How much later a datagram comes that is overtaken."""
        return self.random.uniform(0.005, 0.6)  # within and beyond the panels' answer timeout


class _ToGateway(asyncio.DatagramProtocol):
    """The relay's own socket for one panel."""

    def __init__(self, relay: UdpRelay, panel) -> None:
        self._relay, self._panel = relay, panel

    def datagram_received(self, data, addr) -> None:
        del addr
        self._relay.pass_on(self._relay.transport, data, self._panel)

    def error_received(self, exc) -> None:
        """The gateway is away for a moment."""


class UdpRelay(asyncio.DatagramProtocol):
    """Panels send to it; each gets a socket of its own towards the gateway."""

    def __init__(self, target: tuple[str, int], dice: Dice):
        self._target, self._dice = target, dice
        self._ways: dict = {}
        self.transport = None
        self.port = 0

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        self.transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=("127.0.0.1", 0)
        )
        self.port = self.transport.get_extra_info("sockname")[1]

    def datagram_received(self, data, addr) -> None:
        way = self._ways.get(addr)
        if way is None:
            way = self._ways[addr] = asyncio.ensure_future(self._open(addr))
        if way.done():
            self.pass_on(way.result(), data, None)
        else:
            way.add_done_callback(lambda done: self.pass_on(done.result(), data, None))

    def error_received(self, exc) -> None:
        """A panel is away."""

    async def _open(self, panel):
        loop = asyncio.get_running_loop()
        transport, _ = await loop.create_datagram_endpoint(
            lambda: _ToGateway(self, panel), remote_addr=self._target
        )
        return transport

    def pass_on(self, transport, data: bytes, to) -> None:
        """Let the dice decide what becomes of a datagram."""
        dice = self._dice
        if dice.loses():
            return
        for _ in range(2 if dice.doubles_it() else 1):
            if dice.reorders_it():
                later = asyncio.get_running_loop().call_later
                later(dice.later_s(), _send, transport, data, to)
            else:
                _send(transport, data, to)

    async def stop(self) -> None:
        for way in self._ways.values():
            (await way).close()
        self.transport.close()


def _send(transport, data: bytes, to) -> None:
    if not transport.is_closing():
        transport.sendto(data, to)


class TcpRelay:
    """Passes streams on; some frames come a second time, later, over another connection."""

    def __init__(self, target: tuple[str, int], dice: Dice):
        self._target, self._dice = target, dice
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task] = set()
        self._side: asyncio.StreamWriter | None = None
        self.port = 0

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        reader, self._side = await asyncio.open_connection(*self._target)
        self._keep(self._drink(reader))

    def _keep(self, coroutine) -> None:
        task = asyncio.ensure_future(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drink(self, reader: asyncio.StreamReader) -> None:
        while await reader.read(65_536):
            pass  # answers to what came late: nobody waits for them

    async def _serve(self, reader, writer) -> None:
        self._tasks.add(asyncio.current_task())
        up_reader, up_writer = await asyncio.open_connection(*self._target)
        try:
            async with asyncio.TaskGroup() as both:
                both.create_task(self._frames(reader, up_writer))
                both.create_task(self._answers(up_reader, writer))
        except* (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            up_writer.close()
            self._tasks.discard(asyncio.current_task())

    async def _frames(self, reader, writer) -> None:
        loop, dice = asyncio.get_running_loop(), self._dice
        while data := await reader.read(65_536):
            writer.write(data)
            if dice.doubles_it():
                writer.write(data)
            if dice.reorders_it():
                loop.call_later(dice.later_s(), self._again, data)
        writer.write_eof()

    async def _answers(self, reader, writer) -> None:
        while data := await reader.read(65_536):
            if not self._dice.loses():
                writer.write(data)
        writer.close()

    def _again(self, data: bytes) -> None:
        if self._side is not None and not self._side.is_closing():
            self._side.write(data)

    async def stop(self) -> None:
        self._server.close()
        self._side.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
