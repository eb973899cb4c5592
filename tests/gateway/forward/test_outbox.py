"""Publication until confirmed, on a clock that is told and a broker in memory."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from gateway.contract.client import Refusal
from tests.support.forwarding import TOPICS, MemoryBroker, Station, confirm, event, seq_of, turns

FINAL = Refusal(reason="Packet too large", is_final=True)
NOT_AUTHORISED = Refusal(reason="Not authorized", is_final=False)


class TestUntilConfirmed:
    """REL-3, REL-4: an outstanding event is published again until its consumers confirmed it."""

    async def test_a_committed_event_goes_out_at_qos_1_not_retained(self) -> None:
        async with Station() as s:
            s.journal.commit(event(1))
            await turns()
            assert s.broker.published[-1] == (TOPICS.event("info", "1234"), event(1).json, False)

    async def test_a_puback_makes_nothing_done(self) -> None:
        async with Station([event(1)]) as s:
            await s.time.advance(1)
            assert s.broker.seqs() == [1]
            assert s.journal.done() == set()
            assert s.state.unconfirmed == 1

    async def test_a_confirm_does(self) -> None:
        async with Station([event(1)]) as s:
            await s.confirm("id-1")
            assert s.journal.done() == {"id-1"}
            assert s.state.unconfirmed == 0
            await s.time.advance(1000)
            assert s.broker.seqs() == [1]

    async def test_a_confirm_that_could_not_be_stored_is_asked_for_again(self) -> None:
        async with Station([event(1)], resend_s=5.0) as s:
            s.journal.forgets_confirms = True
            await s.confirm("id-1")
            assert s.counters["confirm_not_stored"] == 1
            await s.time.advance(4)
            assert s.broker.seqs() == [1]
            s.journal.forgets_confirms = False
            await s.time.advance(4)
            assert s.broker.seqs() == [1, 1]
            await s.confirm("id-1")
            assert s.journal.done() == {"id-1"}

    async def test_of_two_confirms_the_one_that_could_not_be_stored_is_missing(self) -> None:
        async with Station([event(1)], confirm_by=("core-1", "core-2"), resend_s=5.0) as s:
            s.journal.forgets_confirms = True
            await s.confirm("id-1", consumer="core-2")
            s.journal.forgets_confirms = False
            await s.confirm("id-1", consumer="core-1")
            assert s.state.unconfirmed == 1
            await s.confirm("id-1", consumer="core-2")
            assert s.state.unconfirmed == 0
            assert s.journal.done() == {"id-1"}

    async def test_with_nobody_named_a_puback_that_could_not_be_stored_counts_not(self) -> None:
        station = Station([event(1)], confirm_by=(), resend_s=5.0)
        station.journal.forgets_confirms = True
        async with station as s:
            await s.time.advance(2)
            s.journal.forgets_confirms = False
            await s.time.advance(8)
            assert s.broker.seqs() == [1, 1]
            assert s.journal.done() == {"id-1"}

    async def test_of_two_consumers_both_must(self) -> None:
        async with Station([event(1)], confirm_by=("core-1", "core-2")) as s:
            await s.confirm("id-1", consumer="core-2")
            assert s.state.unconfirmed == 1
            await s.confirm("id-1", consumer="core-2")  # twice counts once
            assert s.state.unconfirmed == 1
            await s.confirm("id-1", consumer="core-1")
            assert s.state.unconfirmed == 0
            assert s.journal.done() == {"id-1"}

    async def test_with_nobody_named_the_puback_counts_and_the_start_warns(self) -> None:
        with capture_logs() as logs:
            async with Station([event(1)], confirm_by=()) as s:
                await s.time.advance(1)
                assert s.journal.calls == [("", ("id-1",))]
                assert s.state.unconfirmed == 0
        assert [e["log_level"] for e in logs if e["event"] == "outbox.unconfirmed"] == ["warning"]

    async def test_what_is_not_confirmed_is_sent_again_with_backoff(self) -> None:
        async with Station([event(1)]) as s:
            times = []
            for second in range(1200):
                before = len(s.broker.seqs())
                await s.time.advance(1)
                times += [second + 1] * (len(s.broker.seqs()) - before)
            gaps = [b - a for a, b in zip([0, *times], times, strict=False)]
            assert [round(g, -1) for g in gaps] == [30, 60, 120, 240, 300, 300]

    async def test_every_publication_is_byte_identical(self) -> None:
        async with Station([event(1)]) as s:
            await s.time.advance(100)
            sent = {p for t, p, _ in s.broker.published if "/event/" in t}
            assert len(s.broker.seqs()) > 1
            assert sent == {event(1).json}


class TestResendIsHeldUp:
    """REL-45: a consumer that works through a backlog is not sent it all again."""

    async def test_while_confirms_arrive_at_all(self) -> None:
        async with Station([event(n) for n in range(1, 100)]) as s:
            for n in range(2, 20):
                await s.time.advance(10)
                await s.confirm(f"id-{n}")
            assert s.broker.seqs().count(1) == 1
            await s.time.advance(40)  # silence: now it is due
            assert s.broker.seqs().count(1) == 2

    async def test_but_not_longer_than_five_minutes(self) -> None:
        async with Station([event(n) for n in range(1, 100)]) as s:
            resent_after = None
            for n in range(2, 60):
                await s.time.advance(10)
                await s.confirm(f"id-{n}")
                if resent_after is None and s.broker.seqs().count(1) == 2:
                    resent_after = (n - 1) * 10
            assert resent_after == pytest.approx(330, abs=10)

    async def test_a_busy_consumer_does_not_hold_up_what_a_silent_one_lacks(self) -> None:
        events = [event(n) for n in range(1, 20)]
        async with Station(events, confirm_by=("busy", "silent")) as s:
            for n in range(1, 5):
                await s.time.advance(10)
                await s.confirm(f"id-{n}", consumer="busy")
            assert s.broker.seqs().count(1) == 2


class TestLimits:
    """REL-41, REL-45: so many without PUBACK, so many without confirm, bounded memory."""

    async def test_no_more_than_the_window_waits_for_its_puback(self) -> None:
        broker = MemoryBroker()
        broker.pubacks = False
        async with Station([event(n) for n in range(1, 500)], in_flight=50, broker=broker) as s:
            await turns()
            assert len(broker.published) == 50
            broker.answer_all()
            await turns()
            assert len(broker.published) == 100
            assert s.forwarder.uplink.pending_count == 50

    async def test_the_broker_may_allow_fewer(self) -> None:
        broker = MemoryBroker()
        broker.pubacks, broker.window = False, 5
        async with Station([event(n) for n in range(1, 500)], broker=broker):
            await turns()
            assert len(broker.published) == 5

    async def test_a_silent_core_gets_no_more_than_a_thousand(self) -> None:
        async with Station([event(n, account=f"A{n}") for n in range(1, 3001)]) as s:
            await turns(2000)
            assert len(s.broker.seqs()) == 1000
            await s.confirm(*[f"id-{n}" for n in range(1, 501)])
            await turns(2000)
            assert s.broker.seqs() == list(range(1, 1501))

    async def test_memory_holds_pages_not_the_backlog(self) -> None:
        async with Station(unconfirmed=10) as s:
            for n in range(1, 20_001):
                s.journal.commit(event(n, account=f"A{n}"))
            await turns()
            assert s.state.waiting < 3000
            assert s.state.is_behind

    async def test_everything_arrives_in_order_when_the_core_keeps_up(self) -> None:
        broker = MemoryBroker()
        broker.core = lambda _id: True
        async with Station([event(n) for n in range(1, 5001)], broker=broker) as s:
            await turns(8000)
            assert broker.seqs() == list(range(1, 5001))
            assert len(s.journal.done()) == 5000
            assert not s.state.is_behind


class TestPriority:
    """REL-44 and REL-9: urgent events overtake, with the older events of their account."""

    async def test_a_fresh_panic_passes_a_backlog_that_waits_for_confirms(self) -> None:
        async with Station([event(n, account=f"A{n}") for n in range(1, 3001)]) as s:
            await turns(2000)
            s.journal.commit(event(5000, account="P", urgent=True))
            await turns()
            assert s.broker.seqs()[-1] == 5000

    async def test_it_lifts_the_older_events_of_its_account_and_no_others(self) -> None:
        backlog = [event(n, account="P" if n % 1000 == 0 else f"A{n}") for n in range(1, 4001)]
        async with Station(backlog) as s:
            await turns(2000)
            assert len(s.broker.seqs()) == 1000
            s.journal.commit(event(5000, account="P", urgent=True))
            await turns(500)
            assert s.broker.seqs()[1000:] == [2000, 3000, 4000, 5000]
            await s.confirm(*[f"id-{n}" for n in range(1, 1001)])
            await turns(2000)
            later = s.broker.seqs()[1004:]
            assert later == [n for n in range(1001, 2005) if n != 2000][: len(later)]

    async def test_a_panic_at_the_end_of_an_old_backlog_goes_first(self) -> None:
        backlog = [event(n, account=f"A{n % 50}") for n in range(1, 20_001)]
        backlog.append(event(20_001, account="A7", urgent=True))
        async with Station(backlog, unconfirmed=100) as s:
            await turns(3000)
            seqs = s.broker.seqs()
            assert 20_001 in seqs
            of_a7 = [n for n in seqs if n % 50 == 7 or n == 20_001]
            assert of_a7 == sorted(of_a7)
            assert len(of_a7) == 401

    async def test_two_of_one_account_keep_their_order(self) -> None:
        backlog = [event(n, account="P" if n > 2990 else f"A{n}") for n in range(1, 3001)]
        async with Station(backlog) as s:
            await turns(2000)
            s.journal.commit(event(5000, account="P", urgent=True))
            s.journal.commit(event(5001, account="P", urgent=True))
            await turns(500)
            assert s.broker.seqs()[1000:] == [*range(2991, 3001), 5000, 5001]


class TestFresh:
    """REL-43: new events do not wait for the end of a backlog."""

    async def test_a_new_event_overtakes_with_the_older_ones_of_its_account(self) -> None:
        broker = MemoryBroker()
        broker.pubacks = False
        backlog = [event(n, account="N" if n == 3999 else f"A{n}") for n in range(1, 4001)]
        async with Station(backlog, broker=broker, in_flight=20) as s:
            for _ in range(10):
                broker.answer_all()
                await turns()
            s.journal.commit(event(5000, account="N"))
            await turns()
            at = len(broker.seqs())
            for _ in range(5):
                broker.answer_all()
                await turns()
            soon = broker.seqs(at)[:60]
            assert 5000 in soon
            assert soon.index(3999) < soon.index(5000)
            assert s.state.is_behind

    async def test_one_that_came_while_the_core_was_the_slower_one_does_not_wait_for_the_end(
        self,
    ) -> None:
        async with Station([event(n, account=f"A{n}") for n in range(1, 4001)]) as s:
            await turns(2000)
            assert len(s.broker.seqs()) == 1000  # as many as may wait for their confirm
            s.journal.commit(event(5000, account="N"))
            await turns()
            assert 5000 not in s.broker.seqs()
            await s.confirm(*[f"id-{n}" for n in range(1, 11)])
            await turns(200)
            assert 5000 in s.broker.seqs()

    async def test_one_that_found_no_room_there_does_not_pass_the_one_before(self) -> None:
        broker = MemoryBroker()
        broker.pubacks = False
        backlog = [event(n, account=f"A{n}") for n in range(1, 701)]
        async with Station(backlog, broker=broker, in_flight=10) as s:
            for n in range(701, 1700):
                s.journal.commit(event(n, account=f"B{n}"))
            s.journal.commit(event(1700, account="N"))
            s.journal.commit(event(1701, account="N"))  # the lane of new events is full
            broker.pubacks = True
            broker.core = lambda _id: True
            broker.answer_all()
            await turns(3000)
            assert set(broker.delivered) == set(range(1, 1702))
            assert broker.delivered.index(1700) < broker.delivered.index(1701)


class TestReconnect:
    """REL-41, REL-43: the journal drives; whatever was not confirmed is sent again."""

    async def test_everything_outstanding_is_sent_again_oldest_first(self) -> None:
        async with Station([event(n) for n in range(1, 11)]) as s:
            await s.confirm("id-3", "id-4")
            s.broker.link.lose()
            await s.time.advance(1)
            assert len(s.broker.links) == 2
            assert s.broker.seqs()[10:] == [1, 2, 5, 6, 7, 8, 9, 10]

    async def test_what_had_no_puback_too(self) -> None:
        broker = MemoryBroker()
        broker.pubacks = False
        async with Station([event(n) for n in range(1, 6)], broker=broker) as s:
            broker.link.lose()
            broker.pubacks = True
            await s.time.advance(1)
            assert broker.seqs() == [1, 2, 3, 4, 5] * 2

    async def test_first_try_at_once_then_backoff_to_thirty_seconds(self) -> None:
        async with Station() as s:
            await s.time.advance(100)
            s.broker.is_away = True
            s.broker.connect_times.clear()
            lost_at = s.time.now
            s.broker.link.lose()
            await s.time.advance(200)
            gaps = [
                b - a
                for a, b in zip(
                    [lost_at, *s.broker.connect_times], s.broker.connect_times, strict=False
                )
            ]
            assert gaps[:9] == pytest.approx([0, 0.5, 1, 2, 4, 8, 16, 30, 30])
            assert "mqtt" in s.health.reasons
            s.broker.is_away = False
            await s.time.advance(31)
            assert "mqtt" not in s.health.reasons

    async def test_a_hung_broker_is_left_when_a_puback_is_ten_seconds_late(self) -> None:
        broker = MemoryBroker()
        broker.pubacks = False
        async with Station([event(1)], broker=broker) as s:
            await s.time.advance(9)
            assert broker.aborts == 0
            broker.pubacks = True
            await s.time.advance(3)
            assert broker.aborts == 1
            assert broker.seqs() == [1, 1]

    async def test_an_urgent_event_after_a_reconnect_follows_the_older_ones(self) -> None:
        broker = MemoryBroker()
        broker.pubacks = False
        events = [event(n, account="P" if n % 2 else f"A{n}") for n in range(1, 101)]
        async with Station(events, broker=broker) as s:
            broker.link.lose()
            s.journal.commit(event(200, account="P", urgent=True))
            broker.published.clear()
            await s.time.advance(1)
            seqs = broker.seqs()
            assert seqs[:51] == [*range(1, 100, 2), 200]

    async def test_an_urgent_event_that_found_no_room_follows_the_older_ones(self) -> None:
        broker = MemoryBroker()
        broker.pubacks = False
        events = [event(n, account="P") for n in range(1, 6)]
        async with Station(events, broker=broker, in_flight=5) as s:
            s.journal.commit(event(6, account="P", urgent=True))
            await turns()
            broker.link.lose()
            broker.pubacks = True
            await s.time.advance(1)
            assert broker.delivered == [1, 2, 3, 4, 5, 6]

    async def test_a_later_event_waits_until_the_urgent_one_is_read(self) -> None:
        async with Station([event(1, account="P")]) as s:
            s.journal.latency_turns = 50
            s.broker.link.lose()
            s.journal.commit(event(2, account="P", urgent=True))
            s.journal.commit(event(3, account="P"), event(4, account="Q"))
            s.broker.delivered.clear()
            await s.time.advance(1)
            await turns(300)
            assert [n for n in s.broker.delivered if n != 4] == [1, 2, 3]

    async def test_events_committed_while_the_broker_is_away_follow(self) -> None:
        async with Station() as s:
            s.broker.is_away = True
            s.broker.link.lose()
            for n in range(1, 3001):
                s.journal.commit(event(n, account=f"A{n % 10}", urgent=n % 100 == 0))
            s.broker.is_away = False
            s.broker.core = lambda _id: True
            await s.time.advance(2)
            await turns(6000)
            assert sorted(set(s.broker.seqs())) == list(range(1, 3001))
            for account in range(10):
                of_one = [n for n in s.broker.seqs() if n % 10 == account]
                assert of_one == sorted(of_one)


class TestConfirmsThatDoNotCount:
    """REL-47, SEC-22: foreign, unknown, late, repeated, malformed: counted and ignored."""

    @pytest.mark.parametrize(
        ("topic", "payload", "reason"),
        [
            ("core-9", confirm("core-9", "id-1"), "consumer_not_named"),
            ("core-1", confirm("core-2", "id-1"), "foreign_name"),
            ("core-1", b"{", "schema"),
            ("core-1", b"\xff", "schema"),
            ("core-1", b'{"consumer":"core-1","ids":"id-1"}', "schema"),
            ("core-1", b'{"consumer":"core-1","ids":[]}', "schema"),
            ("core-1", b'{"ids":["id-1"]}', "schema"),
            ("core-1", confirm("core-1", "id-1", "no such id"), "schema"),
            ("core-1", confirm("core-1", *["id-1"] * 1001), "schema"),
            ("core-1", b"[" * 100_000, "schema"),
        ],
    )
    async def test_ignored_and_counted(self, topic: str, payload: bytes, reason: str) -> None:
        async with Station([event(1)]) as s:
            s.broker.link.confirm(TOPICS.confirm(topic), payload)
            assert s.state.unconfirmed == 1
            assert s.journal.calls == []
            assert s.counters[f"confirm_ignored:{reason}"] == 1

    async def test_an_unknown_id_goes_to_the_journal_that_knows_all(self) -> None:
        async with Station([event(1)]) as s:
            await s.confirm("id-77", "id-1")
            assert s.journal.calls == [("core-1", ("id-77", "id-1"))]
            assert s.state.unconfirmed == 0

    async def test_a_confirm_may_come_before_the_puback(self) -> None:
        broker = MemoryBroker()
        broker.pubacks = False
        async with Station([event(1)], broker=broker) as s:
            await s.confirm("id-1")
            broker.answer_all()
            await s.time.advance(400)
            assert broker.seqs() == [1]
            assert s.state.unconfirmed == 0


class TestRefused:
    """REL-46: what the broker will never take holds nobody up, and stays visible."""

    async def test_after_five_tries_it_is_a_dead_letter(self) -> None:
        broker = MemoryBroker()
        broker.refuses = lambda t, p: FINAL if "/event/" in t and seq_of(p) == 3 else None
        broker.core = lambda i: i != "id-3"
        async with Station([event(n) for n in range(1, 11)], broker=broker) as s:
            await s.time.advance(20)
            assert broker.seqs().count(3) == 5
            assert set(broker.seqs()) == set(range(1, 11))
            assert s.state.dead_lettered == 1
            assert s.state.unconfirmed == 0
            assert [code for code, _ in s.told] == ["dead_letter"]
            assert "id-3" in s.told[0][1]
            assert "dead_letter" in s.health.reasons
            assert [e.seq for e in s.journal.open_events()] == [3]

    async def test_a_republication_gives_it_new_tries(self) -> None:
        broker = MemoryBroker()
        broker.refuses = lambda _t, _p: FINAL
        async with Station([event(1)], broker=broker) as s:
            await s.time.advance(20)
            assert s.state.dead_lettered == 1
            broker.refuses = lambda _t, _p: None
            s.journal.republish(1, 1)
            await s.time.advance(2)
            assert s.state.dead_lettered == 0
            assert broker.seqs().count(1) == 6
            assert "dead_letter" not in s.health.reasons

    async def test_longer_than_the_broker_takes(self) -> None:
        broker = MemoryBroker()
        broker.maximum_packet_bytes = 60
        async with Station([event(1)], broker=broker) as s:
            await s.time.advance(20)
            assert broker.seqs() == []
            assert s.state.dead_lettered == 1
            assert "packet" in s.told[0][1]

    async def test_access_rules_that_forbid_all_make_no_dead_letters(self) -> None:
        broker = MemoryBroker()
        broker.refuses = lambda t, _p: NOT_AUTHORISED if "/event/" in t else None
        async with Station([event(n) for n in range(1, 6)], broker=broker) as s:
            await s.time.advance(400)
            assert s.state.dead_lettered == 0
            assert "Not authorized" in s.health.reasons["mqtt_refused"]
            broker.refuses = lambda _t, _p: None
            broker.core = lambda _id: True
            await s.time.advance(400)
            assert len(s.journal.done()) == 5

    async def test_one_that_ends_every_connection_is_found_and_the_others_arrive(self) -> None:
        """MQTT 3.1.1 has no word for a refusal: the broker hangs up."""
        broker = MemoryBroker()
        broker.kills = lambda p: b'"seq":50}' in p
        broker.core = lambda _id: True
        events = [event(n, account="A" if 40 < n < 60 else f"A{n}") for n in range(1, 101)]
        async with Station(events, broker=broker) as s:
            await s.time.advance(10)
            assert len(s.journal.done()) == 99  # long before it is given up
            assert s.state.dead_lettered == 0
            await s.time.advance(170)
            assert s.state.dead_lettered == 1
            assert len(s.journal.done()) == 99
            assert s.state.unconfirmed == 0

    async def test_a_broker_that_dies_often_makes_no_dead_letters(self) -> None:
        broker = MemoryBroker()
        broker.pubacks = False
        async with Station([event(n) for n in range(1, 101)], broker=broker) as s:
            for _ in range(4):
                await s.time.advance(10)
                broker.link.lose()
            broker.pubacks = True
            broker.core = lambda _id: True
            await s.time.advance(60)
            assert s.state.dead_lettered == 0
            assert len(s.journal.done()) == 100


class TestAge:
    """REL-45: an event outstanding for more than a minute is told."""

    async def test_once_and_health_until_it_is_over(self) -> None:
        async with Station([event(1)]) as s:
            await s.time.advance(59)
            assert s.told == []
            await s.time.advance(10)
            assert [code for code, _ in s.told] == ["outstanding_old"]
            assert "outbox" in s.health.reasons
            await s.time.advance(10)
            await s.confirm("id-1")
            await s.time.advance(2)
            assert len(s.told) == 1
            assert "outbox" not in s.health.reasons

    async def test_a_step_of_the_wall_clock_makes_nothing_old(self) -> None:
        async with Station() as s:
            await s.time.advance(5)
            s.journal.commit(event(1, at_ms=s.time.utc_ms()))
            s.time.wall_step = 3600.0
            await s.time.advance(5)
            assert s.state.oldest_age_s < 10
            assert s.told == []

    async def test_an_event_of_an_earlier_run_is_as_old_as_it_says(self) -> None:
        station = Station([])
        station.journal.events[1] = event(1, at_ms=station.time.utc_ms() - 600_000)
        async with station as s:
            assert s.state.oldest_age_s == pytest.approx(600, abs=1)


async def test_what_is_committed_while_the_last_page_is_read_is_not_forgotten() -> None:
    station = Station([event(1)])
    station.journal.latency_turns = 200
    async with station as s:
        s.journal.commit(event(2), event(3, urgent=True))
        await turns(1000)
        assert s.broker.seqs() == [1, 2, 3]
        assert not s.state.is_behind


async def test_a_journal_that_cannot_be_read_is_read_again() -> None:
    station = Station([event(1)])
    station.journal.failures = 1
    with capture_logs() as logs:
        async with station as s:
            await s.time.advance(2)
            assert s.broker.seqs() == [1]
    assert "outbox.read_failed" in [e["event"] for e in logs]
    assert station.counters["outbox_read_failed"] == 1


async def test_whatever_connecting_raises_it_is_tried_again() -> None:
    class Surprising(MemoryBroker):
        async def connect(self, *args, **said):
            if not self.links:
                self.links.append(None)
                raise RuntimeError("nobody thought of this")
            return await super().connect(*args, **said)

    async with Station([event(1)], broker=Surprising()) as s:
        assert "RuntimeError" in s.health.reasons["mqtt"]
        await s.time.advance(5)
        assert s.broker.seqs() == [1]
        assert "mqtt" not in s.health.reasons
