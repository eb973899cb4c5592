"""SEC-14: an account that floods lets those of others pass, loses nothing and keeps its order."""

from __future__ import annotations

from tests.support.forwarding import MemoryBroker, Station, event, turns

FLOOD, ELSEWHERE = "F", "E"


async def _flooded(s: Station, *, urgent: bool) -> None:
    s.flooding.add(FLOOD)
    s.journal.commit(*[event(n, account=FLOOD, urgent=urgent) for n in range(1, 501)])
    await turns()


class TestSec14:
    async def test_an_alarm_elsewhere_passes_a_flood_of_urgent_ones(self) -> None:
        broker = MemoryBroker()
        broker.pubacks = False
        async with Station(broker=broker, in_flight=5) as s:
            await _flooded(s, urgent=True)
            s.journal.commit(event(501, account=ELSEWHERE, urgent=True))
            await turns()
            broker.answer_all()
            await turns()
            assert broker.seqs().index(501) <= 5

    async def test_an_event_elsewhere_that_is_not_urgent_passes_as_well(self) -> None:
        broker = MemoryBroker()
        broker.pubacks = False
        async with Station(broker=broker, in_flight=5) as s:
            await _flooded(s, urgent=False)
            s.journal.commit(event(501, account=ELSEWHERE))
            await turns()
            broker.answer_all()
            await turns()
            assert broker.seqs().index(501) <= 7

    async def test_without_a_flood_nobody_passes(self) -> None:
        broker = MemoryBroker()
        broker.pubacks = False
        async with Station(broker=broker, in_flight=5) as s:
            s.journal.commit(*[event(n, account=FLOOD) for n in range(1, 501)])
            s.journal.commit(event(501, account=ELSEWHERE))
            await turns()
            broker.answer_all()
            await turns()
            assert broker.seqs() == list(range(1, len(broker.seqs()) + 1))

    async def test_nothing_of_the_flood_is_dropped_or_turned_around(self) -> None:
        broker = MemoryBroker()
        broker.core = lambda _id: True
        async with Station(broker=broker, in_flight=5, unconfirmed=20) as s:
            await _flooded(s, urgent=True)
            for n in range(501, 701):
                s.journal.commit(event(n, account=f"{ELSEWHERE}{n % 7}", urgent=n % 3 == 0))
            s.flooding.clear()
            for n in range(701, 801):
                s.journal.commit(event(n, account=FLOOD, urgent=True))
            for _ in range(30):
                await s.time.advance(1)
            assert s.journal.open_events() == []
            of_flood = [n for n in broker.delivered if n <= 500 or n > 700]
            assert list(dict.fromkeys(of_flood)) == [*range(1, 501), *range(701, 801)]

    async def test_a_flood_into_a_backlog_stays_behind_it(self) -> None:
        broker = MemoryBroker()
        broker.is_away = True
        async with Station(broker=broker) as s:
            s.journal.commit(*[event(n, account=f"B{n}") for n in range(1, 3001)])
            s.flooding.add(FLOOD)
            s.journal.commit(*[event(n, account=FLOOD, urgent=True) for n in range(3001, 3201)])
            s.journal.commit(event(3201, account=ELSEWHERE, urgent=True))
            broker.is_away, broker.core = False, lambda _id: True
            for _ in range(120):
                await s.time.advance(1)
            assert s.journal.open_events() == []
            order = list(dict.fromkeys(broker.delivered))
            assert order.index(3201) < 200
            assert order[-1] == 3200
