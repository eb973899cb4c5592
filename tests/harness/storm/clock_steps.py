"""REL-49, REL-50: the gateway's wall clock is set by an hour and back, under load.

A small library in the gateway's process adds to its wall clock what a file says. Panels with and
without keys go on reporting by the true time: nothing may be lost, doubled or refused with a NAK,
and a receiver that falls silent in the middle of it is missed when it would have been without.
"""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.compiling import compiled
from simulators import loop
from simulators.ledger import Comparison
from simulators.ledger import Outcome as Ended
from tests.harness.figure import Figure, Outcome, Size
from tests.harness.storm.rig import running
from tests.support.fleet import KEY, Callers
from tests.support.station import LAUNCH, until

SOURCE = Path(__file__).with_name("stepped_clock.c")
HOUR_S = 3_600.0
STEPS_S = (HOUR_S, -HOUR_S, -HOUR_S, HOUR_S, 10.0, -10.0)  # each by so much, one after the other
PAUSES_S = {Size.SMOKE: 0.6, Size.SHORT: 8.0, Size.FULL: 60.0}
HEARTBEAT_S = 2.0  # as ``Station`` sets it; three of them missing are a loss
OFF_S = 1.0
SETTINGS = "[ingest]\nlink_repeat_s = 600.0"


class SteppedClock:
    """The file that says how far the gateway's wall clock is off."""

    def __init__(self, path: Path):
        self._path = path
        self.off_s = 0.0
        self.set(0.0)

    def set(self, off_s: float) -> None:
        self.off_s = off_s
        with self._path.open("r+b" if self._path.exists() else "wb") as file:
            file.write(struct.pack("<q", int(off_s * 1e9)))

    def environment(self) -> dict[str, str]:
        """What the gateway must be started with."""
        return {
            "LD_PRELOAD": str(compiled(SOURCE, "-shared", "-fPIC", "-ldl")),
            "STEPPED_CLOCK": str(self._path),
        }


@dataclass(frozen=True)
class Run:
    """What was seen."""

    steps: int
    acknowledged: int
    naks: int
    given_up: int
    comparison: Comparison
    told_steps: int
    missed_after_s: float | None
    """From the receiver's last word to the event that says so, with a step between."""

    def faults(self) -> list[str]:
        """What broke the promise."""
        found = []
        if not self.comparison.is_clean:
            found.append(
                f"missing {self.comparison.missing[:5]}, doubled {self.comparison.doubled[:5]}"
            )
        if self.naks:
            found.append(f"{self.naks} reports were refused with a NAK for our own clock's fault")
        if self.given_up:
            found.append(f"{self.given_up} reports without an ACK")
        if self.told_steps != self.steps:
            found.append(f"{self.steps} steps of the clock, {self.told_steps} events about them")
        due_s = 3 * HEARTBEAT_S
        if self.missed_after_s is None or abs(self.missed_after_s - due_s) > OFF_S:
            found.append(
                f"the silent receiver was missed after {self.missed_after_s} s, not {due_s}"
            )
        return found

    def said(self) -> str:
        """The figure in words."""
        missed = "never" if self.missed_after_s is None else f"after {self.missed_after_s:.2f} s"
        return (
            f"{self.steps} steps of up to an hour, {self.told_steps} told; {self.acknowledged:,} "
            f"acknowledged reports, {len(self.comparison.missing)} missing, "
            f"{len(self.comparison.doubled)} doubled, {self.naks} wrong NAKs; receiver missed "
            f"{missed} (due {3 * HEARTBEAT_S:.0f} s)"
        )


async def step(folder: Path, pause_s: float, launch: Iterable[str] = LAUNCH) -> Run:
    """Play it."""
    serial, clock = folder / "serial", SteppedClock(folder / "clock")
    settings = Callers(0, serial).settings
    async with running(
        folder, settings.accounts(), starts=False, serial=serial, key=KEY,
        encrypted=settings.encrypted_accounts(), extra=SETTINGS, launch=launch,
    ) as rig:  # fmt: skip
        callers = Callers(rig.station.port, serial)
        async with callers:
            await rig.station.start(**await asyncio.to_thread(clock.environment))
            await asyncio.sleep(1.0)
            for by_s in STEPS_S:
                clock.set(clock.off_s + by_s)
                await asyncio.sleep(pause_s)
            await callers.finish()
        # Closed with the fleet, the receiver is silent from here on.
        silent_at = time.monotonic()
        await asyncio.sleep(1.0)
        clock.set(HOUR_S)
        missed = [None]

        def is_missed() -> bool:
            for each in rig.core.of_gateway("supervision_lost"):
                if each.at > silent_at and "rx-1" in each.text:
                    missed[0] = each.at - silent_at
            return missed[0] is not None

        try:
            await until(is_missed, timeout_s=3 * HEARTBEAT_S + 5, every_s=0.2)
        except TimeoutError:
            missed = [None]
        await rig.drained()
        await asyncio.sleep(0.5)  # the core writes down what it got last
    summary = callers.ledger.summary()
    return Run(
        steps=len(STEPS_S) + 1,
        acknowledged=summary.acknowledged,
        naks=summary.naks,
        given_up=sum(
            each.outcome is not Ended.ACKNOWLEDGED
            for each in callers.ledger.transmissions
            if not each.is_link_test
        ),
        comparison=callers.ledger.compare((each.id, each.key) for each in rig.core.of_panels()),
        told_steps=len(rig.core.of_gateway("clock_step")),
        missed_after_s=missed[0],
    )


def run(size: Size, folder: Path) -> Outcome:
    """See ``Figure.run``."""
    result = loop.run(lambda: step(folder, PAUSES_S[size]))
    return Outcome(said=result.said(), faults=result.faults())


FIGURE = Figure(id="A7-clock", title="steps of the wall clock", command="storm", run=run)
