"""A decision core as a process of its own that writes down what it effected, and when.

``python -m tests.harness.storm.core --broker URL --file F`` is that process: the confirming
consumer, and one line for each event at its first receipt. ``Core`` starts it and reads the file.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Self

import msgspec

from gateway.contract.address import BrokerAddress
from gateway.contract.consumer import ConfirmingConsumer
from gateway.contract.ledger import Received
from simulators import loop
from simulators.ledger import EventKey, event_key

FLUSH_S = 0.1
READY_S = 15.0


class _Named(msgspec.Struct):
    id: str


class _Valued(msgspec.Struct):
    value: str


class _Origin(msgspec.Struct):
    input: str
    sequence: str | None


class _Data(msgspec.Struct):
    class_: str = msgspec.field(name="class")
    account: _Named
    code: _Valued
    origin: _Origin
    zone: _Named | None
    user: _Named | None
    address: _Named | None
    text: str | None
    flags: list[str]


class _Event(msgspec.Struct):
    """As much of an event as a verdict needs; decoding all of it would make the core slow."""

    id: str
    data: _Data


_event_of = msgspec.json.Decoder(_Event).decode


class Effect(NamedTuple):
    """One event at its first receipt."""

    at: float
    """Monotonic seconds of this machine, the same for all its processes."""
    id: str
    class_: str
    account: str
    sequence: str
    code: str
    address: str
    text: str
    flags: str
    """By comma."""

    @property
    def is_of_gateway(self) -> bool:
        """It speaks of the gateway itself."""
        return self.class_ == "system"

    @property
    def key(self) -> EventKey:
        """What it has in common with its transmission."""
        return event_key(self.account, self.sequence, self.code, self.address)


def _line(received: Received) -> bytes:
    event = _event_of(received.payload)
    data = event.data
    place = data.zone or data.user or data.address
    return msgspec.json.encode(
        (
            time.monotonic(),
            event.id,
            data.class_,
            data.account.id,
            data.origin.sequence or "",
            data.code.value,
            place.id if place else "",
            data.text or "",
            ",".join(data.flags),
        )
    )


async def _main(broker: str, site: str, name: str, path: Path) -> None:
    with path.open("wb") as file:

        def effect(received: Received) -> None:
            file.write(_line(received) + b"\n")

        consumer = ConfirmingConsumer(
            BrokerAddress.parse(broker), site=site, name=name, on_event=effect
        )

        async def keep() -> None:
            await consumer.connected.wait()
            sys.stdout.write("ready\n")
            sys.stdout.flush()
            while True:
                await asyncio.sleep(FLUSH_S)
                file.flush()

        # A consumer that fails ends the process: a dead core must not look like a slow one.
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(keep())
            tasks.create_task(consumer.run())


class Core:
    """The process. A context: subscribed inside, gone outside."""

    def __init__(self, file: Path, broker: BrokerAddress, *, site: str = "test", name="core-1"):
        self.file = file
        self._line = [
            sys.executable, "-m", "tests.harness.storm.core", "--broker", broker.url,
            "--site", site, "--name", name, "--file", str(file),
        ]  # fmt: skip
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            *self._line, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
        )
        async with asyncio.timeout(READY_S):
            said = await self._process.stdout.readline()
        assert said == b"ready\n", "the core did not reach the broker"
        return self

    async def __aexit__(self, *_what: object) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            process.terminate()
            self.thaw()  # a story that failed may have left it frozen
            try:
                async with asyncio.timeout(10):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()

    def freeze(self) -> None:
        """SIGSTOP: it hears nothing, and subscribes to nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._process.send_signal(signal.SIGCONT)

    @property
    def status(self) -> int | None:
        """Its exit status; None while it runs."""
        return None if self._process is None else self._process.returncode

    def effects(self) -> Iterator[Effect]:
        """What it wrote down so far, in the order of receipt."""
        with self.file.open("rb") as file:
            for line in file:
                if line.endswith(b"\n"):  # the last one may be half written
                    yield Effect(*json.loads(line))

    def of_panels(self) -> Iterator[Effect]:
        """The same without the gateway's own events."""
        return (effect for effect in self.effects() if not effect.is_of_gateway)

    def of_gateway(self, word: str = "") -> list[Effect]:
        """The gateway's own events, those of one code."""
        return [each for each in self.effects() if each.is_of_gateway and word in each.code]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A core that writes down what it effected.")
    parser.add_argument("--broker", required=True)
    parser.add_argument("--site", default="test")
    parser.add_argument("--name", default="core-1")
    parser.add_argument("--file", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    asked = _arguments()
    try:
        loop.run(lambda: _main(asked.broker, asked.site, asked.name, asked.file))
    except KeyboardInterrupt:
        sys.exit(0)
