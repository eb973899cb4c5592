"""Group commit without a timer: REL-15. A gate in a store stands for the flush."""

from __future__ import annotations

import asyncio

import pytest

from gateway.journal import Journal
from gateway.journal.writer import GROUP_EVENTS
from hardware.clock import SystemClock
from tests.support.journal import GatedStore, entries, entry, started, stored


@pytest.fixture
async def gated():
    store = GatedStore(is_open=False)
    journal = await started(None, store=store)
    yield store, journal
    store.gate.set()
    await journal.stop()


async def test_a_lone_event_is_flushed_at_once_and_alone():
    store = GatedStore()
    journal = await started(None, store=store)
    assert await stored(journal, entries(1, 1)) is True
    assert store.groups == [[1]]
    await journal.stop()


async def test_a_group_is_what_gathered_while_the_flush_before_it_ran(gated):
    store, journal = gated
    first = stored(journal, entries(1, 1))
    await store.until_commit()
    others = [stored(journal, [entry(seq)]) for seq in range(2, 40)]
    assert not first.done()
    store.gate.set()
    assert all(await asyncio.gather(first, *others))
    assert store.groups == [[1], list(range(2, 40))]


async def test_what_one_turn_of_the_loop_brings_is_one_group():
    store = GatedStore()
    journal = await started(None, store=store)
    waits = [stored(journal, [entry(seq)]) for seq in range(1, 21)]
    assert all(await asyncio.gather(*waits))
    assert store.groups == [list(range(1, 21))]
    await journal.stop()


async def test_the_entries_of_one_append_are_never_parted(gated):
    store, journal = gated
    first = stored(journal, entries(1, 1))
    await store.until_commit()
    others = [stored(journal, entries(1 + 700 * n, 700 + 700 * n)) for n in range(1, 6)]
    store.gate.set()
    assert all(await asyncio.gather(first, *others))
    assert [seq for group in store.groups for seq in group] == [1, *range(701, 4201)]
    # Groups have a limit, and it falls between two appends.
    assert all(len(group) <= GROUP_EVENTS + 700 for group in store.groups)
    assert all((len(group) - 1) % 700 == 699 for group in store.groups[1:])


async def test_the_loop_goes_on_while_a_flush_takes_long(gated):
    store, journal = gated
    wait = stored(journal, entries(1, 1))
    await store.until_commit()
    turns = 0
    for _ in range(1000):
        await asyncio.sleep(0)
        turns += 1
    assert turns == 1000
    assert not wait.done()
    store.gate.set()
    assert await wait


async def test_done_is_told_before_subscribers_and_both_after_the_commit(gated):
    store, journal = gated
    told: list[object] = []
    journal.subscribe(lambda events: told.append(("fresh", [event.seq for event in events])))
    journal.append(entries(1, 2), lambda ok: told.append(("done", ok)))
    last = stored(journal, entries(3, 3))
    await store.until_commit()
    assert told == []
    store.gate.set()
    await last
    await asyncio.sleep(0)
    assert told == [("done", True), ("fresh", [1, 2, 3])]
    assert journal.outstanding_count == 3


async def test_a_callback_that_raises_stops_no_other(gated):
    store, journal = gated

    def bad(_ok) -> None:
        raise RuntimeError("broken listener")

    journal.append(entries(1, 1), bad)
    other = stored(journal, entries(2, 2))
    store.gate.set()
    assert await other is True


async def test_confirms_travel_with_events_in_one_group(gated):
    store, journal = gated
    first = stored(journal, entries(1, 1))
    await store.until_commit()
    told = asyncio.get_running_loop().create_future()
    second = stored(journal, entries(2, 2))
    assert journal.confirm("core-1", ["a", "b"], told.set_result)
    store.gate.set()
    assert await first
    assert await second
    assert (await told).done == ("a", "b")
    assert store.groups == [[1], [2]]
    assert store.confirms[0].event_ids == ("a", "b")


async def test_a_stop_stores_what_was_queued_and_refuses_what_comes_later():
    store = GatedStore()
    journal = await started(None, store=store)
    queued = stored(journal, entries(1, 3))
    await asyncio.sleep(0)
    await journal.stop()
    assert await queued is True
    assert store.is_closed
    assert await stored(journal, entries(4, 4)) is False
    told = asyncio.get_running_loop().create_future()
    journal.confirm("core-1", ["x"], told.set_result)
    assert await told is None


async def test_a_journal_that_was_not_started_says_so():
    journal = Journal(GatedStore(), clock=SystemClock())
    assert journal.commits_succeed is False
    with pytest.raises(RuntimeError, match="not started"):
        journal.append(entries(1, 1), lambda _ok: None)


async def test_numbers_only_grow():
    journal = await started(None, store=GatedStore())
    drawn = [journal.next_seq() for _ in range(5)]
    assert drawn == [1, 2, 3, 4, 5]
    await journal.stop()
