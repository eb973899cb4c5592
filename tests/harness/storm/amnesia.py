"""A6: the broker is killed again and again under load and remembers nothing afterwards.

A real Mosquitto without persistence: whatever it had acknowledged and not handed on is gone with
it. Nothing of that may be lost at the core, and nothing be effected twice (REL-4, REL-42).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from simulators import loop
from simulators.ledger import Comparison
from tests.harness.figure import Figure, Outcome, Size
from tests.harness.storm.rig import running
from tests.support.fleet import KEY, Callers
from tests.support.station import LAUNCH

KILLS = {Size.SMOKE: 3, Size.SHORT: 40, Size.FULL: 1_000}
LEAST_S, MOST_S = 0.3, 1.5  # between two kills
RECEIVER_WINDOW = "[ingest]\nlink_repeat_s = 600.0"


@dataclass(frozen=True)
class Run:
    """What was seen."""

    kills: int
    acknowledged: int
    repeats: int
    """Publications beyond the first of an event, by the gateway's own count."""
    at_core: Comparison

    def faults(self) -> list[str]:
        """What broke the promise."""
        found = []
        if not self.at_core.is_clean:
            found.append(
                f"missing {self.at_core.missing[:5]}, doubled {self.at_core.doubled[:5]}, "
                f"foreign {self.at_core.foreign[:5]}"
            )
        if self.acknowledged < 10 * self.kills:
            found.append(f"only {self.acknowledged} reports: there was no load to speak of")
        return found

    def said(self) -> str:
        """The figure in words."""
        return (
            f"{self.kills} broker kills with its state wiped, {self.acknowledged:,} acknowledged "
            f"reports, {len(self.at_core.missing)} missing, {len(self.at_core.doubled)} doubled"
        )


async def forget(folder: Path, kills: int, launch: Iterable[str] = LAUNCH, seed: int = 4711) -> Run:
    """Play it."""
    serial = folder / "serial"
    settings = Callers(0, serial).settings
    dice = Random(seed)
    async with running(
        folder,
        settings.accounts(),
        starts=False,
        encrypted=settings.encrypted_accounts(),
        key=KEY,
        serial=serial,
        extra=RECEIVER_WINDOW,
        launch=launch,
    ) as rig:
        callers = Callers(rig.station.port, serial, seed=seed)
        async with callers:
            await rig.station.start()
            for _ in range(kills):
                await asyncio.sleep(dice.uniform(LEAST_S, MOST_S))
                # The core comes back after the gateway: what is published to nobody, the new
                # broker acknowledges and forgets.
                rig.core.freeze()
                rig.broker.kill()
                await asyncio.sleep(dice.uniform(0.0, 0.3))
                await rig.broker.start()
                await asyncio.sleep(dice.uniform(0.5, 1.5))
                rig.core.thaw()
            await callers.finish()
        await rig.drained()
        counters = await rig.counters()
        await asyncio.sleep(0.5)  # the core writes down what it got last
    return Run(
        kills=kills,
        acknowledged=callers.ledger.summary().acknowledged,
        repeats=counters.get("event_resent", 0),
        at_core=callers.ledger.compare((each.id, each.key) for each in rig.core.of_panels()),
    )


def run(size: Size, folder: Path) -> Outcome:
    """See ``Figure.run``."""
    result = loop.run(lambda: forget(folder, KILLS[size]))
    return Outcome(said=result.said(), faults=result.faults())


FIGURE = Figure(id="A6", title="the broker dies and forgets", command="storm", run=run)
