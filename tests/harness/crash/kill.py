"""A1: killed again and again at the moment when an ACK is read; is anything acknowledged missing?

The journal begins anew every hundred kills, so that what was acknowledged can be held against
what is there without a day's work.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from random import Random

from gateway.journal.verify import Verifier
from tests.harness.crash import running
from tests.harness.figure import Figure, Outcome, Size

ANSWERS_MOST = {Size.SMOKE: 300, Size.SHORT: 1_000, Size.FULL: 2_000}
"""A run lives for up to so many answers; half of it on average."""
PANELS = 60  # stop-and-wait: more than 2,000 events a second on two cores
EPOCH = 100
CYCLES = {Size.SMOKE: 8, Size.SHORT: 400, Size.FULL: 10_000}


class Told:
    """What the kills came to."""

    def __init__(self):
        self.kills = 0
        self.accepted = 0
        self.load_s = 0.0
        self.faults: list[str] = []


async def _epoch(
    folder: Path, cycles: int, answers: int, seed: int, told: Told, build: str | None
) -> None:
    callers = running.plain(0, panels=PANELS, seed=seed, udp_share=0.25)
    station = running.station_of(folder, callers, build=build)
    callers = running.plain(station.port, panels=PANELS, seed=seed, udp_share=0.25)
    dice = Random(seed)
    async with running.calling(station, callers):
        for _ in range(cycles):
            await station.start()
            began = time.monotonic()
            callers.on_answer(dice.randint(1, answers), station.kill_now)
            await station.ended()
            told.load_s += time.monotonic() - began
            told.kills += 1
        await station.start()
        await callers.finish()
        if await station.stop() != 0:
            told.faults.append(f"seed {seed}: the gateway did not end well after its last start")
    told.accepted += callers.ledger.summary().acknowledged
    told.faults += [
        f"seed {seed}: {line}" for line in running.told(running.journalled(station, callers))
    ]
    verifier = Verifier(station.journal)
    found = verifier.run().findings
    verifier.close()
    told.faults += [f"seed {seed}: journal verify: {one.words}" for one in found]


def run(size: Size, folder: Path, *, build: str | None = None) -> Outcome:
    """Kill, and compare the panels' ledger with the journal."""
    told = Told()
    left = CYCLES[size]
    for seed in range(1, 1_000_000):
        cycles = min(EPOCH, left)
        asyncio.run(_epoch(folder / f"{seed}", cycles, ANSWERS_MOST[size], seed, told, build))
        running.forget(folder / f"{seed}", told.faults)
        left -= cycles
        if not left or told.faults:
            break
    rate = told.accepted / max(told.load_s, 0.001)
    return Outcome(
        said=f"{told.kills:,} kills -9, {told.accepted:,} accepted events at {rate:,.0f} ev/s, "
        f"{len(told.faults)} missing or wrong",
        faults=told.faults,
    )


FIGURE = Figure(id="A1", title="kill -9 at the moment an ACK is read", command="crash", run=run)
