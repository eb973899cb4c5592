"""REL-18 on a real full disk: a small tmpfs that another program fills, twenty times."""

from __future__ import annotations

import asyncio
import os
import subprocess
import time
from pathlib import Path

import pytest

from gateway.journal import Journal, SqliteStore
from gateway.journal.room import RESERVE_FILE, Room
from gateway.journal.upkeep import Limits, Upkeep
from gateway.journal.verify import Verifier
from hardware.clock import LoopTimers, SystemClock
from tests.support.journal import AT_MS, IDS, entry, stored

DISK_MIB = 64
RESERVE = 4 << 20
BACK_S = 5.0


@pytest.fixture
def disk(tmp_path):
    """A file system of its own; skipped where nobody may mount one."""
    where = tmp_path / "disk"
    where.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(where)]
    if os.geteuid() or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a tmpfs")
    yield where
    subprocess.run(["umount", "-l", str(where)], check=True)


class Others:
    """Another program on the same disk: it takes all there is, and lets go of it."""

    def __init__(self, disk: Path) -> None:
        self.path = disk / "others"

    def fill(self) -> None:
        piece = bytes(4096)
        with self.path.open("ab", buffering=0) as file:
            try:
                while True:
                    file.write(piece)
            except OSError:
                pass

    def free(self) -> None:
        self.path.unlink(missing_ok=True)


class Told:
    def __init__(self) -> None:
        self.full = False
        self.changes: list[bool] = []
        self.turned = asyncio.Event()

    def filled(self, is_full) -> None:
        self.full = is_full
        self.changes.append(is_full)
        self.turned.set()

    async def until(self, *, is_full: bool) -> None:
        async with asyncio.timeout(10):
            while self.full is not is_full:
                self.turned.clear()
                await self.turned.wait()


def event(seq: int, **said):
    return entry(seq, **({"json": b"x" * 1000} | said))


async def test_filled_and_freed_twenty_times(disk):
    told, others = Told(), Others(disk)
    store = SqliteStore(
        disk / "journal", boot_id="b", utc_ms=lambda: AT_MS, confirm_by=("core-1",),
        reserve_bytes=RESERVE,
    )  # fmt: skip
    journal = Journal(store, clock=SystemClock(), confirm_by=("core-1",), filled=told.filled)
    await journal.start()
    acknowledged: set[int] = set()
    waits = []
    for _ in range(20):
        others.fill()
        refused = None
        while refused is None:
            seq = journal.next_seq()
            if await stored(journal, [event(seq)]):
                acknowledged.add(seq)
            else:
                refused = seq
        await told.until(is_full=True)
        assert not (disk / "journal" / RESERVE_FILE).exists()
        # No report, no link test; but what operators must hear, and what the core confirms.
        assert not journal.commits_succeed
        assert await stored(journal, [event(journal.next_seq())]) is False
        own = journal.next_seq()
        assert await stored(journal, [event(own, class_="system")])
        acknowledged.add(own)
        assert own in [one.seq for one in await journal.outstanding(own - 1, 5)]
        confirmed = asyncio.get_running_loop().create_future()
        journal.confirm("core-1", [IDS.id(AT_MS, own)], confirmed.set_result)
        assert (await confirmed).done
        others.free()
        began = time.monotonic()
        await told.until(is_full=False)
        waits.append(time.monotonic() - began)
        assert journal.commits_succeed
        seq = journal.next_seq()
        assert await stored(journal, [event(seq)])
        acknowledged.add(seq)
    assert max(waits) < BACK_S
    assert told.changes == [True, False] * 20
    await journal.stop()
    verifier = Verifier(disk / "journal")
    verified = verifier.run()
    verifier.close()
    assert (verified.findings, verified.records) == ([], len(acknowledged))


async def test_a_journal_that_filled_the_disk_itself_goes_on_with_the_room_of_what_was_removed(
    disk,
):
    told = Told()
    store = SqliteStore(
        disk / "journal", boot_id="b", utc_ms=lambda: AT_MS, confirm_by=("core-1",),
        reserve_bytes=24 << 20,
    )  # fmt: skip
    journal = Journal(store, clock=SystemClock(), confirm_by=("core-1",), filled=told.filled)
    await journal.start()
    seqs = []
    is_stored = True
    while is_stored:
        some = [event(journal.next_seq(), json=b"x" * 10_000) for _ in range(100)]
        is_stored = await stored(journal, some)
        seqs += [one.seq for one in some] if is_stored else []
    await told.until(is_full=True)
    upkeep = Upkeep(
        journal, Limits(keep_days=400, allowance_bytes=1 << 40), clock=SystemClock(),
        timers=LoopTimers(), known_s=0.0, young_seq=1 << 40, tell=lambda *_what, **_kind: None,
    )  # fmt: skip
    await upkeep.turn()
    assert not journal.commits_succeed  # nothing can be removed
    journal.confirm("core-1", [IDS.id(AT_MS, seq) for seq in seqs])
    async with asyncio.timeout(10):
        while told.full:
            await journal.between(journal.kept.seal)
            await upkeep.turn()
    # A reserve cannot be had, but events can be stored where others stood.
    assert await stored(journal, [event(journal.next_seq())])
    assert len(await journal.outstanding(0, 10)) == 1
    await journal.stop()


async def test_it_starts_on_a_full_disk_and_says_so(disk):
    others = Others(disk)

    def made() -> SqliteStore:
        return SqliteStore(
            disk / "journal", boot_id="b", utc_ms=lambda: AT_MS, reserve_bytes=RESERVE
        )

    store = made()
    store.open()
    store.commit([event(seq) for seq in range(1, 50)], [])
    store.close()
    others.fill()
    told = Told()
    journal = Journal(made(), clock=SystemClock(), filled=told.filled)
    opened = await journal.start()
    assert opened.outstanding == 49
    seq = journal.next_seq()
    while await stored(journal, [event(seq)]):  # a start may find some room left in its files
        seq = journal.next_seq()
    await told.until(is_full=True)
    others.free()
    await told.until(is_full=False)
    assert await stored(journal, [event(journal.next_seq())])
    await journal.stop()


def test_no_reserve_is_taken_where_there_is_no_room_for_it(tmp_path, monkeypatch):
    room = Room(tmp_path, 1 << 20)
    monkeypatch.setattr(room, "disk", lambda: (2 << 20, 100 << 20))
    assert room.is_short
    assert not room.reserve()
    monkeypatch.setattr(room, "disk", lambda: (4 << 20, 100 << 20))
    assert room.reserve()
    assert room.reserve()
    monkeypatch.setattr(room, "disk", lambda: (2 << 20, 100 << 20))
    assert not room.is_short  # with the reserve in hand
    room.release()
    room.release()
    assert not room.is_reserved
