"""A2: whatever a cut of power may have left on the disk, is everything acknowledged in it?

The gateway runs under load, is killed and started again, and some of its flushes fail; the shim
keeps its writes, its flushes and the moments when acknowledgements left. Then the disk is rebuilt
as it may have been found at many of these moments (``disk.py``), and the real journal is opened
on each: it must hold every event that was acknowledged before, nothing that nobody sent, be whole
by ``journal verify`` and take the next event.
"""

from __future__ import annotations

import asyncio
import errno
import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from random import Random

from gateway.journal import SqliteStore, StoreError
from gateway.journal.reader import DATABASE
from gateway.journal.verify import Verifier
from simulators.evidence import read_event
from simulators.ledger import EventKey
from tests.harness.crash import running, single_writer
from tests.harness.crash.disk import Disk, Keep
from tests.harness.crash.storage_shim import Faults, environment
from tests.harness.crash.trace import Acknowledged, Entry, acknowledged, read
from tests.harness.figure import Figure, Outcome, Size
from tests.support.journal import AT_MS, entry

IMAGES = {Size.SMOKE: 150, Size.SHORT: 5_000, Size.FULL: 1_000_000}
IMAGES_OF_TRACE = 2_500  # a new trace, of another seed, after so many
ACKS = {Size.SMOKE: 600, Size.SHORT: 2_000, Size.FULL: 4_000}
RUNS = 4  # starts of the gateway within a trace
PANELS = 60
JUNK_BYTES = 32 << 10
_ENCODED = {DATABASE, f"{DATABASE}-wal", f"{DATABASE}-journal"}


class Recorded:
    """One trace, and what the panels know of it."""

    def __init__(self, folder: Path, entries: Sequence[Entry], sent: set[EventKey]):
        self.folder = folder
        """Of the journal, as the trace names it."""
        self.entries = entries
        self.sent = sent


async def record(folder: Path, seed: int, acks: int, build: str | None = None) -> Recorded:
    """Run the gateway as often as ``RUNS`` says, and kill it; some flushes fail."""
    callers = running.plain(0, panels=PANELS, seed=seed)
    station = running.station_of(folder, callers, build=build)
    callers = running.plain(station.port, panels=PANELS, seed=seed)
    faults, trace, dice = Faults(folder / "faults"), folder / "trace", Random(seed)
    # The folder above is watched too: that the journal's own stands in it must be durable.
    seen = environment(folder, trace=trace, faults=faults)
    async with running.calling(station, callers):
        for number in range(RUNS):
            await station.start(**seen)
            await running.acknowledged(callers, acks // RUNS // 2)
            if number % 2:
                faults.fail(faults.calls + dice.randint(1, 8), errno.EIO, flushes=True)
            await running.acknowledged(callers, acks // RUNS // 2)
            faults.heal()
            if dice.random() < 0.3:
                await station.stop()
            else:
                station.kill_now()
                await station.ended()
    sent = {one.key for one in callers.ledger.transmissions if one.first_sent_at is not None}
    return Recorded(station.journal, list(read(trace)), sent)


class Checker:
    """Opens images with the real journal; remembers events that it has read before."""

    def __init__(self, recorded: Recorded, folder: Path):
        self._recorded = recorded
        self._folder = folder
        self._known: dict[tuple[str, bytes], EventKey | None] = {}

    def key_of(self, event_id: str, json: bytes) -> EventKey | None:
        """What an event has in common with its transmission; None for the gateway's own."""
        known = (event_id, json)
        if known not in self._known:
            self._known[known] = None if b'"class":"system"' in json else read_event(json)[1]
        return self._known[known]

    def check(
        self, files: dict[str, bytearray] | None, acked: set[Acknowledged], dice: Random
    ) -> list[str]:
        """Open an image; give what is wrong with it."""
        shutil.rmtree(self._folder, ignore_errors=True)
        if files is not None:
            self._folder.mkdir()
            for name, content in files.items():
                if name in _ENCODED:
                    (self._folder / name).write_bytes(content)
            if dice.random() < 0.2:  # what others share in memory means nothing after a restart
                (self._folder / f"{DATABASE}-shm").write_bytes(dice.randbytes(JUNK_BYTES))
        corrupt: list[int] = []
        store = SqliteStore(
            self._folder, boot_id="after", utc_ms=lambda: AT_MS, confirm_by=("core-1",),
            reserve_bytes=1 << 16, corrupt=corrupt.append,
        )  # fmt: skip
        try:
            opened = store.open()
            found = store.outstanding(0, 10_000_000)
            faults = self._found(found, acked, opened.next_seq)
            store.commit([entry(opened.next_seq)], [])
        except StoreError as error:
            return [f"recovery failed: {error}"]
        finally:
            store.close()
        faults += [f"record {seq} is damaged" for seq in corrupt]
        return faults + self._verified()

    def _found(self, found, acked: set[Acknowledged], next_seq: int) -> list[str]:
        keys = [(one, self.key_of(one.event_id, one.json)) for one in found]
        events = [key for _, key in keys if key is not None]
        there = {Acknowledged(key.account, key.sequence) for key in events}
        faults = [f"{one} was acknowledged and is missing" for one in sorted(acked - there)]
        faults += [f"{key} was never sent" for key in set(events) - self._recorded.sent]
        if len(there) != len(events):
            faults.append(f"{len(events) - len(there)} events stand there twice")
        last = max((one.seq for one in found), default=0)
        if next_seq <= last:
            faults.append(f"number {next_seq} would be used again; {last} is there")
        return faults

    def _verified(self) -> list[str]:
        verifier = Verifier(self._folder)
        try:
            return [f"journal verify: {one.words}" for one in verifier.run().findings]
        finally:
            verifier.close()


def check(recorded: Recorded, folder: Path, images: int, seed: int) -> list[str]:
    """Build so many images of one trace and open each."""
    dice = Random(seed)
    keeps = list(Keep)
    count = len(recorded.entries)
    moments = sorted(dice.randrange(count) for _ in range(max(1, images // len(keeps))))
    disk, checker = Disk(recorded.folder), Checker(recorded, folder)
    acked: set[Acknowledged] = set()
    faults: list[str] = []
    for number, one in enumerate(recorded.entries):
        while moments and moments[0] == number:
            moments.pop(0)
            for keep in keeps:
                wrong = checker.check(disk.image(keep, dice), acked, dice)
                faults += [
                    f"trace {recorded.folder.parent.name}, seed {seed}, before call {number} "
                    f"({one.op}), {keep.value} of {disk.pending}: {line}"
                    for line in wrong
                ]
        if not moments or len(faults) > 200:
            break
        disk.take(one)
        if one.op == "A" and (ack := acknowledged(one.data)) is not None:
            acked.add(ack)
    return faults


def _check_apart(recorded: Recorded, images: int, seed: int) -> list[str]:
    """Check with as many processes as there are processors; the trace is shared by ``fork``."""
    workers = min(os.cpu_count() or 1, max(1, images // 100))
    base = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  images need no disk
    share = -(-images // workers)
    with tempfile.TemporaryDirectory(prefix="alarm-gateway-", dir=base) as scratch:
        asked = [(Path(scratch) / f"{n}", share, seed * 1_000 + n) for n in range(workers)]
        if workers == 1:
            return check(recorded, *asked[0])
        with multiprocessing.get_context("fork").Pool(workers, _share, (recorded,)) as pool:
            return [line for lines in pool.starmap(_check_shared, asked) for line in lines]


_shared: list[Recorded] = []


def _share(recorded: Recorded) -> None:
    os.nice(5)
    _shared[:] = [recorded]


def _check_shared(folder: Path, images: int, seed: int) -> list[str]:
    return check(_shared[0], folder, images, seed)


def run(size: Size, folder: Path, *, build: str | None = None) -> Outcome:
    """Record and check until there were enough images."""
    left, traces, calls = IMAGES[size], 0, 0
    acks = 0
    faults: list[str] = []
    while left > 0 and not faults:
        traces += 1
        images = min(left, IMAGES_OF_TRACE)
        left -= images
        recorded = asyncio.run(record(folder / f"{traces}", traces, ACKS[size], build))
        calls += len(recorded.entries)
        acks += len({acknowledged(one.data) for one in recorded.entries if one.op == "A"} - {None})
        faults += single_writer.broken(recorded.folder, recorded.entries)
        faults += _check_apart(recorded, images, traces)
        running.forget(folder / f"{traces}", faults)
    return Outcome(
        said=f"{IMAGES[size] - left:,} crash images of {traces} traces ({calls:,} calls, "
        f"{acks:,} ACKs), {len(faults)} events missing or recoveries failed",
        faults=faults,
    )


FIGURE = Figure(id="A2", title="images of the disk after a cut of power", command="crash", run=run)
