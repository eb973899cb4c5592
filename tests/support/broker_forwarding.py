"""A forwarder and a core on a real broker; the journal is in memory."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any, Self

from gateway.contract.address import BrokerAddress
from gateway.contract.consumer import ConfirmingConsumer
from gateway.forward.forwarder import Forwarder, ForwardSettings
from gateway.forward.mqtt import MqttTransport
from gateway.health import Counters, Health
from hardware.clock import LoopTimers, SystemClock
from tests.support.forwarding import SITE, MemoryJournal


class Gateway:
    """A forwarder on a real connection, with its journal in memory."""

    def __init__(self, address: BrokerAddress, *, keepalive_s: int = 12, **settings: Any) -> None:
        confirm_by = settings.pop("confirm_by", ("core-1",))
        self.journal = MemoryJournal(settings.pop("events", ()), confirm_by)
        self.health = Health()
        self.counters = Counters()
        self.told: list[tuple[str, str]] = []
        clock, timers = SystemClock(), LoopTimers()
        self.forwarder = Forwarder(
            ForwardSettings(site=SITE, confirm_by=confirm_by, **settings),
            journal=self.journal,
            transport=MqttTransport(address, client_id="alarm-gateway", keepalive_s=keepalive_s),
            clock=clock,
            timers=timers,
            random=lambda: 0.0,
            health=self.health,
            count=self.counters.count,
            tell=lambda code, text: self.told.append((code, text)),
            version="0.0.0",
        )

    @property
    def is_up(self) -> bool:
        return self.forwarder.uplink.is_up

    @property
    def state(self) -> Any:
        return self.forwarder.outbox.state()

    async def __aenter__(self) -> Self:
        self.forwarder.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.forwarder.stop("test is over")


@contextlib.asynccontextmanager
async def core(address: BrokerAddress, **said: Any) -> AsyncIterator[ConfirmingConsumer]:
    kind = said.pop("kind", ConfirmingConsumer)
    consumer = kind(address, site=SITE, name=said.pop("name", "core-1"), **said)
    consumer.start()
    await asyncio.wait_for(consumer.connected.wait(), 15)
    try:
        yield consumer
    finally:
        await consumer.stop()
