"""The broker inside the process: the whole path without any set-up, quiet, gone without a trace."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Any

import pytest
from aiomqtt import ProtocolVersion
from structlog.testing import capture_logs

from gateway.contract.consumer import ConfirmingConsumer
from gateway.forward.broker import VERSION, EmbeddedBroker
from gateway.forward.forwarder import Forwarder, ForwardSettings
from gateway.forward.mqtt import MqttTransport
from gateway.health import Counters, Health
from hardware.clock import LoopTimers, SystemClock
from tests.support.forwarding import SITE, MemoryJournal, event
from tests.support.hardware import until


def forwarder(
    address: Any, journal: MemoryJournal, version: ProtocolVersion | None = VERSION
) -> Forwarder:
    return Forwarder(
        ForwardSettings(site=SITE, confirm_by=("demo-core",), resend_s=2.0),
        journal=journal,
        transport=MqttTransport(address, client_id="gateway", version=version),
        clock=SystemClock(),
        timers=LoopTimers(),
        random=lambda: 0.0,
        health=Health(),
        count=Counters().count,
        tell=lambda _code, _text: None,
        version="0.0.0",
    )


async def demo(journal: MemoryJournal, events: int) -> ConfirmingConsumer:
    broker = EmbeddedBroker()
    address = await broker.start()
    consumer = ConfirmingConsumer(address, site=SITE, name="demo-core")
    consumer.start()
    await consumer.connected.wait()
    gateway = forwarder(address, journal)
    gateway.start()
    await until(lambda: len(journal.done()) == events, "all done")
    await gateway.stop("over")
    await consumer.stop()
    await broker.stop()
    return consumer


async def test_the_whole_path_without_set_up(caplog: pytest.LogCaptureFixture) -> None:
    before = asyncio.all_tasks()
    journal = MemoryJournal([event(n) for n in range(1, 301)], ("demo-core",))
    with capture_logs() as logs, caplog.at_level(logging.DEBUG):
        consumer = await demo(journal, 300)
    assert consumer.effected_count == 300
    assert not [r for r in caplog.records if r.name.startswith(("amqtt", "transitions"))]
    embedded = [e for e in logs if e["event"] == "broker.embedded"]
    assert embedded[0]["durability"] == "embedded, not durable"
    await until(lambda: asyncio.all_tasks() == before, "no task is left")


def test_on_uvloop_too() -> None:
    uvloop = pytest.importorskip("uvloop")
    journal = MemoryJournal([event(n) for n in range(1, 51)], ("demo-core",))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(demo(journal, 50)).effected_count == 50


async def test_a_broker_that_mqtt_5_confuses_is_spoken_to_in_3_1_1(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.contract.client.CONNECT_S", 0.5)
    broker = EmbeddedBroker()
    gateway = forwarder(await broker.start(), MemoryJournal(), version=None)
    gateway.start()
    await until(lambda: gateway.uplink.is_up, "the second try")
    await gateway.stop("over")
    await broker.stop()


async def test_stop_without_start_and_twice() -> None:
    broker = EmbeddedBroker()
    await broker.stop()
    await broker.start()
    await broker.stop()
    await broker.stop()


async def test_a_taken_port_is_an_os_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        broker = EmbeddedBroker(f"127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(OSError, match="in use"):
            await broker.start()


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:0", "192.0.2.1:1883", "127.0.0.1", "localhost:x", "[::]:0", ""]
)
def test_only_loopback(listen: str) -> None:
    with pytest.raises(ValueError, match="loopback"):
        EmbeddedBroker(listen)
