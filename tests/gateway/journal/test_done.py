"""The map of done events answers as a plain set of numbers would."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gateway.journal.done import PAGE_SEQS, DoneMap

SPAN = 3 * PAGE_SEQS
ranges = st.lists(
    st.tuples(st.integers(0, SPAN), st.sampled_from([1, 2, 7, 100, PAGE_SEQS, 5000])), max_size=12
)


def _filled(spans: list[tuple[int, int]]) -> tuple[DoneMap, set[int]]:
    done, numbers = DoneMap(), set()
    for first, length in spans:
        done.install(done.with_seqs(range(first, first + length)))
        numbers |= set(range(first, first + length))
    return done, numbers


@given(ranges, st.integers(0, SPAN), st.integers(0, SPAN))
def test_missing_runs_are_what_a_set_lacks(spans, first, length):
    done, numbers = _filled(spans)
    runs = list(done.missing_runs(first, first + length))
    missing = [seq for low, high in runs for seq in range(low, high + 1)]
    assert missing == [seq for seq in range(first, first + length + 1) if seq not in numbers]
    assert all(high + 1 < low for (_, high), (low, _) in pairwise(runs))


@given(ranges, st.integers(0, SPAN), st.integers(0, 6000))
def test_a_range_taken_out_is_gone_and_nothing_else(spans, first, length):
    done, numbers = _filled(spans)
    pages = done.without_range(first, first + length)
    lost = numbers & set(range(first, first + length + 1))
    assert done.count_lost(pages) == len(lost)
    done.install(pages)
    numbers -= lost
    assert all((seq in done) == (seq in numbers) for seq in range(0, 2 * SPAN, 97))
    assert [s for a, b in done.missing_runs(0, SPAN) for s in range(a, b + 1)] == [
        seq for seq in range(SPAN + 1) if seq not in numbers
    ]


@given(ranges, ranges, ranges)
def test_common_is_what_stands_in_every_map(before, one, other):
    done, numbers = _filled(before)
    (first, in_first), (second, in_second) = _filled(one), _filled(other)
    done.install(done.with_common([first, second]))
    numbers |= in_first & in_second
    assert [s for a, b in done.missing_runs(0, SPAN) for s in range(a, b + 1)] == [
        seq for seq in range(SPAN + 1) if seq not in numbers
    ]


def test_a_copy_changes_alone():
    done, _ = _filled([(5, 3)])
    twin = done.copy()
    twin.install(twin.with_seqs([9]))
    assert 9 in twin
    assert 9 not in done
    assert 6 in twin
