"""The whole way: a far end on a line, a gateway, a broker, a core that confirms."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from random import Random
from typing import Any, Self

from gateway.contract.consumer import ConfirmingConsumer, Received
from gateway.daemon import Daemon
from protocols.registry import PROTOCOLS
from simulators.ledger import Ledger
from simulators.links import PtyLink, TcpLink
from simulators.receivers import Receiver, ReceiverSettings
from simulators.runner import Runner
from simulators.scenarios import Happening, meanings
from tests.support.hardware import until
from tests.support.mosquitto import Mosquitto
from tests.support.running import running
from tests.support.station import Station

INPUT = "dut"
_ACCOUNTS = {
    "pima": "001234",
    "iti-generic": "01234",
    "fsk-router": "01234",
    "osborne-hoffman": "001234",
    "osborne-hoffman-plain": "001234",
}


def account_of(name: str) -> str:
    """Who calls over a dialect: as many digits as it has room for."""
    return _ACCOUNTS.get(name, "1234")


def happening(address: int) -> Happening:
    """A burglary at the perimeter of area 1."""
    return Happening(
        name="perimeter_alarm", meaning=meanings()["perimeter_alarm"], area=1, address=address
    )


def played(name: str, link: PtyLink | TcpLink, **settings: Any) -> Runner:
    """The far end of a dialect, played by the simulator."""
    receiver = Receiver(
        ReceiverSettings(protocol=name, **settings),
        ledger=Ledger(),
        random=Random(4),
        account=account_of(name),
        now=asyncio.get_running_loop().time(),
    )
    return Runner(receiver, [link])


class Core:
    """A consumer that confirms, and what it effected."""

    def __init__(self, broker: Mosquitto) -> None:
        self.events: list[dict[str, Any]] = []
        """Of panels and receivers."""
        self.own: list[dict[str, Any]] = []
        """Of the gateway itself."""
        self._consumer = ConfirmingConsumer(
            broker.address, site="test", name="core-1", on_event=self._take
        )

    def _take(self, received: Received) -> None:
        data = json.loads(received.payload)["data"]
        (self.own if data["class"] == "system" else self.events).append(data)

    async def __aenter__(self) -> Self:
        self._consumer.start()
        await asyncio.wait_for(self._consumer.connected.wait(), 10)
        return self

    async def __aexit__(self, *_what: object) -> None:
        await self._consumer.stop()

    def link_story(self) -> list[str]:
        """The kinds of what was said about the link under test, in order."""
        return [event["kind"] for event in self.own if f"link {INPUT}" in (event["text"] or "")]


def station_with(
    folder: Path,
    broker: Mosquitto,
    protocol: str,
    options: Mapping[str, object],
    link: str,
    *,
    accounts: Iterable[str] = ("1234",),
    heartbeat_s: float = 0.0,
) -> Station:
    """The files of a gateway whose only interesting input is the one under test."""
    words = [f"{name} = {json.dumps(value)}" for name, value in options.items()]
    is_receiver = protocol in PROTOCOLS and PROTOCOLS[protocol].link == "receiver"
    beat = f"heartbeat_s = {heartbeat_s}" if is_receiver else ""
    return Station(
        folder,
        accounts=accounts,
        broker=f"mqtt://127.0.0.1:{broker.port}",
        extra=f"""
                [inputs.{INPUT}]
                protocol = "{protocol}"
                {link}
                {beat}
                options = {{ {", ".join(words)} }}
        """,
    )


@contextlib.asynccontextmanager
async def whole_way(
    station: Station, broker: Mosquitto, runner: Runner | None = None
) -> AsyncIterator[tuple[Daemon, Core]]:
    """Gateway and consumer, the far end before them: its device has to be there."""
    async with contextlib.AsyncExitStack() as stack:
        if runner is not None:
            await runner.start()
            stack.push_async_callback(runner.close)
        core = await stack.enter_async_context(Core(broker))
        daemon = await stack.enter_async_context(running(station))
        # What is said on a line before it is open is lost, as on a real one.
        await until(lambda: daemon.vitals.message().inputs[INPUT] == "up", "the input is up")
        yield daemon, core
