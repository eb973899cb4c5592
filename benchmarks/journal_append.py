"""How many events a second the journal makes durable, while the loop's thread has work of its own.

``python -m benchmarks.journal_append`` runs two measurements and prints a line for each:

* store: groups of a fixed size into ``SqliteStore.commit``, next to a thread that computes;
* journal: as many events in flight as a station has panels calling at once, each followed by the
  next as soon as it is durable, with 10 us of Python per event on the loop.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from gateway.journal import Entry, EventIds, Journal, SqliteStore
from hardware.clock import SystemClock

SWITCH_INTERVAL_S = 0.0001
EVENTS = 20_000
JSON = b'{"data":"' + b"x" * 1100 + b'"}'
_ids = EventIds(lambda count: bytes(range(count)))


def entry(seq: int) -> Entry:
    """Make an event of a usual size."""
    event_id = _ids.id(1_800_000_000_000, seq)
    return Entry(
        seq=seq, event_id=event_id, report_id=event_id, index=0, count=1, input="ip-1",
        peer="192.0.2.7:51823", account="1234", class_="alarm", is_priority=True,
        received_ms=1_800_000_000_000, monotonic_ns=seq, raw=b"r" * 70, json=JSON,
        identity=b"%016d" % seq,
    )  # fmt: skip


def work() -> None:
    """Spend about 10 us of Python."""
    total = 0
    for number in range(200):
        total += number


def store_run(directory: Path, group: int) -> float:
    """Give events per second for groups of one size, next to a busy thread."""
    store = SqliteStore(directory, boot_id="bench", utc_ms=lambda: 0)
    store.open()
    is_over = threading.Event()

    def busy() -> None:
        while not is_over.is_set():
            work()

    groups: list[Sequence[Entry]] = [
        [entry(seq) for seq in range(first, first + group)] for first in range(1, EVENTS, group)
    ]
    thread = threading.Thread(target=busy)
    thread.start()
    began = time.perf_counter()
    for entries in groups:
        store.commit(entries, ())
        store.tidy(is_idle=False)
    spent = time.perf_counter() - began
    is_over.set()
    thread.join()
    store.close()
    return group * len(groups) / spent


async def journal_run(directory: Path, in_flight: int) -> tuple[float, float]:
    """Give events per second and the 99th percentile of the wait in ms, that many in flight."""
    store = SqliteStore(directory, boot_id="bench", utc_ms=lambda: 0)
    journal = Journal(store, clock=SystemClock())
    await journal.start()
    over = asyncio.get_running_loop().create_future()
    waits: list[float] = []

    def send() -> None:
        work()
        began = time.perf_counter()

        def done(is_stored: bool) -> None:  # noqa: FBT001  the shape of the callback
            assert is_stored
            waits.append(time.perf_counter() - began)
            if len(waits) + in_flight <= EVENTS:
                send()
            elif len(waits) == EVENTS:
                over.set_result(None)

        journal.append((entry(journal.next_seq()),), done)

    started = time.perf_counter()
    for _ in range(in_flight):
        send()
    await over
    spent = time.perf_counter() - started
    await journal.stop()
    return EVENTS / spent, sorted(waits)[len(waits) * 99 // 100] * 1000


def main() -> None:
    """Run everything and print."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    for group in (1, 50, 500):
        with tempfile.TemporaryDirectory(dir=".") as directory:
            rate = store_run(Path(directory), group)
        print(f"store    groups of {group:>3}     {rate:>9,.0f} events/s")
    for in_flight in (1, 50, 500):
        with tempfile.TemporaryDirectory(dir=".") as directory:
            rate, p99_ms = asyncio.run(journal_run(Path(directory), in_flight))
        print(f"journal  {in_flight:>3} in flight     {rate:>9,.0f} events/s, p99 {p99_ms:.1f} ms")


if __name__ == "__main__":
    main()
