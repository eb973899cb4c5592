"""Order: whatever is committed, lost and confirmed when, no account is turned around (REL-9)."""

from __future__ import annotations

import asyncio
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from gateway.forward.backlog import BLOCK, Backlog
from gateway.forward.lanes import Lane, Lanes
from tests.support.forwarding import TOPICS, MemoryBroker, Station, confirm, event, turns

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("commit"), st.integers(0, 3), st.booleans()),
        st.tuples(st.just("answer"), st.just(0), st.just(value=False)),
        st.tuples(st.just("lose"), st.just(0), st.just(value=False)),
        st.tuples(st.just("confirm"), st.integers(0, 30), st.just(value=False)),
        st.tuples(st.just("wait"), st.integers(1, 3), st.just(value=False)),
        st.tuples(st.just("turn"), st.integers(1, 20), st.just(value=False)),
        st.tuples(st.just("flood"), st.integers(0, 3), st.just(value=False)),
    ),
    max_size=60,
)


async def play(s: Station, what: str, number: int, *, urgent: bool) -> None:
    seq = len(s.journal.events)
    match what:
        case "commit":
            s.journal.commit(event(seq + 1, account=f"A{number}", urgent=urgent))
        case "answer":
            s.broker.answer_all()
            await turns(5)
        case "lose":
            s.broker.link.lose()
        case "confirm" if number < seq:
            s.broker.link.confirm(TOPICS.confirm("core-1"), confirm("core-1", f"id-{number + 1}"))
        case "wait":
            await s.time.advance(number)
        case "flood":
            s.flooding ^= {f"A{number}"}
        case "turn":
            await turns(number)


async def story(steps: list[Any], old: list[tuple[int, bool]], latency: int) -> None:
    """Play it; at the end everything must have arrived, per account in order."""
    backlog = [
        event(seq, account=f"A{account}", urgent=urgent)
        for seq, (account, urgent) in enumerate(old, 1)
    ]
    broker = MemoryBroker()
    broker.pubacks = False
    station = Station(backlog, broker=broker, in_flight=3, unconfirmed=5)
    station.journal.latency_turns = latency
    blamed: set[int] = set()  # ended a link while alone under way: tried last, REL-46
    outbox = station.forwarder.outbox
    blame = outbox._blame
    outbox._blame = lambda sent, *why: (blamed.add(sent.seq), blame(sent, *why))
    async with station as s:
        for what, number, urgent in steps:
            await play(s, what, number, urgent=urgent)
        broker.pubacks = True
        broker.core = lambda _id: True
        broker.answer_all()
        for _ in range(60):
            await s.time.advance(1)
            await turns(latency)
        assert s.journal.open_events() == []
        assert s.state.unconfirmed == 0
    first: dict[int, None] = dict.fromkeys(broker.delivered)
    account_of = {e.seq: e.account for e in s.journal.events.values()}
    confirmed_early = {n for n in account_of if n not in first}
    assert confirmed_early | set(first) == set(account_of)
    for account in set(account_of.values()):
        of_one = [n for n in first if account_of[n] == account and n not in blamed]
        assert of_one == sorted(of_one), (account, of_one)


@settings(deadline=None, max_examples=80)
@example([("commit", 0, True), ("commit", 0, False)], [], 150)
@example([("commit", 0, True), ("commit", 0, False)], [(0, False)], 150)
@given(
    STEPS,
    st.lists(st.tuples(st.integers(0, 3), st.booleans()), max_size=30),
    st.sampled_from([1, 5, 25, 150]),
)
def test_what_arrives_first_follows_commit_order(
    steps: list[Any], old: list[tuple[int, bool]], latency: int
) -> None:
    asyncio.run(story(steps, old, latency))


class TestLanes:
    def test_what_is_to_be_read_is_not_overtaken_in_its_lane(self) -> None:
        lanes = Lanes()
        lanes.want(Lane.URGENT, "A", [1])
        lanes.add(Lane.URGENT, event(2, account="B"))
        assert lanes.take(Lane.URGENT) is None
        asked = lanes.to_read(Lane.URGENT, 10)
        assert asked == [1, 2]
        lanes.was_read(Lane.URGENT, asked, [event(2, account="B"), event(1, account="A")])
        assert [lanes.take(Lane.URGENT).seq for _ in range(2)] == [1, 2]

    def test_an_event_that_moved_is_not_taken_from_where_it_was(self) -> None:
        lanes = Lanes()
        lanes.add(Lane.READY, event(1, account="A"))
        lanes.want(Lane.URGENT, "A", [1])
        assert lanes.take(Lane.READY) is None
        lanes.was_read(Lane.URGENT, [1], [event(1, account="A")])
        assert lanes.take(Lane.URGENT).seq == 1
        assert len(lanes) == 0

    def test_what_the_journal_does_not_have_leaves_no_trace(self) -> None:
        lanes = Lanes()
        lanes.want(Lane.AGAIN, "A", [1, 2])
        assert lanes.was_read(Lane.AGAIN, [1, 2], [event(2, account="A")]) == []
        assert lanes.held("A") == [2]

    def test_an_event_of_another_account_is_given_back(self) -> None:
        lanes = Lanes()
        lanes.want(Lane.URGENT, "A", [1])
        assert lanes.was_read(Lane.URGENT, [1], [event(1, account="B")]) == [event(1, account="B")]
        assert len(lanes) == 0
        assert lanes.lane_of_account("A") is None


class TestBacklog:
    @given(
        st.lists(st.tuples(st.integers(1, 200), st.integers(0, 5)), max_size=100),
        st.integers(0, 5),
        st.integers(0, 200),
        st.integers(0, 200),
    )
    def test_finds_what_a_list_would(
        self, added: list[tuple[int, int]], account: int, after: int, before: int
    ) -> None:
        backlog = Backlog()
        for seq, a in added:
            backlog.add(seq, f"A{a}")
        expected = sorted(s for s, a in added if a == account and after < s < before)
        assert backlog.of(f"A{account}", after=after, before=before) == expected

    def test_over_many_blocks_and_in_little_memory(self) -> None:
        backlog = Backlog()
        for seq in range(1, 10 * BLOCK + 1):
            backlog.add(seq, f"A{seq % 5000}")
        assert backlog.of("A7", after=0, before=10**9) == list(range(7, 10 * BLOCK + 1, 5000))
        backlog.forget_through(9 * BLOCK)
        assert len(backlog) == BLOCK
        assert backlog.of("A7", after=9 * BLOCK, before=10**9) == [
            n for n in range(7, 10 * BLOCK + 1, 5000) if n > 9 * BLOCK
        ]
