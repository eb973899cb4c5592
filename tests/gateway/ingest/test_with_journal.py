"""Ingest over the real journal on real files: what was acknowledged is on disk, once."""

from __future__ import annotations

import asyncio
import sqlite3

import msgspec
import pytest

from gateway.contract.event import AlarmEvent
from gateway.journal import Journal, Reader, SqliteStore
from hardware.clock import SystemClock
from protocols._core import Verdict
from tests.support.receiving import PANEL, RECEIVER, Bench, frame, report

ACK, SILENCE = Verdict.ACK, Verdict.SILENCE


class Station(Bench):
    """A bench whose journal is the real one."""

    def __init__(self, directory) -> None:
        self.directory = directory
        self.fails = False
        self.committed: list[int] = []
        super().__init__()

    async def start(self) -> None:
        def connect(*where, **said):
            station = self

            class Watched(sqlite3.Connection):
                def execute(self, sql, *values):
                    if sql.startswith("INSERT INTO event") and station.fails:
                        raise sqlite3.OperationalError("database or disk is full")
                    result = super().execute(sql, *values)
                    if sql.startswith("INSERT INTO event"):
                        station.record.append(("on disk", result.rowcount))
                    return result

            return sqlite3.connect(*where, factory=Watched, **said)

        store = SqliteStore(
            self.directory, boot_id="b", utc_ms=self.clock.utc_ms, confirm_by=("core-1",),
            connect=connect,
        )  # fmt: skip
        self.journal = Journal(
            store, clock=SystemClock(), confirm_by=("core-1",), retry_s=0.01, count=self.count,
            state_changed=lambda why: self.recovered.set() if not why else None,
        )  # fmt: skip
        self.recovered = asyncio.Event()
        await self.journal.start()
        self.restarted(journal=self.journal).load(await self.journal.identities(0))

    async def ask(self, *items, origin=PANEL) -> list[Verdict]:
        """Hand in a read and wait for all its answers."""
        answers: list[Verdict] = []
        all_here = asyncio.Event()

        def respond(item, verdict) -> None:
            self.record.append(("answer", item, verdict))
            answers.append(verdict)
            if len(answers) == len(items):
                all_here.set()

        self.ingest.received(items, origin, respond)
        async with asyncio.timeout(10):
            await all_here.wait()
        return answers


@pytest.fixture
async def station(tmp_path):
    station = Station(tmp_path)
    await station.start()
    yield station
    await station.journal.stop()


def _events(directory) -> list[AlarmEvent]:
    reader = Reader(directory)
    records = reader.list(newest_first=False, limit=1000)
    reader.close()
    assert all(record.is_intact for record in records)
    return [msgspec.json.decode(record.json, type=AlarmEvent) for record in records]


async def test_each_ack_follows_its_commit(station):
    assert await station.ask(report("0001"), report("0002")) == [ACK, ACK]
    assert await station.ask(report("0003")) == [ACK]
    kinds = [what[0] for what in station.record]
    assert kinds == ["on disk", "answer", "answer", "on disk", "answer"]
    assert [event.data.origin.sequence for event in _events(station.directory)] == [
        "0001", "0002", "0003",
    ]  # fmt: skip


async def test_the_json_on_disk_is_the_contracts(station):
    await station.ask(report())
    (event,) = _events(station.directory)
    (outstanding,) = await station.journal.outstanding()
    assert outstanding.event_id == event.id
    assert outstanding.seq == event.data.journal_seq
    assert msgspec.json.decode(outstanding.json, type=AlarmEvent) == event


async def test_repeats_are_known_after_a_restart(station):
    await station.ask(report("0001"))
    await station.ask(frame(b"ONE"), origin=RECEIVER)
    await station.journal.stop()
    await station.start()
    assert await station.ask(report("0001")) == [ACK]
    assert await station.ask(frame(b"ONE"), origin=RECEIVER) == [ACK]
    events = _events(station.directory)
    assert [event.data.origin.protocol for event in events] == ["dc09", "surgard"]
    assert [event.data.journal_seq for event in events] == [1, 2]


async def test_when_a_frame_last_came_again_is_known_after_a_restart(station):
    """REL-35: the window is counted from the last reception, and a restart does not change that."""
    assert await station.ask(frame(b"ONE"), origin=RECEIVER) == [ACK]
    for _ in range(3):
        station.clock.go(10)
        assert await station.ask(frame(b"ONE"), origin=RECEIVER) == [ACK]
    await station.journal.stop()
    await station.start()
    station.clock.go(10)  # 40 s after the event, 10 s after its last copy
    assert await station.ask(frame(b"ONE"), origin=RECEIVER) == [ACK]
    assert len(_events(station.directory)) == 1
    station.clock.go(16)
    assert await station.ask(frame(b"ONE"), origin=RECEIVER) == [ACK]
    assert len(_events(station.directory)) == 2


async def test_a_full_disk_is_refused_honestly_and_service_returns(station):
    assert await station.ask(report("0001")) == [ACK]
    station.fails = True
    assert await station.ask(report("0002")) == [SILENCE]
    station.fails = False
    async with asyncio.timeout(10):
        await station.recovered.wait()
    assert await station.ask(report("0002")) == [ACK]
    assert [event.data.origin.sequence for event in _events(station.directory)] == ["0001", "0002"]
    assert station.counts["journal_failed"] == 1


async def test_a_storm_of_reports_and_repeats_is_each_once(station):
    reads = [[report(f"{n:04d}"), report(f"{n:04d}")] for n in range(1, 300)]
    answers = await asyncio.gather(*[station.ask(*read) for read in reads])
    assert answers == [[ACK, ACK]] * 299
    events = _events(station.directory)
    assert sorted(event.data.origin.sequence for event in events) == [
        f"{n:04d}" for n in range(1, 300)
    ]
    seqs = [event.data.journal_seq for event in events]
    assert seqs == sorted(seqs)
    assert station.journal.outstanding_count == 299
