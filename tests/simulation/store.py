"""The journal's store and its writing thread, on the simulated disk."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from gateway.journal.entry import AnyEntry, Identity
from gateway.journal.ids import seq_of
from gateway.journal.keeping import Head, Measured
from gateway.journal.store import Again, Confirm, Confirmed, Opened, StoreError
from gateway.journal.writer import OWN_CLASS, Writer
from tests.simulation.clock import MONOTONIC_AT_BEGIN_S
from tests.simulation.disk import Disk, Row
from tests.simulation.loop import Loop
from tests.simulation.process import Process

GAP = 65_536  # numbers left out after a crash, as SQLite's store does
FREE_BYTES = 100 << 30


class SimulatedStore:
    """See ``gateway.journal.store.Store``; one for each life, all on one disk."""

    def __init__(self, disk: Disk, process: Process, confirm_by: Sequence[str]) -> None:
        self.disk = disk
        self.process = process
        self._confirm_by = frozenset(confirm_by) or frozenset({""})
        self._is_open = False
        self._is_full = False
        self._boot = 0
        self._last_seq = 0

    # -- open and close ------------------------------------------------------------------------

    def open(self) -> Opened:
        disk = self.disk
        self._is_open = False
        # A reopened store proves itself by a commit.
        fails = max(disk.trouble.open_fails, disk.trouble.commit_fails if self._boot else 0.0)
        if disk.dice.random() < fails:
            self.process.trace("store", "open fails")
            raise StoreError("the disk does not answer")
        if self._boot:
            disk.limbo = []
            next_seq, is_clean = self._last_seq + 1, False
        else:
            is_clean = disk.is_clean
            disk.boots += 1
            self._boot = disk.boots
            self._last_seq = disk.highest
            next_seq = disk.highest + 1 + (0 if is_clean else GAP)
        disk.is_clean = False
        self._is_open = True
        self._is_full = disk.trouble.is_full
        if not self._is_full:
            self._commits_succeed()
        self.process.trace("store", f"opened, next {next_seq}, {'full' if self._is_full else 'ok'}")
        return Opened(
            next_seq=next_seq,
            outstanding=len(disk.rows) - len(disk.done),
            is_clean=is_clean,
            version="simulated",
            is_full=self._is_full,
        )

    def close(self) -> None:
        if self._is_open:
            self.disk.is_clean = True
        self._is_open = False

    # -- the group -----------------------------------------------------------------------------

    def commit(
        self, entries: Sequence[AnyEntry], confirms: Sequence[Confirm], again: Sequence[Again] = ()
    ) -> list[Confirmed]:
        disk, process = self.disk, self.process
        self._require_open()
        process.point("commit")
        rows = [self._row(entry) for entry in entries]
        is_for_reports = any(row.class_ != OWN_CLASS for row in rows)
        trouble = disk.trouble
        is_refused = trouble.is_full and (is_for_reports or not self._is_full)
        if is_refused or disk.dice.random() < trouble.commit_fails:
            if rows and not is_refused and disk.dice.random() < trouble.leaves_limbo:
                disk.limbo += rows
            self._commits_fail()
            process.trace("store", f"commit of {len(rows)} fails, limbo {len(disk.limbo)}")
            self._is_open = False
            raise StoreError("no space left" if is_refused else "the flush failed")
        if disk.is_lazy:
            disk.cache += rows
        else:
            disk.keep(rows)
        if rows:
            self._last_seq = max(self._last_seq, rows[-1].seq)
            process.trace("store", f"stored {rows[0].seq}..{rows[-1].seq} ({len(rows)})")
            process.stored(rows)
        if not self._is_full:
            self._commits_succeed()
        told = [self._confirm(confirm) for confirm in confirms]
        for one in again:
            disk.links[one.link] = (one.digest, one.received_ms)
        process.point("committed")
        return told

    def _row(self, entry: AnyEntry) -> Row:
        whole: Any = entry if hasattr(entry, "report_id") else entry.whole()
        return Row(
            seq=whole.seq, event_id=whole.event_id, account=whole.account, class_=whole.class_,
            is_priority=whole.is_priority, received_ms=whole.received_ms, json=whole.json,
            raw=whole.raw, identity=whole.identity, link=whole.link, input=whole.input,
            report_id=whole.report_id, count=whole.count,
            at=whole.monotonic_ns / 1e9 - MONOTONIC_AT_BEGIN_S,
        )  # fmt: skip

    def _commits_fail(self) -> None:
        if self.disk.failing_since is None:
            self.disk.failing_since = self.process.timeline.now

    def _commits_succeed(self) -> None:
        self.disk.failing_since = None

    def _confirm(self, confirm: Confirm) -> Confirmed:
        disk = self.disk
        done, waiting, repeated, unknown = [], 0, 0, 0
        for event_id in dict.fromkeys(confirm.event_ids):
            seq = seq_of(event_id)
            row = None if seq is None else disk.rows.get(seq)
            if row is None or row.event_id != event_id:
                unknown += 1
                continue
            by = disk.confirmed.setdefault(event_id, set())
            if event_id in disk.done or confirm.consumer in by:
                repeated += 1
                continue
            by.add(confirm.consumer)
            if by >= self._confirm_by:
                disk.done.add(event_id)
                done.append(event_id)
                self.process.done(row)
            else:
                waiting += 1
        return Confirmed(
            consumer=confirm.consumer,
            done=tuple(done),
            waiting=waiting,
            repeated=repeated,
            unknown=unknown,
        )

    def republish(self, from_seq: int, to_seq: int) -> int:
        self._require_open()
        ids = [row.event_id for row in self.disk.rows.values() if from_seq <= row.seq <= to_seq]
        again = self.disk.done.intersection(ids)
        self.disk.done -= again
        for event_id in again:
            self.disk.confirmed.pop(event_id, None)
        return len(again)

    def tidy(self, *, is_idle: bool) -> None:
        del is_idle

    # -- reading -------------------------------------------------------------------------------

    def identities(self, since_ms: int) -> list[Identity]:
        self._require_read()
        found = []
        for _, row in sorted(self._seen().items(), reverse=True):
            if row.received_ms < since_ms:
                break  # as SQLite's store does, whatever the clock did
            if row.identity:
                found.append(_identity(row))
        found.reverse()
        again = [
            Identity(seq=0, digest=digest, received_ms=received_ms, link=link)
            for link, (digest, received_ms) in sorted(self.disk.links.items())
            if received_ms >= since_ms
        ]
        return found + again

    def linked(self, link: str, limit: int) -> list[Any]:
        self._require_read()
        return [row for _, row in sorted(self._seen().items()) if row.link == link][-limit:]

    def outstanding(self, after_seq: int, limit: int) -> list[Any]:
        self._require_read()
        done = self.disk.done
        return [
            row
            for seq, row in sorted(self._seen().items())
            if seq > after_seq and row.event_id not in done
        ][:limit]

    def outstanding_keys(self, after_seq: int, limit: int) -> list[tuple[int, str, bool]]:
        return [
            (row.seq, row.account, row.is_priority) for row in self.outstanding(after_seq, limit)
        ]

    def read(self, seqs: Sequence[int]) -> list[Any]:
        self._require_read()
        seen = self._seen()
        return [seen[seq] for seq in seqs if seq in seen]

    def _seen(self) -> dict[int, Row]:
        if not self.disk.cache:
            return self.disk.rows
        return self.disk.rows | {row.seq: row for row in self.disk.cache}

    def _require_open(self) -> None:
        if not self._is_open:
            raise StoreError("the journal is not open")

    def _require_read(self) -> None:
        if not self._boot or self.disk.dice.random() < self.disk.trouble.read_fails:
            self.process.trace("store", "a read fails")
            raise StoreError("the disk does not answer")

    # -- upkeep: see ``keeping.Kept`` ------------------------------------------------------------

    def measure(self) -> Measured:
        self._require_open()
        return Measured(
            used_bytes=len(self.disk.rows) << 10,
            spare_bytes=0,
            disk_free_bytes=FREE_BYTES,
            disk_bytes=2 * FREE_BYTES,
            reserve_bytes=32 << 20,
            done=len(self.disk.done),
            oldest_ms=None,
            last_seq=self._last_seq,
            sealed_seq=self._last_seq,
            removed_seq=0,
        )

    def head(self) -> Head:
        return Head(0, 0, b"")

    def seal(self) -> Head | None:
        return None

    def remove(self, *, below_seq: int, before_ms: int | None) -> int:
        del below_seq, before_ms
        return 0

    def remove_forms(self) -> int:
        return 0

    def regain(self) -> bool:
        self._require_open()
        if not self.disk.trouble.is_full:
            self._is_full = False
            self._commits_succeed()
        return not self._is_full


class SimulatedWriter(Writer):
    """The real writer, but its thread is a part of the timeline: a flush takes simulated time."""

    store: SimulatedStore

    def __init__(self, store: SimulatedStore, **said: Any) -> None:
        super().__init__(store, **said)
        self._process = store.process
        self._disk = store.disk
        self._runs = False
        self._is_busy = False

    @property
    def _is_alive(self) -> bool:
        return self._runs

    @property
    def _loop(self) -> Loop:
        return self._process.loop

    def start(self) -> None:
        self._runs = True

    def ring(self) -> None:
        if not self._is_rung:
            self._is_rung = True
            self._later(0.00005, self._wake)

    def stop(self) -> None:
        self._is_stopping = True
        while self._jobs or self._taken:
            self._do_one()
        self._runs = False

    def _later(self, delay_s: float, what: Any) -> None:
        self._process.timeline.after(delay_s, what, owner=self._loop)

    def _wake(self) -> None:
        if self._is_busy or not self._runs:
            return
        self._is_rung = False
        if not (self._jobs or self._taken):
            self._rest()
            if self.is_broken or self.is_full:
                self._later(self._retry_s, self._wake)
            return
        if not self._taken:
            self._take()
        group = self._taken[0]
        self._is_busy = True
        if group.call is not None or self.is_broken:
            self._later(0.0001, self._finish)
            return
        self._flushing_since = self._monotonic()
        self._disk.flushing_since = self._process.timeline.now
        self._later(self._disk.dice.uniform(*self._disk.trouble.flush_s), self._finish)

    def _finish(self) -> None:
        if self._runs:
            self._do_one()
            self._is_busy = False
            self._wake()

    def _do_one(self) -> None:
        if not self._taken:
            self._take()
        self._flushing_since = self._disk.flushing_since = None
        self._do(self._taken[0])


def _identity(row: Row) -> Identity:
    return Identity(seq=row.seq, digest=row.identity, received_ms=row.received_ms, link=row.link)


def opener(disk: Disk, process: Process) -> Any:
    """Make ``World.open_store``."""

    def open_store(config: Any, *, boot_id: str, clock: Any, corrupt: Any) -> SimulatedStore:
        del boot_id, clock, corrupt
        return SimulatedStore(disk, process, config.mqtt.confirm_by)

    return partial(open_store)
