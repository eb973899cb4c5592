"""Signals at awkward moments: during the start, during the stop and after it (REL-51, REL-55)."""

from __future__ import annotations

import contextlib
import os
import signal
import sys

import pytest

from tests.support.station import Station, until

pytestmark = pytest.mark.system

_LAUNCH = """
import asyncio, os, signal
from gateway.cli.main import main
from gateway.daemon import Daemon

def signalled(real, numbers):
    async def call(*args, **said):
        for number in numbers:
            os.kill(os.getpid(), number)
        await real(*args, **said)
    return call

"""
"""The gateway's own command line, which signals itself where the test says."""


@pytest.fixture
async def station(tmp_path):
    station = Station(tmp_path, accounts=("1234",))

    def signals(line: str) -> Station:
        station.launch = (sys.executable, "-c", f"{_LAUNCH}{line}\nmain()\n")
        return station

    yield signals
    station.kill_now()
    await station.ended()


async def test_reloads_asked_during_the_start_are_done_once_when_it_is_ready(station):
    gateway = station("Daemon.start = signalled(Daemon.start, [signal.SIGHUP] * 2)")
    await gateway.start()
    await until(lambda: gateway.logged("config.reloaded"))
    assert await gateway.stop() == 0
    names = [record["event"] for record in gateway.log]
    assert names.count("config.reloaded") == 1
    assert names.index("gateway.ready") < names.index("config.reloaded")


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
async def test_a_stop_asked_during_the_start_takes_effect_right_after(station, name):
    gateway = station(f"Daemon.start = signalled(Daemon.start, [signal.{name}])")
    await gateway.start()
    assert await gateway.ended() == 0
    assert [record["signal"] for record in gateway.logged("gateway.stopping")] == [name]
    assert gateway.logged("gateway.stopped")


async def test_a_second_signal_during_the_stop_ends_it_with_a_status_of_its_own(station):
    gateway = station("Daemon.stop = signalled(Daemon.stop, [signal.SIGTERM])")
    await gateway.start()
    assert await gateway.stop() == 130
    assert gateway.logged("gateway.killed")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_signals_in_the_last_moments_do_not_change_the_status(station, number):
    gateway = station("")
    await gateway.start()
    gateway.process.terminate()
    await until(lambda: gateway.logged("gateway.stopped"), every_s=0)

    def is_gone() -> bool:
        with contextlib.suppress(ProcessLookupError):
            os.kill(gateway.process.pid, number)  # the process's own method would reap it
        return gateway.process.returncode is not None

    await until(is_gone, every_s=0)
    assert await gateway.ended() == 0
    assert [record for record in gateway.log if "Traceback" in str(record)] == []
