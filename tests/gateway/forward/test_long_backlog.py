"""REL-44, REL-45, REL-46 at their full numbers: a real journal, a real broker, long backlogs.

``BACKLOG=1440000`` is eight hours of 50 events a second.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from gateway.contract.client import Refusal
from gateway.contract.ledger import Received
from gateway.forward.forwarder import Forwarder, ForwardSettings
from gateway.forward.mqtt import MqttTransport
from gateway.health import Counters, Health
from gateway.journal import Journal
from hardware.clock import LoopTimers, SystemClock
from tests.support.broker_forwarding import core
from tests.support.forwarding import MemoryBroker, Station, event, seq_of, turns
from tests.support.hardware import until
from tests.support.journal import entry, started, stored
from tests.support.mosquitto import Mosquitto

BACKLOG = int(os.environ.get("BACKLOG", "100000"))
SITE = "site-a"
FINAL = Refusal(reason="Packet too large", is_final=True)


def forwarder(journal: Journal, broker: Mosquitto) -> Forwarder:
    return Forwarder(
        ForwardSettings(site=SITE, confirm_by=("core-1",)),
        journal=journal,
        transport=MqttTransport(broker.address, client_id="alarm-gateway"),
        clock=SystemClock(),
        timers=LoopTimers(),
        random=lambda: 0.0,
        health=Health(),
        count=Counters().count,
        tell=lambda _code, _text: None,
        version="0.0.0",
    )


@pytest.mark.mosquitto
@pytest.mark.parametrize("is_alone", [True, False], ids=["alone", "behind its own account's"])
@pytest.mark.parametrize("is_restarted", [False, True], ids=["running", "at a start"])
async def test_a_panic_behind_a_long_backlog_is_out_within_a_second(
    tmp_path: Path, mosquitto: Mosquitto, *, is_alone: bool, is_restarted: bool
) -> None:
    own = [] if is_alone else [BACKLOG // 3, BACKLOG // 2]
    panic_seq = BACKLOG + 1
    panic = entry(panic_seq, account="P", is_priority=True, json=_json(panic_seq))
    journal = await started(tmp_path)
    for first in range(1, BACKLOG + 1, 2000):
        events = [
            entry(seq, account="P" if seq in own else f"A{seq % 500}", json=_json(seq))
            for seq in range(first, min(first + 2000, BACKLOG + 1))
        ]
        assert await stored(journal, events)
    if is_restarted:
        assert await stored(journal, [panic])
        await journal.stop()
        journal = await started(tmp_path)
    seen: list[int] = []

    def heard(received: Received) -> None:
        seen.append(seq_of(received.payload))

    # The core hears and confirms nothing, so that no room comes free below the priority events.
    async with core(mosquitto.address, name="deaf", on_event=heard):
        began = time.monotonic()
        gateway = forwarder(journal, mosquitto)
        gateway.start()
        if not is_restarted:
            await until(lambda: len(seen) >= 1000, "the limit is reached")
            began = time.monotonic()
            assert await stored(journal, [panic])
        await until(lambda: panic_seq in seen, "the panic is out")
        took_s = time.monotonic() - began
        await gateway.stop("test is over")
    await journal.stop()
    assert [seq for seq in seen if seq in {*own, panic_seq}] == [*own, panic_seq]
    assert len(set(seen)) <= 1000 + len(own) + 1
    assert took_s < (1.0 if not is_restarted else 5.0)


def _json(seq: int) -> bytes:
    return b'{"id":"%d","seq":%d}' % (seq, seq)


async def test_one_poison_in_ten_thousand_holds_nobody_up() -> None:
    poison = 5000
    broker = MemoryBroker()
    broker.refuses = lambda t, p: FINAL if "/event/" in t and seq_of(p) == poison else None
    broker.core = lambda event_id: event_id != f"id-{poison}"
    events = [event(seq, account="P" if seq % 100 == 0 else f"A{seq}") for seq in range(1, 10_001)]
    async with Station(events, broker=broker) as station:
        await turns(15_000)
        await station.time.advance(20)
        await turns(2_000)
        assert len(station.journal.done()) == 9_999
        assert station.state.dead_lettered == 1
        assert station.state.unconfirmed == 0
        assert [seq for seq in broker.delivered if seq % 100 == 0] == [
            seq for seq in range(100, 10_001, 100) if seq != poison
        ]
        assert [one.seq for one in station.journal.open_events()] == [poison]


async def test_a_core_that_loses_one_in_a_thousand_gets_each_again() -> None:
    broker = MemoryBroker()
    lost: set[str] = set()

    def hears(event_id: str) -> bool:
        is_lost = event_id.endswith("500") and event_id not in lost
        if is_lost:
            lost.add(event_id)
        return not is_lost

    broker.core = hears
    events = [event(seq, account=f"A{seq % 70}") for seq in range(1, 5001)]
    async with Station(events, broker=broker) as station:
        await turns(9_000)
        assert len(station.journal.done()) == 4_995
        await station.time.advance(31)
        await turns(500)
        assert len(station.journal.done()) == 5_000
        assert len(broker.seqs()) == 5_005  # those that were lost, and no others, once more
