"""A gateway inside the test: real sockets, ptys and journal, with its counters at hand."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
from collections import Counter
from collections.abc import AsyncIterator
from random import Random
from typing import Any, Self

import structlog

from gateway.config import load
from gateway.daemon import Daemon, real_world
from gateway.journal import Reader
from protocols.dc09 import build_frame
from tests.support.station import Station

PATIENCE_S = 10.0
QUIET_S = 0.3  # an answer on loopback takes a few milliseconds


@contextlib.asynccontextmanager
async def running(station: Station, **world: Any) -> AsyncIterator[Daemon]:
    """Run the gateway of these files; ``world`` replaces parts of the real one."""
    real = real_world()
    fields = {name: getattr(real, name) for name in real.__struct_fields__}
    daemon = Daemon(load(station.config), type(real)(**fields | world))
    usual = structlog.get_config()
    # As a gateway is run: with its frames in the log each one costs much more.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    try:
        await daemon.start()
        try:
            yield daemon
        finally:
            await daemon.stop("test is over")
    finally:
        structlog.configure(**usual)


def journalled(station: Station) -> list[dict[str, Any]]:
    """The events of the journal, those of the gateway's own left out, as consumers read them."""
    return [event["data"] for event in _events(station) if event["data"]["class"] != "system"]


def own_events(station: Station) -> list[dict[str, Any]]:
    """The gateway's own events in the journal."""
    return [event["data"] for event in _events(station) if event["data"]["class"] == "system"]


def ids(station: Station) -> list[str]:
    """The ids of all events in the journal, in their order."""
    return [event["id"] for event in _events(station)]


def _events(station: Station) -> list[dict[str, Any]]:
    reader = Reader(station.journal)
    try:
        records = reader.list(limit=1_000_000, newest_first=False)
    finally:
        reader.close()
    assert all(record.is_intact for record in records)
    return [json.loads(record.json) for record in records]


def judged(counters: Counter[str] | dict[str, int]) -> int:
    """How many frames the counters account for, each once (docs/reliability.md, REL-8).

    An unreadable frame whose copy was stored is counted as rejected and as acknowledged.
    """
    whole = ("report_acknowledged", "report_repeated", "report_not_committed", "frame_failed",
             "link_test_acknowledged", "link_test_unanswered")  # fmt: skip
    parts = ("report_refused:", "link_test_refused:", "frame_rejected:")
    return (
        sum(counters.get(name, 0) for name in whole)
        + sum(count for name, count in counters.items() if name.startswith(parts))
        - counters.get("report_unreadable_stored", 0)
    )


def pad(count: int) -> bytes:
    """A pad that is the same each time."""
    return Random(count).randbytes(count)


def panel_frame(
    data: str, *, account: str = "1234", token: str = "ADM-CID", sequence: str = "0001", **more: Any
) -> bytes:
    """A frame as a panel sends it."""
    return build_frame(
        token, account=account, data=data.encode("latin-1"), sequence=sequence, pad=pad, **more
    )


class TcpPanel:
    """One TCP connection of a panel."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self._port)
        self.writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self

    async def __aexit__(self, *_what: object) -> None:
        self.writer.close()

    def send(self, data: bytes) -> None:
        """Write these bytes."""
        self.writer.write(data)

    async def answer(self) -> bytes:
        """Wait for one answer."""
        async with asyncio.timeout(PATIENCE_S):
            return await self.reader.readuntil(b"\r")

    async def is_silent(self) -> bool:
        """Whether nothing comes for a while."""
        try:
            async with asyncio.timeout(QUIET_S):
                return not await self.reader.read(1)
        except TimeoutError:
            return True


class UdpPanel:
    """A panel's UDP socket; connected, so that it hears only the address it asked."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._to = (host, port)

    async def __aenter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self._to[0] else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.connect(self._to)
        return self

    async def __aexit__(self, *_what: object) -> None:
        self.sock.close()

    def send(self, data: bytes) -> None:
        """Send one datagram."""
        self.sock.send(data)

    async def answer(self) -> bytes:
        """Wait for one answer."""
        async with asyncio.timeout(PATIENCE_S):
            return await asyncio.get_running_loop().sock_recv(self.sock, 65_536)

    async def is_silent(self) -> bool:
        """Whether nothing comes for a while."""
        try:
            async with asyncio.timeout(QUIET_S):
                return not await asyncio.get_running_loop().sock_recv(self.sock, 65_536)
        except TimeoutError:
            return True
