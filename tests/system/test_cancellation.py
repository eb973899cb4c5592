"""REL-30: whatever is cancelled, whenever: no ACK without a commit, no commit unpublished."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from gateway.config import load
from gateway.contract.consumer import ConfirmingConsumer
from gateway.daemon import Daemon, real_world
from tests.support.hardware import until
from tests.support.mosquitto import Mosquitto
from tests.support.running import TcpPanel, journalled, panel_frame, running
from tests.support.station import Station

TURNS = (0, 1, 2, 3, 5, 8, 13, 30, 80, 200, 600, 2000)
REPORTS = 40

pytestmark = [pytest.mark.system, pytest.mark.mosquitto]


async def report(port: int, acknowledged: set[str], first: int) -> None:
    """Send report after report; note what was acknowledged. Ends when nobody answers."""
    with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
        async with TcpPanel(port) as panel:
            for number in range(first, first + REPORTS):
                sequence = f"{number:04d}"
                panel.send(panel_frame("#1234|1131 01 015", sequence=sequence))
                async with asyncio.timeout(1):
                    assert f'"ACK"{sequence}'.encode() in await panel.answer()
                acknowledged.add(sequence)


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def finish(station: Station, broker: Mosquitto) -> set[str]:
    """Start once more; wait until everything is confirmed; give the sequences in the journal."""
    effected: list[bytes] = []
    core = ConfirmingConsumer(
        broker.address,
        site="test",
        name="core-1",
        on_event=lambda one: effected.append(one.payload),
    )
    core.start()
    async with asyncio.timeout(15), running(station) as daemon:
        await until(lambda: daemon.journal.outstanding_count == 0)
    await core.stop()
    there = {event["origin"]["sequence"] for event in journalled(station)}
    assert all(any(f'"{each}"'.encode() in one for one in effected) for each in there)
    return there


@pytest.fixture
def station(tmp_path, mosquitto):
    return Station(tmp_path, accounts=("1234",), broker=mosquitto.address.url)


async def test_every_task_of_the_running_gateway(station, mosquitto):
    acknowledged: set[str] = set()
    for round_, count in enumerate(TURNS):
        others = asyncio.all_tasks()
        async with asyncio.timeout(30), running(station):
            panel = asyncio.create_task(report(station.port, acknowledged, round_ * 100 + 1))
            await turns(count)
            for task in asyncio.all_tasks() - others - {panel}:
                task.cancel()
            await panel
    assert len(acknowledged) > REPORTS  # it went on answering
    assert acknowledged <= await finish(station, mosquitto)


async def test_its_start(station, mosquitto):
    acknowledged: set[str] = set()
    for round_, count in enumerate(TURNS):
        daemon = Daemon(load(station.config), real_world())
        starting = asyncio.create_task(daemon.start())
        await turns(count)
        starting.cancel()
        (outcome,) = await asyncio.gather(starting, return_exceptions=True)
        if outcome is None:
            await report(station.port, acknowledged, round_ * 100 + 1)
            await daemon.stop("it was quicker")
    async with running(station):
        await report(station.port, acknowledged, 5001)
    assert {f"{number:04d}" for number in range(5001, 5001 + REPORTS)} <= acknowledged
    assert acknowledged <= await finish(station, mosquitto)
