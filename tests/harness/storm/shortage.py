"""REL-53 and REL-54: descriptors run out, and the event loop stands still; both are told.

The limit of the running process is lowered by prlimit: who comes then is refused, who is there
goes on. A stall is made by stopping the process for a while, as an overcommitted host does.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import resource
import signal
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from simulators import loop
from tests.harness.figure import Figure, Outcome, Size
from tests.harness.storm import process
from tests.harness.storm.rig import judge, running
from tests.support.station import LAUNCH, until

PANELS = 40
FIRST = 100_000
SPARE = 20  # descriptors left when strangers come
STRANGERS = 200
STALL_S = 1.6
SECONDS = {Size.SMOKE: 5.0, Size.SHORT: 60.0, Size.FULL: 600.0}


@dataclass(frozen=True)
class Run:
    """What was seen."""

    sent: int
    acked: int
    lost_connections: int
    refused: int
    shortage_told: bool
    stall_told: bool
    verdict_faults: list[str]
    worst_ms: float

    def faults(self) -> list[str]:
        """What broke the promise."""
        found = list(self.verdict_faults)
        if self.sent != self.acked or self.lost_connections:
            found.append(
                f"{self.sent - self.acked} reports without an ACK, {self.lost_connections} "
                "connections of panels lost"
            )
        if self.refused < STRANGERS - 2 * SPARE:
            found.append(f"only {self.refused} of {STRANGERS} strangers were refused")
        if not self.shortage_told:
            found.append("no event tells that descriptors ran out")
        if not self.stall_told:
            found.append(f"no event tells that the loop stood still for {STALL_S} s")
        return found

    def said(self) -> str:
        """The figure in words."""
        return (
            f"{self.refused} of {STRANGERS} strangers refused for want of descriptors, a stall of "
            f"{STALL_S} s; {self.sent:,} reports of panels that were there, "
            f"{self.sent - self.acked} without an ACK, the slowest {self.worst_ms:.0f} ms"
        )


async def shortage(folder: Path, seconds: float, launch: Iterable[str] = LAUNCH) -> Run:
    """Play it."""
    accounts = [str(FIRST + number) for number in range(PANELS)]
    async with running(folder, accounts, launch=launch) as rig:
        loading = asyncio.create_task(
            rig.load(
                "panels", connections=PANELS, base_account=FIRST, rate=200.0, seconds=seconds,
                source="127.20.0.1", drain_s=10.0,
            )
        )  # fmt: skip
        await until(lambda: process.descriptors(rig.pid) > PANELS, timeout_s=10)
        await asyncio.sleep(1.0)
        most = process.descriptors(rig.pid) + SPARE
        _, hard = resource.prlimit(rig.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(rig.pid, resource.RLIMIT_NOFILE, (most, hard))
        refused = await _come(rig.station.port)
        os.kill(rig.pid, signal.SIGSTOP)
        await asyncio.sleep(STALL_S)
        os.kill(rig.pid, signal.SIGCONT)
        result = await loading
        resource.prlimit(rig.pid, resource.RLIMIT_NOFILE, (hard, hard))
        await rig.drained()
        with contextlib.suppress(TimeoutError):
            await until(lambda: rig.core.of_gateway("stall"), timeout_s=5)
        told = rig.core.of_gateway()
        faults = judge(rig).faults()
    return Run(
        sent=result.sent,
        acked=result.acked,
        lost_connections=result.lost_connections,
        refused=refused,
        shortage_told=any(
            "input_degraded" in each.code and "no new connections" in each.text for each in told
        ),
        stall_told=any("stall" in each.code for each in told),
        verdict_faults=faults,
        worst_ms=result.max_us / 1000,
    )


async def _come(port: int) -> int:
    """Strangers connect and stay; how many were turned away within three seconds."""
    event_loop = asyncio.get_running_loop()
    socks = []
    for number in range(STRANGERS):
        sock = socket.socket()
        sock.setblocking(False)
        sock.bind((f"127.64.0.{number % 200 + 1}", 0))
        socks.append(sock)
        with contextlib.suppress(OSError):
            await event_loop.sock_connect(sock, ("127.0.0.1", port))
    await asyncio.sleep(3.0)
    refused = 0
    for sock in socks:
        try:
            sock.recv(1)
        except BlockingIOError:
            pass
        except OSError:
            refused += 1
        sock.close()
    return refused


def run(size: Size, folder: Path) -> Outcome:
    """See ``Figure.run``."""
    result = loop.run(lambda: shortage(folder, SECONDS[size]))
    return Outcome(said=result.said(), faults=result.faults())


FIGURE = Figure(
    id="A9-shortage", title="descriptors run out, the loop stalls", command="storm", run=run
)
