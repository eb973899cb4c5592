"""The technician's questions, asked while the gateway writes: REL-20."""

from __future__ import annotations

import pytest

from gateway.journal import Confirm, Reader, StoreError
from tests.support.journal import AT_MS, IDS, entries, entry, sqlite_store


@pytest.fixture
def store(tmp_path):
    store = sqlite_store(tmp_path)
    store.open()
    store.commit([entry(seq, account="1234" if seq % 2 else "north.9") for seq in range(1, 11)], [])
    ids = tuple(IDS.id(AT_MS, seq) for seq in (1, 2, 3))
    store.commit([], [Confirm(consumer="core-1", event_ids=ids)])
    yield store
    store.close()


@pytest.fixture
def reader(store, tmp_path):
    del store
    reader = Reader(tmp_path)
    yield reader
    reader.close()


@pytest.mark.parametrize(
    ("asked", "seqs"),
    [
        ({}, [10, 9, 8, 7, 6, 5, 4, 3, 2, 1]),
        ({"newest_first": False, "limit": 2}, [1, 2]),
        ({"from_seq": 4, "to_seq": 6}, [6, 5, 4]),
        ({"account": "north.9"}, [10, 8, 6, 4, 2]),
        ({"account": "north.9", "to_seq": 5}, [4, 2]),
        ({"since_ms": AT_MS + 8}, [10, 9, 8]),
        ({"until_ms": AT_MS + 2}, [2, 1]),
        ({"account": "nobody"}, []),
    ],
)
def test_events_are_listed_by_number_account_and_time(reader, asked, seqs):
    assert [record.seq for record in reader.list(**asked)] == seqs


def test_one_event_is_shown_by_its_number_or_id(reader):
    by_number = reader.show(3)
    assert by_number == reader.show(IDS.id(AT_MS, 3))
    assert (by_number.seq, by_number.is_done, by_number.is_intact) == (3, True, True)
    assert reader.show(4).is_done is False
    assert reader.show(99) is None
    assert reader.show("nonsense") is None
    assert reader.show(IDS.id(AT_MS + 1, 3)) is None


def test_a_reader_that_was_closed_meanwhile_takes_no_record_for_damaged(store, tmp_path):
    del store
    damaged = []
    reader = Reader(tmp_path, corrupt=damaged.append)
    reader.close()
    for ask in (reader.outstanding, reader.list, lambda: reader.read([1])):
        with pytest.raises(StoreError, match="closed"):
            ask()
    assert damaged == []


def test_what_is_outstanding_is_seen_as_the_gateway_goes_on(reader, store):
    assert [event.seq for event in reader.outstanding(0, 3)] == [4, 5, 6]
    assert reader.count_outstanding() == 7
    store.commit(entries(11, 12), [Confirm(consumer="core-1", event_ids=(IDS.id(AT_MS, 4),))])
    assert [event.seq for event in reader.outstanding()] == [*range(5, 13)]
    assert [key[0] for key in reader.outstanding_keys(10)] == [11, 12]
    assert reader.count_outstanding() == 8


def test_a_journal_at_rest_is_readable(store, tmp_path):
    store.close()
    reader = Reader(tmp_path)
    assert len(reader.list()) == 10
    assert [event.seq for event in reader.outstanding(8)] == [9, 10]
    reader.close()


def test_no_journal_is_said_so(tmp_path):
    with pytest.raises(StoreError, match=r"no journal in .*journal\.db is missing"):
        Reader(tmp_path)


@pytest.mark.parametrize("page", [1, 3, 10, 11, 16_384])
def test_keys_are_read_in_pages_up_to_the_first_that_is_too_old(reader, monkeypatch, page):
    monkeypatch.setattr("gateway.journal.reader._PAGE", page)
    assert [key.seq for key in reader.identities(AT_MS + 4)] == [4, 5, 6, 7, 8, 9, 10]
    assert [key.seq for key in reader.identities(0)] == [*range(1, 11)]
    assert reader.identities(AT_MS + 11) == []


@pytest.mark.parametrize("page", [1, 3, 16_384])
def test_of_very_many_keys_the_newest_are_read(reader, monkeypatch, page):
    """A start after a storm must not read more than can be remembered (REL-51)."""
    monkeypatch.setattr("gateway.journal.reader._PAGE", page)
    assert [key.seq for key in reader.identities(0, 4)] == [7, 8, 9, 10]
