"""Events that a start must find again are found by their link, without reading the others."""

from __future__ import annotations

import contextlib

import pytest

from gateway.journal import Reader
from gateway.journal.reader import DATABASE
from tests.support.journal import AT_MS, entry, sqlite_store


@pytest.fixture
def folder(tmp_path):
    store = sqlite_store(tmp_path)
    store.open()
    links = {3: "on-test", 7: "on-test", 8: "ip-1 192.0.2.7", 9: "on-test"}
    store.commit([entry(seq, link=links.get(seq, "")) for seq in range(1, 3_000)], [])
    assert [one.seq for one in store.linked("on-test", 10)] == [3, 7, 9]
    store.close()
    return tmp_path


@pytest.mark.parametrize(("limit", "seqs"), [(10, [3, 7, 9]), (2, [7, 9]), (1, [9])])
def test_the_newest_of_a_link_are_found_oldest_first(folder, limit, seqs):
    with contextlib.closing(Reader(folder)) as reader:
        assert [one.seq for one in reader.linked("on-test", limit)] == seqs
        assert reader.linked("nothing", limit) == []


def test_a_damaged_page_of_keys_hides_none_that_is_elsewhere(folder):
    file = folder / DATABASE
    data, key = bytearray(file.read_bytes()), b"%016d" % 2_000
    at = next(
        n for n in range(0, len(data), 4096)
        if key in data[n : n + 4096] and b"ADM-CID" not in data[n : n + 4096]
    )  # fmt: skip
    data[at : at + 8] = b"\xff" * 8
    file.write_bytes(data)
    told: list[int] = []
    with contextlib.closing(Reader(folder, corrupt=told.append)) as reader:
        assert [one.seq for one in reader.linked("on-test", 10)] == [3, 7, 9]
    assert told


def test_the_start_knows_when_the_newest_event_came(folder):
    store = sqlite_store(folder)
    assert store.open().newest_ms == AT_MS + 2_999
    store.close()
    fresh = sqlite_store(folder / "new")
    assert fresh.open().newest_ms is None
    fresh.close()
