"""Honest refusal: REL-7, REL-12, REL-23, REL-29."""

from __future__ import annotations

import asyncio
import sqlite3

import pytest
from structlog.testing import capture_logs

from gateway.journal import Journal, Reader, StoreError
from tests.support.journal import GatedStore, entries, sqlite_store, started, stored


class Watch:
    """Counts, and waits for the journal to fail or to recover."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}
        self.whys: list[str] = []
        self.changed = asyncio.Event()

    def count(self, name: str, n: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + n

    def state(self, why: str) -> None:
        self.whys.append(why)
        self.changed.set()

    async def until(self, *, well: bool) -> None:
        async with asyncio.timeout(10):
            while not self.whys or (self.whys[-1] == "") is not well:
                self.changed.clear()
                await self.changed.wait()


@pytest.fixture
async def failing():
    watch = Watch()
    store = GatedStore()
    journal = await started(None, store=store, count=watch.count, state_changed=watch.state)
    yield store, journal, watch
    store.gate.set()
    await journal.stop()


async def test_nothing_of_a_group_whose_flush_failed_is_acknowledged(failing):
    store, journal, watch = failing
    store.gate.clear()
    first = stored(journal, entries(1, 1))
    await store.until_commit()
    group = [stored(journal, entries(2, 3)), stored(journal, entries(4, 4))]
    store.broken = {3}
    store.gate.set()
    assert await first
    assert await asyncio.gather(*group) == [False, False]
    await watch.until(well=True)
    assert await stored(journal, entries(5, 5))
    assert store.groups == [[1], [5]]


@pytest.mark.parametrize("number", range(1, 12))
async def test_flush_number_n_fails_and_the_store_is_opened_again(failing, number):
    store, journal, watch = failing
    answers = []
    for seq in range(1, 13):
        if seq == number:
            store.fails = [StoreError("EIO")]
        answers.append(await stored(journal, entries(seq, seq)))
        if seq == number:
            await watch.until(well=True)
    assert answers == [seq != number for seq in range(1, 13)]
    assert store.opened == 2
    assert watch.whys == ["EIO", ""]
    assert watch.counts == {
        "journal_failed": 1, "journal_recovered": 1, "event_committed": 11,
    }  # fmt: skip


async def test_while_the_store_is_broken_everything_is_refused_promptly(failing):
    store, journal, watch = failing
    store.fails = [StoreError("no space left on device")]
    store.open_fails = [StoreError("still none")] * 3
    assert journal.commits_succeed
    assert await stored(journal, entries(1, 1)) is False
    await watch.until(well=False)
    assert not journal.commits_succeed
    assert await stored(journal, entries(2, 2)) is False
    await watch.until(well=True)
    assert journal.commits_succeed
    assert await stored(journal, entries(3, 3)) is True
    assert store.groups == [[3]]
    assert store.opened == 5


async def test_traffic_does_not_keep_a_broken_store_from_being_opened(failing):
    store, journal, watch = failing
    store.fails = [StoreError("EIO")]
    store.open_fails = [StoreError("EIO")]
    seq = 1
    async with asyncio.timeout(10):
        while not await stored(journal, entries(seq, seq)) or seq == 1:
            seq += 1
    await watch.until(well=True)


async def test_an_unexpected_error_breaks_the_store_too(failing):
    store, journal, watch = failing
    store.fails = [RuntimeError("nobody thought of it")]
    assert await stored(journal, entries(1, 1)) is False
    await watch.until(well=True)
    assert store.opened == 2


@pytest.mark.parametrize("where", ["take", "tell", "tidy", "clock"])
async def test_the_thread_outlives_what_nobody_foresaw(failing, monkeypatch, where):
    _, journal, watch = failing
    writer = journal._writer
    fails = [SystemExit(3)]

    def surprising(real):
        def surprise(*args, **said):
            if fails:
                raise fails.pop(0)
            return real(*args, **said)

        return surprise

    events = entries(1, 1)
    if where == "take":
        events = None
    elif where == "tell":
        fails.append(RuntimeError("the loop is closed"))  # nor can the failure be told
        monkeypatch.setattr(writer, "_post", surprising(writer._post))
        journal.came_again("rx-1", b"digest", 1)
    elif where == "tidy":
        monkeypatch.setattr(writer, "_tidy", surprising(writer._tidy))
    else:
        monkeypatch.setattr(writer, "_monotonic", surprising(writer._monotonic))
    with capture_logs() as logs:
        async with asyncio.timeout(10):
            if where != "tell":
                assert await stored(journal, events) is (where == "tidy")
            await watch.until(well=True)
    assert ("journal.thread_failed", "error") in [(log["event"], log["log_level"]) for log in logs]
    async with asyncio.timeout(10):
        assert await stored(journal, entries(2, 2))
    assert journal.commits_succeed


async def test_nobody_is_told_that_commits_succeed_once_the_thread_is_gone(failing):
    _, journal, _ = failing
    writer = journal._writer
    assert writer.commits_succeed
    await asyncio.to_thread(writer.stop)
    assert not writer.commits_succeed


async def test_a_flush_that_hangs_counts_as_failing():
    class Slow:
        def __init__(self) -> None:
            self.now = 0.0

        def monotonic(self) -> float:
            return self.now

        def utc_ms(self) -> int:
            return 0

    clock = Slow()
    store = GatedStore(is_open=False)
    journal = Journal(store, clock=clock)
    await journal.start()
    wait = stored(journal, entries(1, 1))
    await store.until_commit()
    assert journal.commits_succeed
    clock.now = 4.5
    assert not journal.commits_succeed
    store.gate.set()
    assert await wait
    assert journal.commits_succeed
    await journal.stop()


async def test_an_entry_that_cannot_be_stored_takes_no_neighbour_down(failing):
    store, journal, _ = failing
    store.gate.clear()
    first = stored(journal, entries(1, 1))
    await store.until_commit()
    store.poison = {3}
    told = asyncio.get_running_loop().create_future()
    around = [stored(journal, entries(2, 2)), stored(journal, entries(3, 3))]
    around.append(stored(journal, entries(4, 5)))
    journal.confirm("core-1", ["a"], told.set_result)
    journal.came_again("rx-1", b"digest", 1)
    with capture_logs() as logs:
        store.gate.set()
        assert await first
        assert await asyncio.gather(*around) == [True, False, True]
        assert (await told).done == ("a",)
        await journal.identities(0)  # after all that was queued before
    assert [one.link for one in store.again] == ["rx-1"]
    assert [log["event"] for log in logs] == ["journal.entry_refused"]
    assert store.groups == [[1], [2], [4, 5], [], []]
    assert journal.commits_succeed
    assert store.opened == 1


async def test_confirms_that_cannot_be_stored_are_told_so(failing):
    store, journal, watch = failing
    store.fails = [StoreError("EIO")]
    told = asyncio.get_running_loop().create_future()
    journal.confirm("core-1", ["a"], told.set_result)
    assert await told is None
    await watch.until(well=True)


async def test_foreign_consumers_are_counted_and_ignored(failing):
    store, journal, watch = failing
    assert journal.confirm("core-2", ["a", "b"]) is False
    assert journal.confirm("", ["c"]) is False
    assert watch.counts == {"confirm_foreign": 3}
    await stored(journal, entries(1, 1))
    assert store.confirms == []


async def test_republishing_tells_the_outbox_which_range(failing):
    _, journal, _ = failing
    told = []
    journal.subscribe(lambda _events: None, lambda low, high: told.append((low, high)))
    assert await journal.republish(3, 7) == 5
    assert told == [(3, 7)]
    assert journal.outstanding_count == 5


async def test_a_call_that_breaks_the_store_raises_and_recovers(failing):
    store, journal, watch = failing

    def broken(_from: int, _to: int) -> int:
        raise StoreError("EIO")

    store.republish = broken
    with pytest.raises(StoreError, match="EIO"):
        await journal.republish(1, 2)
    await watch.until(well=True)

    def wrong(_from: int, _to: int) -> int:
        raise ValueError("not a range")

    store.republish = wrong
    with pytest.raises(ValueError, match="not a range"):
        await journal.republish(1, 2)
    assert journal.commits_succeed


async def test_a_store_that_cannot_be_opened_refuses_the_start():
    store = GatedStore()
    store.open_fails = [StoreError("read-only file system")]
    with pytest.raises(StoreError, match="read-only"):
        await started(None, store=store)


async def test_tidying_that_fails_breaks_the_store_but_loses_nothing(failing):
    store, journal, watch = failing
    fails = [StoreError("EIO")]

    def tidy(*, is_idle: bool) -> None:
        del is_idle
        if fails:
            raise fails.pop()

    store.tidy = tidy
    assert await stored(journal, entries(1, 1)) is True
    await watch.until(well=True)
    assert store.opened == 2


def test_a_disk_with_room_for_a_mark_and_none_for_an_event_is_still_full(tmp_path):
    pages_most = [0]

    def connect(*args, **said):
        connection = sqlite3.connect(*args, **said)
        if pages_most[0]:
            connection.execute(f"PRAGMA max_page_count = {pages_most[0]}")
        return connection

    store = sqlite_store(tmp_path, connect=connect)
    store.open()
    store.commit(entries(1, 100), ())
    pages_most[0] = 1  # SQLite makes of it what the file has already
    store._connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(StoreError, match="full"):
        store.commit(entries(101, 500), ())
    assert store.open().is_full
    with pytest.raises(StoreError, match="full"):
        store.commit(entries(101, 500), ())
    assert store.open().is_full
    assert not store.regain()
    pages_most[0] = 0
    assert not store.open().is_full
    store.commit(entries(501, 600), ())
    store.close()
    assert [one.seq for one in Reader(tmp_path).outstanding()] == [*range(1, 101), *range(501, 601)]
