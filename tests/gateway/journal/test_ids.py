"""Event ids: REL-11. ``IDS=10000000`` is the number of the requirement."""

from __future__ import annotations

import os
import re
import uuid

from hypothesis import given
from hypothesis import strategies as st

from gateway.journal import EventIds, seq_of
from gateway.journal.ids import SEQ_MAX
from tests.support.journal import entry, sqlite_store

COUNT = int(os.environ.get("IDS", "200000"))
AT_MS = 1_800_000_000_000


@given(st.binary(min_size=5, max_size=5), st.integers(0, 2**44), st.integers(1, SEQ_MAX))
def test_an_id_is_a_uuid_of_version_7_that_carries_time_and_number(random, at_ms, seq):
    event_id = EventIds(lambda _n: random).id(at_ms, seq)
    assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", event_id)
    parsed = uuid.UUID(event_id)
    assert str(parsed) == event_id
    assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
    assert parsed.int >> 80 == at_ms
    assert seq_of(event_id) == seq


def test_ids_of_two_nodes_differ_at_the_same_time_and_number():
    one, other = EventIds(lambda _n: bytes(5)), EventIds(lambda _n: b"\0\0\0\0\1")
    assert one.id(AT_MS, 1) != other.id(AT_MS, 1)


def test_every_random_bit_is_in_the_id():
    plain = EventIds(lambda _n: bytes(5)).id(AT_MS, 1)
    for bit in range(34):
        random = (1 << bit).to_bytes(5, "big")
        assert EventIds(lambda _n, r=random: r).id(AT_MS, 1) != plain


def test_no_id_comes_twice_over_restarts_of_two_nodes():
    """Two nodes that start at number 1 in the same moment: only the dice tell them apart."""
    runs = 10
    per_run = COUNT // runs
    seen: set[str] = set()
    for run in range(runs):
        ids = EventIds(os.urandom)
        first = 1 if run < 2 else run * per_run
        seen.update(ids.id(AT_MS + seq // 50, seq) for seq in range(first, first + per_run))
    assert len(seen) == runs * per_run


def test_numbers_and_ids_do_not_come_back_after_runs_that_ended_anyhow(tmp_path):
    """REL-11: kept by the journal itself, whatever the end of the run before was."""
    seen: list[str] = []
    for run in range(6):
        store = sqlite_store(tmp_path)
        opened = store.open()
        ids = EventIds(os.urandom)
        batch = [
            entry(seq, event_id=ids.id(AT_MS, seq), report_id=ids.id(AT_MS, seq))
            for seq in range(opened.next_seq, opened.next_seq + 50)
        ]
        store.commit(batch, [])
        seen += [each.event_id for each in batch]
        if run % 2:
            store.close()
        else:  # as a kill leaves it: nothing says that the run is over
            store._connection.close()
            store._lock.release()
    assert len(set(seen)) == len(seen) == 300
    assert [seq_of(each) for each in seen] == sorted(seq_of(each) for each in seen)


@given(st.text(max_size=80))
def test_what_is_no_id_has_no_number(text):
    number = seq_of(text)
    assert number is None or len(text) == 36


def test_foreign_ids_are_told_apart_by_their_form():
    assert seq_of("") is None
    assert seq_of("x" * 36) is None
    assert seq_of("01a3185c-5000-7304-9020-00000000000A") is None
