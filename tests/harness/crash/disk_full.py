"""REL-18: a disk is filled and freed again and again. Who is told that all is well meanwhile?

The journal stands on a small tmpfs that another program fills. Then no report and no link test is
acknowledged, the gateway lives on, says so in an event out of its reserve, and serves again within
five seconds of there being room.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from gateway.journal import Reader
from gateway.journal.verify import Verifier
from tests.harness.crash import running
from tests.harness.crash.link_tests import LinkTests
from tests.harness.figure import Figure, Outcome, Size

TIMES = {Size.SMOKE: 2, Size.SHORT: 20, Size.FULL: 1_000}
DISK_MIB = 64
PANELS = 20
RETURN_S = 5.0
SILENT_S = 1.0  # without an answer for so long: refused
NOTICE_S = 20.0
ABSENT = "nobody but root may mount a tmpfs"


@contextlib.contextmanager
def small_disk(where: Path) -> Iterator[Path | None]:
    """Mount a file system of its own; None where that is not allowed."""
    where.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(where)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield where
    finally:
        subprocess.run(["umount", "-l", str(where)], check=True)


def _fill(file: Path) -> None:
    piece = bytes(4096)
    with file.open("ab", buffering=0) as others, contextlib.suppress(OSError):
        while True:
            others.write(piece)


class Run:
    """A gateway whose journal stands on the small disk."""

    def __init__(self, folder: Path, disk: Path, build: str | None):
        callers = running.plain(0, panels=PANELS)
        self.station = running.station_of(folder, callers, build=build)
        config = self.station.config.read_text()
        self.journal = disk / "journal"
        self.station.config.write_text(config.replace(str(self.station.journal), str(self.journal)))
        self.station.journal = self.journal
        self.callers = running.plain(self.station.port, panels=PANELS)
        self.others = disk / "others"
        self.faults: list[str] = []
        self.slowest_s = 0.0

    def _acknowledged(self) -> int:
        return self.callers.ledger.summary().acknowledged

    async def _is_silent(self) -> bool:
        """Wait until nobody was acknowledged for a while."""
        ends = time.monotonic() + NOTICE_S
        while time.monotonic() < ends:
            before = self._acknowledged()
            await asyncio.sleep(SILENT_S)
            if self._acknowledged() == before:
                return True
        return False

    async def once(self, number: int, tests: LinkTests) -> None:
        """Fill the disk, look who is answered, and free it."""
        await asyncio.to_thread(_fill, self.others)
        if not await self._is_silent():
            self.faults.append(f"time {number}: reports are acknowledged on a full disk")
        answered = len(tests.answers)
        await asyncio.sleep(SILENT_S)
        if len(tests.answers) > answered:
            self.faults.append(f"time {number}: link tests are answered on a full disk")
        if self.station.process.returncode is not None:
            self.faults.append(f"time {number}: it ended on a full disk")
        self.others.unlink()
        began = time.monotonic()
        try:
            await running.acknowledged(self.callers, 2 * PANELS, timeout_s=RETURN_S)
        except TimeoutError:
            self.faults.append(f"time {number}: no service {RETURN_S} s after there was room")
        self.slowest_s = max(self.slowest_s, time.monotonic() - began)

    async def play(self, times: int) -> int:
        """Do it so often; give how many reports were accepted."""
        async with running.calling(self.station, self.callers):
            await self.station.start()
            async with LinkTests(self.station.port, self.callers.settings.accounts()[0]) as tests:
                await tests.answered(timeout_s=RETURN_S)
                for number in range(1, times + 1):
                    await self.once(number, tests)
            await self.callers.finish()
            if await self.station.stop() != 0:
                self.faults.append("it did not end well")
            self._judge(times)
        return self._acknowledged()

    def _judge(self, times: int) -> None:
        self.faults += running.told(running.journalled(self.station, self.callers))
        verifier = Verifier(self.journal)
        self.faults += [f"journal verify: {one.words}" for one in verifier.run().findings]
        verifier.close()
        reader = Reader(self.journal)
        codes = [
            msgspec.json.decode(one.json)["data"]["code"]["value"]
            for one in reader.list(limit=10_000_000)
            if one.class_ == "system"
        ]
        reader.close()
        if codes.count("storage_full") < times:
            said = codes.count("storage_full")
            self.faults.append(f"full {times} times, and said so in {said} events")


def run(size: Size, folder: Path, *, build: str | None = None) -> Outcome:
    """Fill and free."""
    with small_disk(folder / "disk") as disk:
        if disk is None:
            return Outcome(said=f"not run: {ABSENT}", faults=[ABSENT])
        one = Run(folder / "station", disk, build)
        accepted = asyncio.run(one.play(TIMES[size]))
    return Outcome(
        said=f"a disk filled and freed {TIMES[size]} times, {accepted:,} accepted events, "
        f"{len(one.faults)} missing or wrong; back after {one.slowest_s:.2f} s at most",
        faults=one.faults,
    )


FIGURE = Figure(id="REL-18", title="a disk filled and freed", command="crash", run=run)
