"""REL-17: what is old and done goes, what is not done stays, and the rest is whole afterwards."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest

from gateway.journal import Confirm, Reader
from gateway.journal.done import PAGE_SEQS
from gateway.journal.keeping import DamageError
from gateway.journal.reader import DATABASE
from gateway.journal.verify import Verifier
from tests.support.alike import alike, form
from tests.support.journal import AT_MS, IDS, entries, entry, sqlite_store

ALL = 1 << 40


def ids(seqs) -> tuple[str, ...]:
    return tuple(IDS.id(AT_MS, seq) for seq in seqs)


def confirm(store, seqs, consumer="core-1"):
    return store.commit([], [Confirm(consumer=consumer, event_ids=ids(seqs))])[0]


def peek(directory, sql):
    with contextlib.closing(sqlite3.connect(directory / DATABASE)) as database:
        return [row[0] for row in database.execute(sql)]


def seqs_of(directory) -> list[int]:
    return sorted(
        peek(directory, "SELECT seq FROM event") + peek(directory, "SELECT seq FROM alike")
    )


def findings(directory):
    with contextlib.closing(Verifier(directory)) as verifier:
        return verifier.run().findings


def seal(store):
    while store.seal():
        pass


def remove(store, *, below_seq=ALL, before_ms=None) -> int:
    total = 0
    while count := store.remove(below_seq=below_seq, before_ms=before_ms):
        total += count
    return total


@pytest.fixture
def store(tmp_path):
    store = sqlite_store(tmp_path)
    store.open()
    yield store
    store.close()


def test_events_that_are_not_done_are_never_removed(store, tmp_path):
    store.commit(entries(1, 100), [])
    seal(store)
    assert remove(store) == 0
    confirm(store, range(1, 101, 2))
    assert remove(store) == 50
    assert seqs_of(tmp_path) == [*range(2, 101, 2)]
    assert [one.seq for one in store.outstanding(0, 1000)] == [*range(2, 101, 2)]
    assert findings(tmp_path) == []
    told = confirm(store, [1, 2])  # a late confirm of one that went, and of one that stayed
    assert (told.done, told.unknown) == (ids([2]), 1)
    assert remove(store) == 1
    assert findings(tmp_path) == []


def test_the_oldest_go_first_and_only_those_in_front_of_a_young_one(store, tmp_path):
    # The clock was wrong for a while: event 5 seems as old as the world, event 8 too.
    events = [entry(seq, received_ms=0 if seq in {5, 8} else AT_MS + seq) for seq in range(1, 11)]
    store.commit(events, [])
    confirm(store, range(1, 11))
    # They go by their place: the ids carry the usual time, so these two are not known by theirs.
    store.commit([], [])
    seal(store)
    assert remove(store, before_ms=AT_MS + 4) == 3
    assert seqs_of(tmp_path) == [*range(4, 11)]
    assert remove(store, below_seq=6) == 2
    assert seqs_of(tmp_path) == [*range(6, 11)]
    assert findings(tmp_path) == []


def test_what_is_not_sealed_stays(store, tmp_path):
    store.commit(entries(1, 5), [])
    seal(store)
    store.commit(entries(6, 9), [])
    confirm(store, range(1, 10))
    assert remove(store) == 5
    assert seqs_of(tmp_path) == [6, 7, 8, 9]


def test_many_pages_with_holes_across_restarts(tmp_path):
    last = 3 * PAGE_SEQS + 100
    kept = {3, PAGE_SEQS, 2 * PAGE_SEQS - 1, last - 1}
    store = sqlite_store(tmp_path)
    store.open()
    for first in range(1, last + 1, 2000):
        store.commit(entries(first, min(first + 1999, last)), [])
    seal(store)
    confirm(store, [seq for seq in range(1, last + 1) if seq not in kept])
    store.close()
    store = sqlite_store(tmp_path)
    opened = store.open()
    assert opened.outstanding == len(kept)
    assert store.remove(below_seq=ALL, before_ms=None) < PAGE_SEQS  # a step is a page
    store.close()
    assert findings(tmp_path) == []
    store = sqlite_store(tmp_path)
    store.open()
    remove(store)
    assert seqs_of(tmp_path) == sorted(kept)
    assert {one.seq for one in store.outstanding(0, 100)} == kept
    assert peek(tmp_path, "SELECT page FROM done") == []
    assert store.measure().done == 0
    assert store.republish(0, ALL) == 0
    confirm(store, kept)
    assert remove(store) == len(kept)
    # All blocks went; the chain goes on from the last link.
    assert peek(tmp_path, "SELECT count(*) FROM chain") == [0]
    head = store.head()
    assert head.number >= 12
    store.commit(entries(opened.next_seq, opened.next_seq), [])
    assert store.seal().number == head.number + 1
    assert findings(tmp_path) == []
    store.close()


def test_a_record_lost_beside_the_removed_ones_is_still_named(store, tmp_path):
    store.commit(entries(1, 40), [])
    seal(store)
    confirm(store, range(1, 21))
    remove(store)
    with contextlib.closing(sqlite3.connect(tmp_path / DATABASE)) as database, database:
        for table in ("event", "identity"):
            database.execute(f"DELETE FROM {table} WHERE seq = 30")  # noqa: S608
    assert [(one.what, one.where) for one in findings(tmp_path)] == [("record_missing", 30)]


def test_a_number_does_not_come_back_when_every_event_was_removed(tmp_path):
    store = sqlite_store(tmp_path)
    store.open()
    store.commit(entries(1, 5), [])
    seal(store)
    confirm(store, range(1, 6))
    assert remove(store) == 5
    store.open()  # as after a failure
    store.commit([entry(6), entry(100_006)], [])
    seal(store)
    confirm(store, [6, 100_006])
    assert remove(store) == 2
    store._disconnect()  # as after a crash
    store._lock.release()
    store = sqlite_store(tmp_path)
    assert store.open().next_seq > 100_006
    store.close()


def test_what_stays_in_front_of_all_that_went_is_still_held_by_the_chain(store, tmp_path):
    for first in range(1, 61, 20):
        store.commit(entries(first, first + 19), [])
        seal(store)
    confirm(store, [seq for seq in range(1, 61) if seq != 7])
    assert remove(store) == 59
    assert findings(tmp_path) == []
    with contextlib.closing(sqlite3.connect(tmp_path / DATABASE)) as database, database:
        database.execute("UPDATE event SET peer = '198.51.100.1:1' WHERE seq = 7")
    assert [(one.what, one.where) for one in findings(tmp_path)] == [("record_changed", 7)]


def test_two_consumers(tmp_path):
    store = sqlite_store(tmp_path, confirm_by=("core-1", "core-2"))
    store.open()
    store.commit(entries(1, 10), [])
    seal(store)
    confirm(store, range(1, 9))
    assert remove(store) == 0
    confirm(store, range(1, 6), "core-2")
    assert remove(store) == 5
    assert confirm(store, range(6, 9), "core-2").done == ids(range(6, 9))
    assert remove(store) == 3
    assert [one.seq for one in store.outstanding(0, 10)] == [9, 10]
    assert findings(tmp_path) == []
    store.close()


def test_repeats_that_stay_are_known_after_a_start(store):
    store.commit(entries(1, 10), [])
    seal(store)
    confirm(store, range(1, 11))
    remove(store, below_seq=6)
    assert [one.seq for one in store.identities(0)] == [6, 7, 8, 9, 10]


def test_freed_pages_are_used_again(store, tmp_path):
    first, size = 1, None
    for _ in range(6):
        last = first + PAGE_SEQS - 1
        store.commit([entry(seq, json=b"x" * 500) for seq in range(first, last + 1)], [])
        seal(store)
        confirm(store, range(first, last + 1))
        remove(store)
        first = last + 1
        store.tidy(is_idle=True)
        if size is None:
            size = (tmp_path / DATABASE).stat().st_size
    assert (tmp_path / DATABASE).stat().st_size < 1.6 * size
    assert store.measure().spare_bytes > 0


# -- forms ---------------------------------------------------------------------------------


def test_forms_go_with_their_era_and_one_in_memory_is_written_again(tmp_path):
    store = sqlite_store(tmp_path, era_events=10)
    store.open()
    held, other = form(), form("5678")
    store.commit([alike(seq, held if seq % 2 else other) for seq in range(1, 21)], [])
    seal(store)  # an era ends here
    store.commit([alike(seq, held) for seq in range(21, 31)], [])
    seal(store)
    assert peek(tmp_path, "SELECT number FROM form") == [1, 2, 3]
    assert store.remove_forms() == 0
    confirm(store, range(1, 20))
    remove(store)
    assert store.remove_forms() == 0  # event 20 stays, and needs the other form
    assert peek(tmp_path, "SELECT number FROM form") == [1, 2, 3]
    confirm(store, [20, 21])
    remove(store)
    assert store.remove_forms() == 2
    for table in ("form", "form_copy"):
        assert peek(tmp_path, f"SELECT number FROM {table}") == [3]  # noqa: S608
    # Both are still in the gateway's memory.
    store.commit([alike(31, held), alike(32, other)], [])
    assert [one.json for one in store.outstanding(30, 9)] == [
        alike(31, held).json, alike(32, other).json,
    ]  # fmt: skip
    seal(store)
    store.close()
    assert findings(tmp_path) == []


def test_a_form_that_an_event_not_done_needs_stays_and_the_others_of_its_era_go(tmp_path):
    store = sqlite_store(tmp_path, era_events=10)
    store.open()
    some = [form(str(number)) for number in range(10)]
    events = [alike(seq, some[seq % 10]) for seq in range(1, 31)]
    store.commit(events, [])
    seal(store)
    store.commit([alike(31, some[0])], [])
    seal(store)
    confirm(store, [seq for seq in range(1, 32) if seq != 4])
    remove(store)
    assert store.remove_forms() == 9
    assert store.remove_forms() == 0
    assert [one.json for one in store.outstanding(0, 9)] == [events[3].json]
    store.close()
    store = sqlite_store(tmp_path)
    store.open()
    shared = form("fresh")
    store.commit([alike(100_000, shared)], [])
    assert shared.number not in peek(tmp_path, "SELECT form FROM alike WHERE seq < 100000")
    assert findings(tmp_path) == []
    store.close()


def test_forms_whose_group_failed_are_written_again_in_a_new_era(tmp_path):
    fails = [False]

    class Failing(sqlite3.Connection):
        def execute(self, sql, *values):
            found = super().execute(sql, *values)
            if fails[0] and sql.startswith("DELETE FROM form "):
                raise sqlite3.OperationalError("disk I/O error")
            return found

    store = sqlite_store(
        tmp_path,
        era_events=5,
        connect=lambda *where, **said: sqlite3.connect(*where, factory=Failing, **said),
    )
    store.open()
    held = form()
    store.commit([alike(seq, held) for seq in range(1, 11)], [])
    seal(store)
    store.commit([entry(11)], [])
    seal(store)
    confirm(store, range(1, 12))
    remove(store)
    fails[0] = True
    with pytest.raises(Exception, match="I/O"):
        store.remove_forms()
    fails[0] = False
    store.open()
    store.commit([alike(12, held)], [])
    assert [one.json for one in store.outstanding(0, 9)] == [alike(12, held).json]
    assert store.remove_forms() == 1
    assert [one.json for one in store.outstanding(0, 9)] == [alike(12, held).json]
    store.close()
    assert findings(tmp_path) == []


def test_a_damaged_page_stops_no_new_event(store, tmp_path):
    store.commit(entries(1, 3000), [])
    seal(store)
    confirm(store, range(1, 3001))
    store.close()
    with contextlib.closing(sqlite3.connect(tmp_path / DATABASE)) as database:
        root = database.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'identity'"
        ).fetchone()[0]
    data = bytearray((tmp_path / DATABASE).read_bytes())
    data[(root - 1) * 4096 + 12 : root * 4096] = bytes(4096 - 12)
    (tmp_path / DATABASE).write_bytes(data)
    with contextlib.closing(Reader(tmp_path)):
        pass
    store._boot = 1
    store._connection = store._connected()
    with pytest.raises(DamageError):
        store.remove(below_seq=ALL, before_ms=None)
