"""Events like others before them are stored as a form and what fills it, and come back whole."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

import msgspec
import pytest

from gateway.journal import Confirm, Reader, StoreError
from gateway.journal.reader import DATABASE
from tests.support.alike import alike, form, forms, mixed, told, whole
from tests.support.journal import AT_MS, IDS, entry, sqlite_store


def peek(directory: Path, sql: str):
    with contextlib.closing(sqlite3.connect(directory / DATABASE)) as connection:
        return connection.execute(sql).fetchall()


def poke(directory: Path, sql: str) -> None:
    with contextlib.closing(sqlite3.connect(directory / DATABASE)) as connection, connection:
        connection.execute(sql)


@pytest.fixture
def store(tmp_path):
    store = sqlite_store(tmp_path)
    store.open()
    yield store
    store.close()


def test_they_come_back_as_they_were_among_the_others(store, tmp_path):
    events = mixed(1, 40, forms())
    store.commit(events, [])
    assert [told(event) for event in store.outstanding(0, 100)] == [told(one) for one in events]
    assert [told(event) for event in store.read([7, 3, 5, 99])] == [
        told(one) for seq in (3, 7, 5) for one in [events[seq - 1]]
    ]
    reader = Reader(tmp_path)
    records = reader.list(newest_first=False)
    for record, event in zip(records, events, strict=True):
        stored = whole(event)
        assert all(getattr(record, n) == getattr(stored, n) for n in stored.__struct_fields__)
        assert (record.boot_id, record.is_done, record.is_intact) == ("boot-1", False, True)
    reader.close()


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 40])
def test_pages_of_any_size_show_each_event_once(store, limit):
    store.commit(mixed(1, 40, forms()), [Confirm(consumer="core-1", event_ids=())])
    store.commit([], [Confirm(consumer="core-1", event_ids=(IDS.id(AT_MS, 7), IDS.id(AT_MS, 9)))])
    for read in (store.outstanding, store.outstanding_keys):
        seen, after = [], 0
        while page := [one[0] if isinstance(one, tuple) else one.seq for one in read(after, limit)]:
            assert len(page) <= limit
            seen += page
            after = page[-1]
        assert seen == [seq for seq in range(1, 41) if seq not in {7, 9}]


def test_keys_say_the_account_and_the_priority_of_the_form(store):
    store.commit([alike(1, forms()[0]), alike(2, forms()[1]), entry(3)], [])
    assert store.outstanding_keys(0, 9) == [
        (1, "1234", False), (2, "north.9", True), (3, "1234", False),
    ]  # fmt: skip


def test_a_form_is_written_once_and_again_when_its_group_failed(tmp_path):
    fails = [False]

    class Failing(sqlite3.Connection):
        def execute(self, sql, *values):
            if fails[0] and sql == "COMMIT":
                raise sqlite3.OperationalError("disk I/O error")
            return super().execute(sql, *values)

    store = sqlite_store(
        tmp_path, connect=lambda *where, **said: sqlite3.connect(*where, factory=Failing, **said)
    )
    store.open()
    shared = form()
    fails[0] = True
    with pytest.raises(StoreError, match="I/O"):
        store.commit([alike(1, shared)], [])
    fails[0] = False
    store.open()
    for seq in range(2, 6):
        store.commit([alike(seq, shared)], [])
    assert [event.json for event in store.outstanding(0, 9)] == [
        alike(seq, shared).json for seq in range(2, 6)
    ]
    store.close()
    assert peek(tmp_path, "SELECT count(*) FROM form") == [(1,)]
    assert peek(tmp_path, "SELECT count(*) FROM form_copy") == [(1,)]
    # The next run writes its own, under other numbers.
    store = sqlite_store(tmp_path)
    store.open()
    store.commit([alike(70_000, form())], [])
    store.close()
    assert peek(tmp_path, "SELECT count(DISTINCT number) FROM form") == [(2,)]


def test_a_number_stands_for_one_event_of_either_table(store):
    shared = form()
    store.commit([alike(1, shared)], [])
    with pytest.raises(Exception, match="UNIQUE"):
        store.commit([entry(1)], [])
    with pytest.raises(Exception, match="UNIQUE"):
        store.commit([entry(2), alike(2, form("8"))], [])
    assert [event.seq for event in store.outstanding(0, 9)] == [1]


def test_they_are_found_by_account_time_and_number(store, tmp_path):
    store.commit(mixed(1, 30, forms()), [])
    reader = Reader(tmp_path)
    every = {record.seq: record for record in reader.list(limit=100)}
    for account in ("1234", "north.9", "7", "nobody"):
        expected = [seq for seq, record in every.items() if record.account == account]
        assert [record.seq for record in reader.list(account=account)] == expected
    assert [r.seq for r in reader.list(since_ms=AT_MS + 4, until_ms=AT_MS + 6)] == [6, 5, 4]
    assert [r.seq for r in reader.list(limit=4, newest_first=False)] == [1, 2, 3, 4]
    assert reader.show(IDS.id(AT_MS, 5)) == every[5]
    assert reader.show(IDS.id(AT_MS + 1, 5)) is None
    reader.close()


def test_their_keys_are_known_after_a_start(store):
    store.commit([alike(1, form()), alike(2, form())], [])
    assert [(key.seq, key.digest, key.link) for key in store.identities(AT_MS + 2)] == [
        (2, b"%016d" % 2, "")
    ]


# -- damage --------------------------------------------------------------------------------


def damaged(directory: Path, *changes: str) -> tuple[list[int], list[int]]:
    """Give the numbers that are still read, and those that are named as damaged."""
    store = sqlite_store(directory)
    store.open()
    store.commit(mixed(1, 12, forms()), [])
    store.close()
    for change in changes:
        poke(directory, change)
    named: list[int] = []
    store = sqlite_store(directory, corrupt=named.append)
    store.open()
    true = {event.seq: told(event) for event in mixed(1, 12, forms())}
    found = store.outstanding(0, 100)
    assert all(told(event) == true[event.seq] for event in found)
    keys = [key[0] for key in store.outstanding_keys(0, 100)]
    assert keys == [event.seq for event in found]
    store.close()
    return [event.seq for event in found], sorted(set(named))


def test_a_damaged_form_loses_no_event(tmp_path):
    found, named = damaged(
        tmp_path, "UPDATE form SET pieces = x'00'", "UPDATE form SET account = 'x'"
    )
    assert (found, named) == (list(range(1, 13)), [])


def test_with_the_copy_damaged_too_its_events_are_named_and_the_others_read(tmp_path):
    bad = "UPDATE {} SET account = '9999' WHERE account = 'north.9'"
    found, named = damaged(tmp_path, bad.format("form"), bad.format("form_copy"))
    assert named == [seq for seq in range(1, 13) if seq % 3 == 1]
    assert sorted(found + named) == list(range(1, 13))


@pytest.mark.parametrize(
    "change",
    [
        "received_ms = 1",
        "id = id || 'x'",
        "identity = x'00'",
        "body = x'95'",
        "form = 2",
        "form = 77",
    ],
)
def test_a_damaged_event_is_named_and_its_neighbours_are_read(tmp_path, change):
    store = sqlite_store(tmp_path)
    store.open()
    store.commit(mixed(1, 12, forms()), [])
    store.close()
    poke(tmp_path, f"UPDATE alike SET {change} WHERE seq = 7")  # noqa: S608  ours
    named: list[int] = []
    reader = Reader(tmp_path, corrupt=named.append)
    assert [event.seq for event in reader.outstanding()] == [*range(1, 7), *range(8, 13)]
    assert {*named} == {7}
    shown = [record.seq for record in reader.list(newest_first=False)]
    assert shown == [*range(1, 7), *range(8, 13)]
    assert reader.show(7) is None
    reader.close()


def test_flipped_bytes_never_invent_one(tmp_path):
    store = sqlite_store(tmp_path)
    store.open()
    events = [alike(seq, one) for seq, one in enumerate(forms() * 10, 1)]
    store.commit(events, [])
    store.close()
    file = tmp_path / DATABASE
    data = file.read_bytes()
    true = {event.seq: event.whole() for event in events}
    readable = 0
    for place in range(4096, len(data), 157):
        flipped = bytearray(data)
        flipped[place] ^= 0x41
        copy = tmp_path / f"at-{place}"
        copy.mkdir()
        (copy / DATABASE).write_bytes(flipped)
        try:
            reader = Reader(copy)
            records = reader.list(limit=100)
        except StoreError:
            continue  # said, not guessed
        readable += 1
        for record in records:
            if record.is_intact:
                shown = {name: getattr(record, name) for name in true[1].__struct_fields__}
                assert shown == msgspec.structs.asdict(true[record.seq])
        reader.close()
    assert readable > 10
