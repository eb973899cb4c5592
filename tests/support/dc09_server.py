"""A minimal receiver: the codec in the role CSR, and an answer for everything it hears."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from random import Random
from typing import cast

from protocols._core import Incoming, Report, Verdict
from protocols.dc09 import Connection, Role

Judge = Callable[[Incoming], Verdict]


def acknowledge(_: Incoming) -> Verdict:
    return Verdict.ACK


class Station:
    """Hears over TCP and UDP on one port number; ``heard`` keeps all that came."""

    def __init__(self, keys: Sequence[bytes] = (), judge: Judge = acknowledge) -> None:
        self.heard: list[Incoming] = []
        self.judge = judge
        self.connections = 0
        self.port = 0
        self.transports: list[asyncio.Transport] = []
        self._keys = keys

    def codec(self, *, datagram: bool = False) -> Connection[Incoming]:
        pad = Random(1).randbytes
        return Connection(Role.CSR, keys=lambda _: self._keys, pad=pad, datagram=datagram)

    def answer(self, codec: Connection[Incoming], data: bytes, *, now: float = 0.0) -> bytes:
        for incoming in codec.receive(data, now=now):
            self.heard.append(incoming)
            codec.answer(incoming, self.judge(incoming), utc=datetime.now(UTC))
        return codec.data_to_send()

    def reports(self) -> list[Report]:
        return [incoming for incoming in self.heard if isinstance(incoming, Report)]


class _Tcp(asyncio.Protocol):
    def __init__(self, station: Station) -> None:
        self.station = station
        self.codec = station.codec()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast("asyncio.Transport", transport)
        self.transport = transport
        self.station.connections += 1
        self.station.transports.append(transport)

    def data_received(self, data: bytes) -> None:
        answer = self.station.answer(self.codec, data)
        if answer:
            self.transport.write(answer)


class _Udp(asyncio.DatagramProtocol):
    def __init__(self, station: Station) -> None:
        self.station = station
        self.codec = station.codec(datagram=True)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast("asyncio.DatagramTransport", transport)
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = self.station.answer(self.codec, data)
        if answer:
            self.transport.sendto(answer, addr)


@asynccontextmanager
async def listening(station: Station) -> AsyncIterator[Station]:
    """Listen on a free loopback port while the block runs."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: _Tcp(station), "127.0.0.1", 0)
    station.port = server.sockets[0].getsockname()[1]
    udp, _ = await loop.create_datagram_endpoint(
        lambda: _Udp(station), local_addr=("127.0.0.1", station.port)
    )
    try:
        yield station
    finally:
        udp.close()
        server.close()
        for transport in station.transports:
            transport.abort()
        await server.wait_closed()
