"""Journals for tests: entries with as little as possible said, real files, a store with a gate."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway.journal import (
    Again,
    Confirm,
    Confirmed,
    Entry,
    EntryRefused,
    EventIds,
    Identity,
    Journal,
    Opened,
    Outstanding,
    SqliteStore,
    StoreError,
)
from hardware.clock import SystemClock

AT_MS = 1_800_000_000_000
IDS = EventIds(lambda n: bytes(range(n)))


def entry(seq: int, **said: Any) -> Entry:
    """An event of number ``seq``."""
    fields: dict[str, Any] = {
        "event_id": IDS.id(AT_MS, seq), "report_id": IDS.id(AT_MS, seq), "index": 0, "count": 1,
        "input": "ip-1", "peer": "192.0.2.7:51823", "account": "1234", "class_": "alarm",
        "is_priority": False, "received_ms": AT_MS + seq, "monotonic_ns": seq,
        "raw": b'\n0123"ADM-CID"\r', "json": b'{"seq":%d}' % seq, "identity": b"%016d" % seq,
    }  # fmt: skip
    return Entry(seq=seq, **(fields | said))


def entries(first: int, last: int) -> list[Entry]:
    """Events with these numbers, both ends included."""
    return [entry(seq) for seq in range(first, last + 1)]


def sqlite_store(directory: Path, **said: Any) -> SqliteStore:
    """A real store on real files; nothing is open yet."""
    usual = {
        "boot_id": "boot-1", "utc_ms": lambda: AT_MS, "confirm_by": ("core-1",),
        "reserve_bytes": 1 << 16,
    }  # fmt: skip
    return SqliteStore(directory, **(usual | said))


async def started(directory: Path, **said: Any) -> Journal:
    """A running journal on real files."""
    confirm_by = said.pop("confirm_by", ("core-1",))
    store = said.pop("store", None) or sqlite_store(directory, confirm_by=confirm_by)
    journal = Journal(store, clock=SystemClock(), confirm_by=confirm_by, retry_s=0.01, **said)
    await journal.start()
    return journal


def stored(journal: Journal, events: Sequence[Entry]) -> asyncio.Future[bool]:
    """Append and give what ``done`` says."""
    told: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    journal.append(events, told.set_result)
    return told


class GatedStore:
    """A store in memory whose commits wait at a gate and fail on demand."""

    def __init__(self, *, is_open: bool = True) -> None:
        self.groups: list[list[int]] = []
        self.confirms: list[Confirm] = []
        self.again: list[Again] = []
        self.opened = 0
        self.fails: list[Exception] = []
        self.open_fails: list[Exception] = []
        self.poison: set[int] = set()
        self.broken: set[int] = set()
        self.arrived = threading.Semaphore(0)
        self.gate = threading.Event()
        self.is_closed = False
        if is_open:
            self.gate.set()

    def open(self) -> Opened:
        self.opened += 1
        if self.open_fails:
            raise self.open_fails.pop(0)
        return Opened(next_seq=1, outstanding=0, is_clean=True, version="memory")

    def commit(
        self, entries: Sequence[Entry], confirms: Sequence[Confirm], again: Sequence[Again] = ()
    ) -> list[Confirmed]:
        self.arrived.release()
        assert self.gate.wait(10)
        if self.fails:
            raise self.fails.pop(0)
        seqs = [entry.seq for entry in entries]
        if self.broken.intersection(seqs):
            raise StoreError("disk I/O error")
        if self.poison.intersection(seqs):
            raise EntryRefused("it cannot be stored")
        self.groups.append(seqs)
        self.confirms += confirms
        self.again += again
        return [
            Confirmed(consumer=c.consumer, done=c.event_ids, waiting=0, repeated=0, unknown=0)
            for c in confirms
        ]

    def republish(self, from_seq: int, to_seq: int) -> int:
        return to_seq - from_seq + 1

    def identities(self, since_ms: int) -> list[Identity]:
        del since_ms
        return []

    def linked(self, link: str, limit: int) -> list[Outstanding]:
        del link, limit
        return []

    def outstanding(self, after_seq: int, limit: int) -> list[Outstanding]:
        del after_seq, limit
        return []

    def outstanding_keys(self, after_seq: int, limit: int) -> list[tuple[int, str, bool]]:
        del after_seq, limit
        return []

    def read(self, seqs: Sequence[int]) -> list[Outstanding]:
        del seqs
        return []

    def tidy(self, *, is_idle: bool) -> None:
        del is_idle

    def close(self) -> None:
        self.is_closed = True

    async def until_commit(self) -> None:
        """Wait until a commit stands at the gate."""
        assert await asyncio.to_thread(self.arrived.acquire, timeout=10)
