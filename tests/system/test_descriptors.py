"""REL-53: out of descriptors, new connections are refused first; whoever is there goes on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import resource
import socket
from pathlib import Path

import pytest

from gateway.journal import Reader
from protocols.dc09 import build_frame
from tests.support.station import Station, until

pytestmark = pytest.mark.system

PANELS = 20
LEFT = 4
"""Descriptors that are free when the trouble begins: for connections, and soon taken."""


class Panel:
    """A panel that stays connected."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.sequence = 0

    async def call(self, port: int) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", port)

    async def report(self) -> bytes:
        self.sequence += 1
        sequence = f"{self.number:02}{self.sequence:02}"
        self.writer.write(
            build_frame(
                "ADM-CID", account="1234", data=b"#1234|1131 01 015", sequence=sequence, pad=bytes
            )
        )
        async with asyncio.timeout(5):
            return await self.reader.readuntil(b"\r")


@pytest.fixture
async def station(tmp_path):
    station = Station(tmp_path, accounts=("1234",))
    await station.start()
    yield station
    station.kill_now()
    await station.ended()


def _limit(station: Station, count: int | None) -> None:
    _, hard = resource.prlimit(station.process.pid, resource.RLIMIT_NOFILE)
    soft = hard if count is None else count
    resource.prlimit(station.process.pid, resource.RLIMIT_NOFILE, (soft, hard))


def _open_count(station: Station) -> int:
    return sum(1 for _ in Path(f"/proc/{station.process.pid}/fd").iterdir())


def _codes(station: Station) -> list[str]:
    reader = Reader(station.journal)
    try:
        return [json.loads(one.json)["data"]["code"]["value"] for one in reader.list()]
    finally:
        reader.close()


async def _connected(port: int) -> socket.socket:
    sock = socket.socket()
    sock.setblocking(False)
    with contextlib.suppress(ConnectionResetError):  # refused while it is told so
        await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", port))
    return sock


async def _is_refused(sock: socket.socket) -> bool:
    """Whether it was closed instead of waiting for a frame."""
    try:
        async with asyncio.timeout(0.2):
            return not await asyncio.get_running_loop().sock_recv(sock, 1)
    except TimeoutError:
        return False
    except OSError:
        return True


async def test_new_connections_are_refused_open_ones_go_on_and_it_recovers(station):
    panels = [Panel(number) for number in range(PANELS)]
    for panel in panels:
        await panel.call(station.port)
        assert b'"ACK"' in await panel.report()
    highest = max(int(one.name) for one in Path(f"/proc/{station.process.pid}/fd").iterdir())
    assert highest <= _open_count(station) + LEFT
    _limit(station, highest + 1 + LEFT)

    late = [await _connected(station.port) for _ in range(LEFT * 4)]
    refused = [await _is_refused(sock) for sock in late]
    assert any(refused)
    for panel in panels:
        assert b'"ACK"' in await panel.report()
    await until(lambda: "input_degraded" in _codes(station))
    counters = json.dumps([line for line in station.log if line.get("event") == "link.degraded"])
    assert "no new connections" in counters

    for sock in late:
        sock.close()
    _limit(station, None)

    async def takes_again() -> bool:
        with await _connected(station.port) as sock:
            return not await _is_refused(sock)

    await until(takes_again, every_s=0.2)
    for panel in panels:
        panel.writer.close()
