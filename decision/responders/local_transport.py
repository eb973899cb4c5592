"""A simulated desk in the same process, as a transport: for tests and demonstrations."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from decision.clock import Clock
from decision.responders.desk import Desk
from decision.responders.messages import FromStation
from decision.responders.transport import Delivery, Receipt, Received


class LocalTransport:
    """Hands messages to a desk at hand and waits for what it says, by the given clock."""

    name: Final = "local"

    def __init__(self, desk: Desk, clock: Clock) -> None:
        self._desk = desk
        self._clock = clock
        self._heard = asyncio.Event()

    async def send(self, message: FromStation) -> Receipt:
        """See ``Transport``."""
        self._desk.receive(message, self._clock.now())
        self._heard.set()
        return Receipt(delivery=Delivery.DELIVERED)

    async def run(self, received: Received) -> None:
        """See ``Transport``."""
        while True:
            self._heard.clear()
            for message in self._desk.say(self._clock.now()):
                received(message)
            due = self._desk.due
            wait_s = None if due is None else max(self._clock.seconds_until(due), 0)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._heard.wait()
