"""REL-9 at every limit at once: floods, urgent ones, full lanes, links lost, reads that lag.

The follower's limits are made so small that a story of some dozens of events passes each of them
many times: a lane is full, is filled from the journal, the journal is read on, the window closes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gateway.forward import follow
from tests.support.forwarding import TOPICS, MemoryBroker, Station, confirm, event, turns

LIMITS = {
    "PAGE": 3, "KEY_PAGE": 4, "READY_MOST": 5, "FRESH_MOST": 4, "LOADED_MOST": 2, "LOW": 2,
}  # fmt: skip
ACCOUNTS = st.integers(0, 3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("commit"), st.lists(st.tuples(ACCOUNTS, st.booleans()), max_size=8)),
        st.tuples(st.just("flood"), ACCOUNTS),
        st.tuples(st.just("answer"), st.just(0)),
        st.tuples(st.just("confirm"), st.integers(1, 5)),
        st.tuples(st.just("lose"), st.just(0)),
        st.tuples(st.just("away"), st.booleans()),
        st.tuples(st.just("wait"), st.integers(1, 3)),
        st.tuples(st.just("turn"), st.integers(1, 40)),
        st.tuples(st.just("unread"), st.just(0)),
        st.tuples(st.just("told"), st.integers(1, 3)),
        st.tuples(st.just("republish"), st.integers(1, 20)),
    ),
    max_size=40,
)


@pytest.fixture(autouse=True)
def small() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, most in LIMITS.items():
            patch.setattr(follow, name, most)
        yield


class Told:
    """Carries a story's steps out, and knows what came to the consumer."""

    def __init__(self, station: Station) -> None:
        self.station = station
        self.confirmed = 0

    async def play(self, what: str, how: Any) -> None:
        s = self.station
        match what:
            case "commit" | "confirm" | "republish":
                getattr(self, what)(how)
            case "answer":
                s.broker.answer_all()
                await turns(5)
            case "wait":
                await s.time.advance(how)
            case "turn":
                await turns(how)
            case _:
                self.disturb(what, how)

    def disturb(self, what: str, how: Any) -> None:
        s = self.station
        match what:
            case "flood":
                s.flooding ^= {f"A{how}"}
            case "lose" if s.broker.links:
                # Not by the broker: an event that ended links would be tried last (REL-46).
                s.broker.link.lose(is_by_peer=False)
            case "away":
                s.broker.is_away = how
            case "told":
                s.journal.tell(how)
            case "unread":
                s.journal.failures = 1

    def commit(self, said: list[tuple[int, bool]]) -> None:
        first = len(self.station.journal.events) + 1
        self.station.journal.commit(
            *[
                event(seq, account=f"A{account}", urgent=urgent)
                for seq, (account, urgent) in enumerate(said, first)
            ]
        )

    def confirm(self, most: int) -> None:
        broker = self.station.broker
        seen = broker.delivered[self.confirmed : self.confirmed + most]
        self.confirmed += len(seen)
        if seen:
            ids = [f"id-{one}" for one in seen]
            broker.link.confirm(TOPICS.confirm("core-1"), confirm("core-1", *ids))

    def republish(self, first: int) -> None:
        journal = self.station.journal
        seq = len(journal.events)
        if seq:
            journal.tell()
            journal.republish(min(first, seq), min(first + 2, seq))


async def story(
    steps: list[Any],
    old: list[tuple[int, bool]],
    latency: int = 1,
    most: int = 1000,
    *,
    tells_late: bool = False,
) -> None:
    """Play it; at the end everything must have arrived, per account in order."""
    backlog = [
        event(seq, account=f"A{account}", urgent=urgent)
        for seq, (account, urgent) in enumerate(old, 1)
    ]
    broker = MemoryBroker()
    broker.pubacks = False
    station = Station(backlog, broker=broker, in_flight=3, unconfirmed=most)
    station.journal.latency_turns = latency
    station.journal.tells_late = tells_late
    async with station as s:
        told = Told(s)
        for what, how in steps:
            await told.play(what, how)
        station.journal.tells_late = broker.is_away = False
        station.journal.tell()
        broker.pubacks = True
        broker.core = lambda _id: True
        broker.answer_all()
        for _ in range(200):
            await s.time.advance(1)
            await turns(latency)
            if not s.journal.open_events() and not s.state.unconfirmed:
                break
        assert [one.seq for one in s.journal.open_events()] == []
        assert s.state.unconfirmed == 0
    first = list(dict.fromkeys(broker.seqs()))
    account_of = {one.seq: one.account for one in s.journal.events.values()}
    assert set(first) == set(account_of)
    for account in sorted(set(account_of.values())):
        of_one = [seq for seq in first if account_of[seq] == account]
        assert of_one == sorted(of_one), (account, of_one)


@settings(
    deadline=None,
    max_examples=120,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@example(  # an urgent one is still being read when the next one of its account is at hand
    steps=[("flood", 0), ("commit", [(1, False), (1, False), (1, True), (1, True), (1, False)])],
    old=[], latency=5, most=1000, tells_late=False,
)  # fmt: skip
@given(
    steps=STEPS,
    old=st.lists(st.tuples(ACCOUNTS, st.booleans()), max_size=25),
    latency=st.sampled_from([1, 5, 25, 80]),
    most=st.sampled_from([4, 1000]),
    tells_late=st.booleans(),
)
def test_first_publications_follow_commit_order_at_every_limit(
    steps: list[Any], old: list[tuple[int, bool]], latency: int, most: int, *, tells_late: bool
) -> None:
    asyncio.run(story(steps, old, latency, most, tells_late=tells_late))


async def _read_before_told() -> Station:
    """Let two events of an account be read and wait, the commits of which were not told yet."""
    broker = MemoryBroker()
    broker.pubacks = False
    s = Station([event(1)], broker=broker, in_flight=1)
    await s.__aenter__()
    s.journal.tells_late = True
    s.journal.commit(event(2, account="A"))
    s.journal.commit(event(3, account="A"))
    s.forwarder.outbox.rescan(1)
    await turns()
    assert s.state.waiting == 3
    s.journal.tells_late = False
    return s


async def test_what_is_told_after_it_was_read_keeps_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(follow, "LOADED_MOST", 0)  # what overtakes is to be read first
    s = await _read_before_told()
    s.journal.latency_turns = 50
    s.flooding.add("F")
    s.journal.tell(1)
    for _ in range(4):
        s.broker.answer_all()
        await turns(5)
    s.journal.tell()
    s.broker.pubacks = True
    s.broker.answer_all()
    await turns(200)
    assert s.broker.seqs() == [1, 2, 3]
    await s.__aexit__()


async def test_an_urgent_one_that_is_told_after_it_was_read_overtakes_all_the_same() -> None:
    broker = MemoryBroker()
    broker.pubacks = False
    async with Station([event(1)], broker=broker, in_flight=1) as s:
        s.journal.tells_late = True
        s.journal.commit(event(2, account="B"), event(3, account="A"))
        s.journal.commit(event(4, account="A", urgent=True), event(5, account="A"))
        s.forwarder.outbox.rescan(1)
        await turns()
        s.journal.tell()
        await turns()
        broker.pubacks = True
        broker.answer_all()
        await turns(200)
        order = broker.seqs()
        assert [seq for seq in order if seq > 2] == [3, 4, 5]
        assert order.index(4) < order.index(1)
        assert sorted(order) == [1, 2, 3, 4, 5]
