"""Many events at once leave the same backlog as one after the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.forward.backlog import BLOCK, Backlog
from tests.support.forwarding import event


@given(st.lists(st.sampled_from(("1234", "5678", "north.1")), min_size=1, max_size=60))
def test_one_by_one_and_all_at_once_agree(accounts):
    events = [event(seq, account=account) for seq, account in enumerate(accounts, 1)]
    single, many = Backlog(), Backlog()
    for one in events:
        single.add(one.seq, one.account)
    half = len(events) // 2
    many.extend(events[:half])
    many.extend(events[half:])
    assert len(many) == len(single) == len(events)
    for account in set(accounts):
        wanted = [one.seq for one in events if one.account == account]
        assert many.of(account, after=0, before=len(events) + 1) == wanted
        assert single.of(account, after=0, before=len(events) + 1) == wanted


def test_blocks_are_filled_to_the_last_place():
    backlog = Backlog()
    backlog.extend([event(seq) for seq in range(1, 2 * BLOCK + 2)])
    assert len(backlog) == 2 * BLOCK + 1
    backlog.forget_through(BLOCK)
    assert len(backlog) == BLOCK + 1
    backlog.extend([])
    assert len(backlog) == BLOCK + 1
