"""A4: every storage call fails once; is anything accepted missing, and does the service return?

The shim makes call number n on the journal's files fail (EIO or ENOSPC): while the gateway starts,
and while it works. It may refuse for a moment, or end with a status that says so; it may not lose
what it acknowledged, say NAK or DUH to a good report (REL-7), hang, or die otherwise. Once in a
while the whole disk fails for some seconds: link tests stay unanswered then too (REL-23).
"""

from __future__ import annotations

import asyncio
import errno
import time
from pathlib import Path
from random import Random

from gateway.journal.verify import Verifier
from tests.harness.crash import running
from tests.harness.crash.link_tests import LinkTests
from tests.harness.crash.storage_shim import Faults, environment
from tests.harness.figure import Figure, Outcome, Size
from tests.support.station import Station, until

POINTS = {Size.SMOKE: 10, Size.SHORT: 300, Size.FULL: 5_000}
STARTS = {Size.SMOKE: 3, Size.SHORT: 60, Size.FULL: 400}
"""So many of the points are calls of a start."""
OUTAGES = {Size.SMOKE: 1, Size.SHORT: 4, Size.FULL: 50}
OUTAGE_S = {Size.SMOKE: 5.5, Size.SHORT: 8.0, Size.FULL: 8.0}
EPOCH = 60  # then the ledger is held against the journal, and a new one begins
FLUSHES = 0.3  # of the calls that fail while it works: there are few among the others
PANELS = 20
RETURN_S = 5.0  # service is back so soon after the disk
HONEST_S = 5.0  # so soon after the first failed commit link tests stay unanswered
ERRORS = (errno.EIO, errno.ENOSPC)


class Run:
    """One gateway and its panels, with a disk that fails when it is told to."""

    def __init__(self, folder: Path, seed: int, build: str | None):
        self.dice = Random(seed)
        callers = running.plain(0, panels=PANELS, seed=seed)
        self.station: Station = running.station_of(folder, callers, build=build)
        self.callers = running.plain(self.station.port, panels=PANELS, seed=seed)
        self.disk = Faults(folder / "faults")
        self._seen = environment(self.station.journal, faults=self.disk)
        self.faults: list[str] = []
        self.exits = 0
        self.slowest_s = 0.0

    async def start(self, where: str) -> bool:
        """Start it; False when it said that it cannot."""
        self.station.log.clear()
        try:
            await self.station.start(**self._seen)
        except AssertionError:
            if self.station.process.returncode is None:
                self.station.kill_now()
                self.faults.append(f"{where}: it neither got ready nor ended")
            await self._ended(where)
            return False
        return True

    async def _ended(self, where: str) -> None:
        status = await self.station.ended()
        self.exits += 1
        if status <= 0:
            self.faults.append(f"{where}: it ended with status {status}")
        told = [one.get("text", "") for one in self.station.log]
        if any("Traceback" in line for line in told):
            self.faults.append(f"{where}: it ended with a traceback: {told[-1]}")

    async def fail_in_start(self, number: int) -> None:
        """Have call ``number`` of a start fail, on the journal as a kill left it."""
        error = self.dice.choice(ERRORS)
        self.disk.fail(self.disk.calls + number, error)
        before = self.disk.failed
        is_ready = await self.start(f"call {number} of a start, {errno.errorcode[error]}")
        self.disk.heal()
        if not is_ready and self.disk.failed == before:
            self.faults.append(f"it did not start, and call {number} of the start was never made")
        if is_ready:
            self.station.kill_now()
            await self.station.ended()

    async def fail_at_work(self) -> None:
        """Have one of the next calls fail, and wait until the panels are answered again."""
        error = self.dice.choice(ERRORS)
        before = self.disk.failed
        if self.dice.random() < FLUSHES:
            self.disk.fail(self.disk.calls + self.dice.randint(1, 5), error, flushes=True)
        else:
            self.disk.fail(self.disk.calls + self.dice.randint(1, 80), error)
        await until(lambda: self.disk.failed > before or self._is_gone(), timeout_s=20.0)
        self.disk.heal()
        where = f"a {self.disk.what} failed with {errno.errorcode[error]}"
        began = time.monotonic()
        if await self._is_back():
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
        elif self._is_gone():
            await self._ended(where)
            await self.start(f"after {where}")
        else:
            self.faults.append(f"{where}: nobody was acknowledged for {RETURN_S} s")

    def _is_gone(self) -> bool:
        return self.station.process.returncode is not None

    async def _is_back(self) -> bool:
        try:
            # More than were on their way when it failed.
            await running.acknowledged(self.callers, 2 * PANELS, timeout_s=RETURN_S)
        except TimeoutError:
            return False
        return True

    async def outage(self, seconds: float) -> None:
        """Have every call fail for so long: nobody may hear that all is well."""
        error = self.dice.choice(ERRORS)
        account = self.callers.settings.accounts()[0]
        async with LinkTests(self.station.port, account) as tests:
            if not await tests.answered(timeout_s=RETURN_S):
                self.faults.append("no link test was answered while all was well")
            before = self.disk.failed
            self.disk.fail(self.disk.calls + 1, error, lasting=True)
            await until(lambda: self.disk.failed > before)
            began = time.monotonic()
            await asyncio.sleep(seconds)
            late = [at - began for at in tests.answers if at - began > HONEST_S]
            self.disk.heal()
            if late:
                self.faults.append(
                    f"outage of {seconds} s, {errno.errorcode[error]}: {len(late)} link tests "
                    f"answered after {HONEST_S} s, the last after {late[-1]:.1f} s"
                )
            if self._is_gone():
                await self._ended("outage")
                await self.start("after an outage")
            is_back = await tests.answered(timeout_s=RETURN_S)
            if not (is_back and await self._is_back()):
                self.faults.append(f"no service {RETURN_S} s after an outage of {seconds} s")

    async def judge(self) -> int:
        """Hold the ledger against the journal; give how many reports were accepted."""
        await self.callers.finish()
        if await self.station.stop() != 0:
            self.faults.append("it did not end well")
        self.faults += running.told(running.journalled(self.station, self.callers))
        verifier = Verifier(self.station.journal)
        self.faults += [f"journal verify: {one.words}" for one in verifier.run().findings]
        verifier.close()
        summary = self.callers.ledger.summary()
        if summary.naks or summary.refused:
            self.faults.append(f"{summary.naks} NAK and {summary.refused} DUH to good reports")
        return summary.acknowledged


class Told:
    """What all the points came to."""

    def __init__(self):
        self.accepted = 0
        self.exits = 0
        self.slowest_s = 0.0
        self.faults: list[str] = []


async def _epoch(
    folder: Path, starts: range, points: int, outages: int, size: Size, told: Told,
    build: str | None,
) -> None:  # fmt: skip
    seed = int(folder.name)
    run = Run(folder, seed, build)
    async with running.calling(run.station, run.callers):
        for number in starts:
            await run.fail_in_start(number)
        await run.start("after the starts that failed")
        for _ in range(points):
            await run.fail_at_work()
        for _ in range(outages):
            await run.outage(OUTAGE_S[size])
        told.accepted += await run.judge()
    told.faults += [f"seed {seed}: {line}" for line in run.faults]
    told.exits += run.exits
    told.slowest_s = max(told.slowest_s, run.slowest_s)


def run(size: Size, folder: Path, *, build: str | None = None) -> Outcome:
    """Fail one call after the other."""
    told = Told()
    starts, left, outages = STARTS[size], POINTS[size] - STARTS[size], OUTAGES[size]
    seed = 0
    while left and not told.faults:
        seed += 1
        points = min(EPOCH, left)
        share = -(-outages * points // left)
        first = range(1, starts + 1) if seed == 1 else range(0)
        asyncio.run(_epoch(folder / f"{seed}", first, points, share, size, told, build))
        running.forget(folder / f"{seed}", told.faults)
        left -= points
        outages -= share
    return Outcome(
        said=f"{POINTS[size] - left} storage calls failed once and {OUTAGES[size] - outages} "
        f"outages, {told.accepted:,} accepted events, {len(told.faults)} missing or wrong; "
        f"{told.exits} ends with a status, back after {told.slowest_s:.2f} s at most",
        faults=told.faults,
    )


FIGURE = Figure(id="A4", title="storage call n fails", command="crash", run=run)
