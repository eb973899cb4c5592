"""The confirming consumer: how a decision core receives events, in the fewest lines that are right.

Subscribe, effect each id once, and confirm only after the own commit. What is not confirmed comes
again, so nothing needs to be remembered about the connection. Used by the demo and the tests;
``python -m gateway.contract.consumer --help`` runs one on its own.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import aiomqtt
import msgspec
from aiomqtt import ProtocolVersion

from gateway.contract.address import BrokerAddress
from gateway.contract.client import BrokerUnavailableError, MqttClient, Versions
from gateway.contract.ledger import FileLedger, Ledger, MemoryLedger, Received
from gateway.contract.status import MAX_CONFIRM_IDS, Confirm
from gateway.contract.topics import Topics

RETRY_FIRST_S: Final = 0.1  # before the second try to reach the broker; doubles
RETRY_MOST_S: Final = 5.0


class _Id(msgspec.Struct):
    id: str


_id_of = msgspec.json.Decoder(_Id).decode


class ConfirmingConsumer:
    """Receives all events of a site and confirms them in its own name."""

    def __init__(  # noqa: PLR0913  each is one setting, all by name
        self,
        address: BrokerAddress,
        *,
        site: str,
        name: str,
        ledger: Ledger | None = None,
        on_event: Callable[[Received], None] = lambda _received: None,
        client_id: str | None = None,
        version: ProtocolVersion | None = None,
    ) -> None:
        """``name`` must be named in the gateway's ``confirm_by``.

        ``on_event`` is told, on the loop, of each event once it is committed, and of none twice.
        """
        self._address = address
        self._topics = Topics(site)
        self._confirm_topic = self._topics.confirm(name)
        self._name = name
        self._ledger: Ledger = MemoryLedger() if ledger is None else ledger
        self._on_event = on_event
        self._client_id = client_id or f"{name}-consumer"
        self._versions = Versions(version)
        self._client: MqttClient | None = None
        self._waiting: list[Received] = []
        self._has_work = asyncio.Event()
        self._lost: asyncio.Future[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._commit: asyncio.Future[list[Received]] | None = None
        self.connected = asyncio.Event()
        """Set while it is subscribed."""
        self.received_count = 0
        """Events received, repeats included."""
        self.effected_count = 0
        self.confirmed_count = 0
        """Ids confirmed, repeats included."""

    def start(self) -> None:
        """Connect and go on until ``stop``, whatever the broker does."""
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._stay_connected(), name="consumer-connection"),
            loop.create_task(self._work(), name="consumer-work"),
        ]

    async def stop(self) -> None:
        """Say goodbye; what was received and not committed comes again some day."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._commit is not None:  # a thread cannot be cancelled
            await asyncio.wait([self._commit])
        client, self._client = self._client, None
        if client is not None:
            await client.shut()
        self._ledger.close()

    async def run(self) -> None:
        """Go on until cancelled, or until the ledger fails."""
        self.start()
        try:
            await asyncio.gather(*self._tasks)
        finally:
            await self.stop()

    async def _stay_connected(self) -> None:
        delay_s = RETRY_FIRST_S
        while True:
            self._lost = asyncio.get_running_loop().create_future()
            try:
                await self._connect()
            except BrokerUnavailableError:
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, RETRY_MOST_S)
                continue
            delay_s = RETRY_FIRST_S
            self.connected.set()
            await self._lost
            self.connected.clear()
            self._client = None

    async def _connect(self) -> None:
        def make(version: ProtocolVersion) -> MqttClient:
            return MqttClient(
                self._address,
                identifier=self._client_id,
                version=version,
                on_message=self._take,
                on_lost=self._link_lost,
            )

        client = await self._versions.open(make)
        self._client = client
        try:
            await client.subscribe_to([self._topics.events])
        except BaseException:
            self._client = None
            client.abort()
            raise

    def _link_lost(self, _reason: str, _is_by_peer: bool) -> None:  # noqa: FBT001  see MqttClient
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(None)

    def _take(self, topic: str, payload: bytes) -> None:
        try:
            event_id = _id_of(payload).id
        except msgspec.DecodeError:
            return  # not of this contract: never confirmed, so the gateway will tell
        self.received_count += 1
        self._waiting.append(Received(event_id, topic, payload))
        self._has_work.set()

    async def _work(self) -> None:
        """Commit what gathered while the commit before was running, then confirm it."""
        while True:
            await self._has_work.wait()
            batch, self._waiting = (
                self._waiting[:MAX_CONFIRM_IDS],
                self._waiting[MAX_CONFIRM_IDS:],
            )
            if not self._waiting:
                self._has_work.clear()
            self._commit = asyncio.get_running_loop().run_in_executor(
                None, self._ledger.commit, batch
            )
            fresh = await asyncio.shield(self._commit)
            self.effected_count += len(fresh)
            for received in fresh:
                self._on_event(received)
            self.confirm([received.id for received in batch])

    def confirm(self, ids: Sequence[str]) -> None:
        """Confirm; an id that is known already must be confirmed again, its confirm was lost."""
        if self._client is None:
            return  # the events come again, and then so does this
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        message = Confirm(consumer=self._name, ids=tuple(dict.fromkeys(ids)), time=now)
        with contextlib.suppress(aiomqtt.MqttError):
            self._client.publish_nowait(self._confirm_topic, msgspec.json.encode(message))
            self.confirmed_count += len(message.ids)


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m gateway.contract.consumer",
        description="Receive the events of a site, record each once, confirm them.",
        epilog="example: --broker mqtt://127.0.0.1:1883 --site site-a --name core-1 "
        "--ledger core-1.db",
    )
    parser.add_argument("--broker", required=True, help="mqtt://host:port or mqtts://host:port")
    parser.add_argument("--site", required=True)
    parser.add_argument("--name", required=True, help="a consumer named in confirm_by")
    parser.add_argument("--ledger", type=Path, help="SQLite file; without it, memory")
    parser.add_argument("--ca-file", type=Path)
    parser.add_argument("--cert-file", type=Path)
    parser.add_argument("--key-file", type=Path)
    return parser.parse_args(argv)


async def _main(arguments: argparse.Namespace) -> None:
    def told(received: Received) -> None:
        sys.stdout.write(received.id + "\n")
        sys.stdout.flush()

    consumer = ConfirmingConsumer(
        BrokerAddress.parse(
            arguments.broker,
            ca_file=arguments.ca_file,
            cert_file=arguments.cert_file,
            key_file=arguments.key_file,
        ),
        site=arguments.site,
        name=arguments.name,
        ledger=FileLedger(arguments.ledger) if arguments.ledger else None,
        on_event=told,
    )
    running = asyncio.ensure_future(consumer.run())
    saying = asyncio.ensure_future(_say_subscribed(consumer, arguments.name))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await running
    saying.cancel()


async def _say_subscribed(consumer: ConfirmingConsumer, name: str) -> None:
    """Tell whoever started it that from now on nothing passes it by."""
    await consumer.connected.wait()
    sys.stderr.write(f"{name} is subscribed\n")
    sys.stderr.flush()


if __name__ == "__main__":
    asyncio.run(_main(_arguments(None)))
