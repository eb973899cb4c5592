"""The outbox on the real journal: what it reads there, and a restart with a backlog."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.forward.forwarder import Forwarder, ForwardSettings
from gateway.health import Counters, Health
from gateway.journal import Journal
from tests.support.forwarding import SITE, TOPICS, ManualTime, MemoryBroker, confirm, turns
from tests.support.hardware import until
from tests.support.journal import IDS, entries, entry, sqlite_store, started, stored


def forwarder(journal: Journal, broker: MemoryBroker, time: ManualTime) -> Forwarder:
    return Forwarder(
        ForwardSettings(site=SITE, confirm_by=("core-1",), unconfirmed=50),
        journal=journal,
        transport=broker,
        clock=time,
        timers=time,
        random=lambda: 1.0,
        health=Health(),
        count=Counters().count,
        tell=lambda _code, _text: None,
        version="0.0.0",
    )


async def test_read_gives_what_is_there_done_or_not(tmp_path: Path) -> None:
    journal = await started(tmp_path)
    await stored(journal, entries(1, 20))
    ids = [e.event_id for e in await journal.outstanding(0, 100) if e.seq <= 5]
    journal.confirm("core-1", ids)
    await until(lambda: journal.outstanding_count == 15, "confirmed")
    assert [e.seq for e in await journal.read([3, 19, 77, 8])] == [3, 19, 8]
    await journal.stop()


async def test_keys_are_those_of_what_is_not_done(tmp_path: Path) -> None:
    journal = await started(tmp_path)
    await stored(journal, entries(1, 9))
    await stored(journal, [entry(10, account="north.7", is_priority=True)])
    journal.confirm("core-1", [e.event_id for e in await journal.read([2, 3, 4])])
    await until(lambda: journal.outstanding_count == 7, "confirmed")
    keys = await journal.outstanding_keys(0, 100)
    assert [seq for seq, _, _ in keys] == [1, 5, 6, 7, 8, 9, 10]
    assert keys[-1] == (10, "north.7", True)
    assert await journal.outstanding_keys(5, 2) == keys[2:4]
    await journal.stop()


@pytest.mark.parametrize("is_restarted", [False, True])
async def test_a_backlog_with_an_urgent_event_at_its_end(
    tmp_path: Path, *, is_restarted: bool
) -> None:
    journal = await started(tmp_path)
    events = [entry(n, account=f"A{n % 40}") for n in range(1, 3001)]
    events.append(entry(3001, account="A7", is_priority=True, class_="alarm"))
    await stored(journal, events)
    if is_restarted:
        await journal.stop()
        journal = await started(tmp_path, store=sqlite_store(tmp_path))
    broker, time = MemoryBroker(), ManualTime()
    gateway = forwarder(journal, broker, time)
    gateway.start()
    await until(lambda: 3001 in broker.seqs(), "the urgent one is out")
    of_a7 = [n for n in broker.seqs() if n % 40 == 7 or n == 3001]
    assert of_a7 == [*range(7, 3000, 40), 3001]
    assert len(broker.seqs()) < 500

    def confirm_all() -> bool:
        ids = [IDS.id(1_800_000_000_000, n) for n in set(broker.seqs())]
        for first in range(0, len(ids), 1000):
            some = ids[first : first + 1000]
            broker.link.confirm(TOPICS.confirm("core-1"), confirm("core-1", *some))
        return journal.outstanding_count == 0

    await until(confirm_all, "all confirmed")
    assert sorted(set(broker.seqs())) == list(range(1, 3002))
    stopping = turns(200)
    await gateway.outbox.stop()
    await stopping
    await gateway.uplink.stop()
    await journal.stop()
