"""A page of the journal that is damaged: what stands on the others stays readable (REL-13)."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import pytest

from gateway.journal import Reader, StoreError, done_table
from gateway.journal.done import DoneMap
from gateway.journal.reader import DATABASE
from tests.support.journal import AT_MS, entries, entry, sqlite_store


@pytest.fixture
def store(tmp_path):
    store = sqlite_store(tmp_path)
    store.open()
    yield store
    store.close()


def _seqs(events) -> list[int]:
    return [event.seq for event in events]


def _poke(directory: Path, sql: str, *values) -> None:
    with contextlib.closing(sqlite3.connect(directory / DATABASE)) as connection:
        connection.execute(sql, values)
        connection.commit()


@pytest.fixture
def damaged(tmp_path):
    """A journal of 300 events of a usual size, with one page of records overwritten."""
    store = sqlite_store(tmp_path)
    store.open()
    events = [entry(seq, json=b'{"seq":%d,"x":"%b"}' % (seq, b"x" * 1000)) for seq in range(1, 301)]
    store.commit(events, [])
    store.close()
    file = tmp_path / DATABASE
    data = bytearray(file.read_bytes())
    page = data.index(b'{"seq":150,') // 4096
    data[page * 4096 : page * 4096 + 8] = b"\xff" * 8
    file.write_bytes(data)
    return tmp_path


def test_neighbours_of_a_damaged_page_stay_readable_and_its_records_are_named(damaged):
    told: list[int] = []
    store = sqlite_store(damaged, corrupt=told.append)
    assert store.open().outstanding == 300
    seqs = _seqs(store.outstanding(0, 1000))
    assert sorted(seqs + told) == list(range(1, 301))
    assert 150 in told
    assert len(told) <= 4
    pages = [_seqs(store.outstanding(after, 7)) for after in range(0, 300, 50)]
    assert all(len(page) == 7 for page in pages)
    assert sorted(_seqs(store.read([1, 150, 298]))) == [1, 298]
    assert [key[0] for key in store.outstanding_keys(0, 1000)] == seqs
    store.close()


def with_damaged_keys(directory: Path, seq: int) -> Path:
    """A journal of 1,000 events; the page of its narrow table that holds ``seq`` is overwritten."""
    store = sqlite_store(directory)
    store.open()
    store.commit(entries(1, 1000), [])
    store.close()
    file = directory / DATABASE
    data = bytearray(file.read_bytes())
    key = b"%016d" % seq
    at = next(
        n
        for n in range(0, len(data), 4096)
        if key in data[n : n + 4096] and b"ADM-CID" not in data[n : n + 4096]
    )
    data[at : at + 8] = b"\xff" * 8
    file.write_bytes(data)
    return directory


def test_a_damaged_page_of_keys_does_not_hold_up_a_start(tmp_path):
    told: list[int] = []
    store = sqlite_store(with_damaged_keys(tmp_path, 500), corrupt=told.append)
    assert store.open().outstanding >= 1000  # what cannot be read may be there
    seqs = _seqs(store.identities(0))
    lost = sorted(set(range(1, 1001)) - set(seqs))
    assert seqs == sorted(seqs)
    assert 500 in lost
    assert len(lost) == lost[-1] - lost[0] + 1 <= 300  # the page, and no more
    assert told == [lost[-1]]
    assert _seqs(store.identities(AT_MS + 900)) == list(range(900, 1001))
    assert len(store.outstanding(0, 2000)) == 1000
    assert store.linked("rx-1", 5) == []
    store.close()


def test_where_no_event_could_be_stored_it_does_not_start_and_says_why(tmp_path):
    """The last page of keys is the one that the next event would be written to."""
    with pytest.raises(StoreError, match="cannot be opened: database disk image is malformed"):
        sqlite_store(with_damaged_keys(tmp_path, 1000)).open()
    reader = Reader(tmp_path)
    with pytest.raises(StoreError, match="cannot be read: database disk image is malformed"):
        reader.identities(0)
    reader.close()


def test_what_cannot_be_counted_for_another_reason_is_no_guess(store):
    """Only a damaged page is passed over, not a disk that fails."""
    store.commit(entries(1, 3), [])

    class Failing:
        def execute(self, sql, *what):
            if "count" in sql:
                raise sqlite3.OperationalError("disk I/O error")
            return store._connection.execute(sql, *what)

    with pytest.raises(sqlite3.OperationalError):
        done_table.count_outstanding(Failing(), DoneMap())


def test_a_disk_that_cannot_be_read_is_told_in_words(store):
    store.commit(entries(1, 3), [])
    reader = store._reader

    class Failing:
        def execute(self, *_what):
            raise sqlite3.OperationalError("disk I/O error")

    connection, reader._connection = reader._connection, Failing()
    try:
        for question in (lambda: store.identities(0), lambda: store.linked("rx-1", 5)):
            with pytest.raises(StoreError, match="cannot be read: disk I/O error"):
                question()
    finally:
        reader._connection = connection


def test_a_technician_reads_past_a_damaged_page(damaged):
    told: list[int] = []
    reader = Reader(damaged, corrupt=told.append)
    records = reader.list(limit=1000, newest_first=False)
    assert sorted([record.seq for record in records] + told) == list(range(1, 301))
    assert 150 in told
    assert reader.show(150) is None
    assert reader.show(1).is_intact
    assert [record.seq for record in reader.list(limit=2)] == [300, 299]
    reader.close()


def test_a_journal_whose_narrow_table_is_gone_says_so(tmp_path):
    store = sqlite_store(tmp_path)
    store.open()
    store.commit(entries(1, 3), [])
    store.close()
    _poke(tmp_path, "DROP TABLE identity")
    reader = Reader(tmp_path)
    for question in (reader.outstanding, reader.count_outstanding):
        with pytest.raises(StoreError, match="no such table"):
            question()
    _poke(tmp_path, "DROP TABLE event")
    with pytest.raises(StoreError, match="no such table"):
        reader.list()
    reader.close()
