"""REL-54: a gateway that stands still is measured, reported and, in the end, restarted."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys

import pytest

from gateway.journal import Reader
from tests.support.station import Station, until

pytestmark = [pytest.mark.system, pytest.mark.alone]

STALL_S = 1.6

_LAUNCH = """
import asyncio, time
from gateway.cli.main import main
from gateway.daemon import Daemon

def stand_still(real):
    async def call(self):
        await real(self)
        asyncio.get_running_loop().call_later(0.5, time.sleep, 60)
    return call

Daemon.start = stand_still(Daemon.start)
main()
"""
"""The gateway's own command line; half a second after its start its loop stands still."""


@pytest.fixture
async def station(tmp_path):
    station = Station(tmp_path, accounts=("1234",))
    yield station
    station.kill_now()
    await station.ended()


async def test_a_stall_of_more_than_a_second_is_an_event_with_its_length(station):
    await station.start()
    assert "loop" not in (await station.ask(do="health"))["degraded"]
    station.process.send_signal(signal.SIGSTOP)
    await asyncio.sleep(STALL_S)  # nothing else tells how long a stopped process stood still
    station.process.send_signal(signal.SIGCONT)
    await until(lambda: station.logged("loop.stalled"))
    (line,) = station.logged("loop.stalled")
    assert 1000 < line["stalled_ms"] < 30_000
    assert "stood still" in (await station.ask(do="health"))["degraded"]["loop"]
    await until(lambda: "loop_stalled" in _codes(station))
    assert (await station.ask(do="counters"))["counters"]["loop_stalled"] == 1


async def test_the_watchdog_is_fed_on_the_loop_and_starves_with_it(station, tmp_path):
    """What systemd does: fed within WatchdogSec, or it ends the service with SIGABRT."""
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(address)
        manager.setblocking(False)
        station.launch = (sys.executable, "-c", _LAUNCH)
        await station.start(NOTIFY_SOCKET=address, WATCHDOG_USEC="300000")
        loop = asyncio.get_running_loop()
        said: list[bytes] = []
        with contextlib.suppress(TimeoutError):
            while True:
                async with asyncio.timeout(2.0):  # seven times WatchdogSec
                    said.append(await loop.sock_recv(manager, 1024))
        assert said[0] == b"READY=1"
        assert said.count(b"WATCHDOG=1") >= 2
    os.kill(station.process.pid, signal.SIGABRT)
    assert await station.ended() == -signal.SIGABRT
    text = "\n".join(line.get("text", "") for line in station.log)
    assert "Fatal Python error: Aborted" in text
    assert "in run" in text  # the stack of the loop's thread, for whoever looks for the reason


def _codes(station: Station) -> list[str]:
    reader = Reader(station.journal)
    try:
        return [json.loads(one.json)["data"]["code"]["value"] for one in reader.list()]
    finally:
        reader.close()
