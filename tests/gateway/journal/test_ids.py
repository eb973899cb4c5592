"""Event ids: REL-11."""

from __future__ import annotations

import re
import uuid

from hypothesis import given
from hypothesis import strategies as st

from gateway.journal import EventIds, seq_of
from gateway.journal.ids import SEQ_MAX

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


def test_no_id_comes_twice():
    ids = EventIds(bytes)
    assert len({ids.id(AT_MS + seq // 50, seq) for seq in range(1, 100_001)}) == 100_000


@given(st.text(max_size=80))
def test_what_is_no_id_has_no_number(text):
    number = seq_of(text)
    assert number is None or len(text) == 36


def test_foreign_ids_are_told_apart_by_their_form():
    assert seq_of("") is None
    assert seq_of("x" * 36) is None
    assert seq_of("01a3185c-5000-7304-9020-00000000000A") is None
