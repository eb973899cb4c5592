"""States: retained, told again after every connect, and never in the way of events."""

from __future__ import annotations

from typing import Any

import msgspec

from gateway.contract.status import (
    AccountSupervision,
    Health,
    Info,
    InputState,
    Raw,
    Status,
    Unrecognised,
)
from tests.support.forwarding import TOPICS, Station, event, turns

TIME = "2026-11-20T09:15:02Z"


def lost(account: str, state: Any = "lost") -> AccountSupervision:
    return AccountSupervision(state=state, group="main", id=account, time=TIME)


def oddment(n: int) -> Unrecognised:
    raw = Raw(encoding="latin-1", value="\x00")
    return Unrecognised(input="ip-1", peer="p", time=TIME, reason=f"number {n}", raw=raw)


def states(s: Station, since: int = 0) -> list[str]:
    return [topic for topic, _, retain in s.broker.published[since:] if retain]


def health(outstanding: int) -> Health:
    return Health(
        time=TIME, state="ok", degraded={}, outstanding=outstanding, oldest_age_s=0.0,
        unconfirmed=0, dead_lettered=0, last_commit=None, inputs={}, disk_used_bytes=None,
        disk_free_bytes=None, days_kept=None, clock_trusted=True, counters={},
    )  # fmt: skip


async def test_online_is_retained_and_the_will_says_offline_without_time() -> None:
    async with Station() as s:
        topic, payload, retain = s.broker.published[0]
        assert (topic, retain) == (TOPICS.status, True)
        assert msgspec.json.decode(payload, type=Status).state == "online"
        assert s.broker.will is not None
        assert s.broker.will.topic == TOPICS.status
        assert s.broker.will.payload == b'{"state":"offline"}'
    assert msgspec.json.decode(s.broker.published[-1][1], type=Status).reason == "test is over"
    assert s.broker.goodbyes == 1


async def test_only_confirms_are_subscribed() -> None:
    async with Station() as s:
        assert list(s.broker.topics) == [TOPICS.confirms]


async def test_health_every_ten_seconds() -> None:
    s = Station()
    numbers = iter(range(100))
    s.forwarder.states._health = lambda: health(next(numbers))
    async with s:
        await s.time.advance(35)
        said = [p for t, p, _ in s.broker.published if t == TOPICS.health]
        assert [msgspec.json.decode(p, type=Health).outstanding for p in said] == [0, 1, 2, 3]


async def test_states_are_told_again_after_a_connect_the_stations_own_first() -> None:
    async with Station() as s:
        s.forwarder.states.input_state("ip-1", InputState(state="up", reason="", time=TIME))
        s.forwarder.states.info(
            Info(site="a", version="0", contract=1, schemas={}, inputs=(), confirm_by=())
        )
        await turns()
        before = len(s.broker.published)
        s.broker.link.lose()
        await s.time.advance(1)
        assert states(s, before) == [TOPICS.status, TOPICS.info, TOPICS.input_status("ip-1")]


async def test_of_the_supervised_only_those_that_are_not_ok() -> None:
    async with Station() as s:
        s.forwarder.states.supervision(lost("1"))
        s.forwarder.states.supervision(lost("2"))
        await turns()
        s.forwarder.states.supervision(lost("2", "ok"))
        await turns()
        before = len(s.broker.published)
        s.broker.link.lose()
        await s.time.advance(1)
        assert states(s, before) == [TOPICS.status, TOPICS.supervision("1")]


async def test_and_those_that_changed_since_their_last_puback() -> None:
    async with Station() as s:
        s.forwarder.states.supervision(lost("1"))
        await turns()
        s.broker.pubacks = False
        s.forwarder.states.supervision(lost("1", "ok"))
        await turns()
        s.broker.link.lose()
        s.broker.pubacks = True
        before = len(s.broker.published)
        await s.time.advance(1)
        assert states(s, before) == [TOPICS.status, TOPICS.supervision("1")]


async def test_a_state_that_changes_fast_is_told_as_it_is_last() -> None:
    async with Station() as s:
        for n in range(1000):
            state = InputState(state="up", reason=str(n), time=TIME)
            s.forwarder.states.input_state("ip-1", state)
        await turns()
        told = [p for t, p, _ in s.broker.published if t == TOPICS.input_status("ip-1")]
        assert len(told) < 10
        assert msgspec.json.decode(told[-1])["reason"] == "999"


async def test_many_states_leave_the_window_to_events() -> None:
    s = Station()
    s.broker.pubacks = False
    async with s:
        for n in range(1000):
            s.forwarder.states.supervision(lost(str(n)))
        s.journal.commit(event(1))
        await turns()
        assert len(states(s)) == 4
        assert s.broker.seqs() == [1]


class TestUnrecognised:
    async def test_is_published_and_not_retained(self) -> None:
        async with Station() as s:
            s.forwarder.states.unrecognised(oddment(1))
            await turns()
            topic, _, retain = s.broker.published[-1]
            assert (topic, retain) == (TOPICS.unrecognised("ip-1"), False)

    async def test_too_much_of_it_is_counted_and_dropped(self) -> None:
        async with Station() as s:
            s.broker.pubacks = False
            for n in range(500):
                s.forwarder.states.unrecognised(oddment(n))
            assert s.counters["unrecognised_unpublished"] == 400

    async def test_without_a_broker_it_is_counted_and_dropped(self) -> None:
        async with Station() as s:
            s.broker.is_away = True
            s.broker.link.lose()
            s.forwarder.states.unrecognised(oddment(1))
            assert s.counters["unrecognised_unpublished"] == 1
