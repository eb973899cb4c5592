"""The confirming consumer: each id once, confirmed only after the own commit (REL-5)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from gateway.contract.client import MqttClient
from gateway.contract.consumer import ConfirmingConsumer
from gateway.contract.ledger import FileLedger, MemoryLedger, Received
from gateway.contract.status import Confirm
from gateway.contract.topics import Topics
from gateway.forward.broker import VERSION, EmbeddedBroker
from tests.support.hardware import until
from tests.support.mosquitto import Mosquitto

TOPICS = Topics("site-a")
AGAIN_S = 0.2  # a publication that nobody confirmed by then is sent again


class Gateway:
    """Publishes events and reads confirms."""

    def __init__(self, address: Any) -> None:
        self.address = address
        self.confirms: list[Confirm] = []
        self.confirmed = asyncio.Event()
        self.client = MqttClient(
            address,
            identifier="gateway",
            version=VERSION,
            on_message=self._heard,
            on_lost=lambda _reason, _by_peer: None,
        )

    def _heard(self, _topic: str, payload: bytes) -> None:
        self.confirms.append(msgspec.json.decode(payload, type=Confirm))
        self.confirmed.set()

    @property
    def ids(self) -> list[str]:
        return [i for confirm in self.confirms for i in confirm.ids]

    def publish(self, *ids: str) -> None:
        for event_id in ids:
            self.client.publish_nowait(
                TOPICS.event("info", "1"), b'{"id":"%s"}' % event_id.encode()
            )


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    broker = EmbeddedBroker()
    gateway = Gateway(await broker.start())
    await gateway.client.open()
    await gateway.client.subscribe_to([TOPICS.confirms])
    yield gateway
    await gateway.client.shut()
    await broker.stop()


@contextlib.asynccontextmanager
async def consumer(gateway: Gateway, **said: Any) -> AsyncIterator[ConfirmingConsumer]:
    consumer = ConfirmingConsumer(gateway.address, site="site-a", name="core-1", **said)
    consumer.start()
    await consumer.connected.wait()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def test_a_repeat_is_confirmed_again_and_not_effected_again(gateway: Gateway) -> None:
    effected: list[str] = []
    async with consumer(gateway, on_event=lambda r: effected.append(r.id)) as c:
        gateway.publish("a", "b", "a")
        await until(lambda: c.received_count == 3, "received")
        gateway.publish("a")
        await until(lambda: len(gateway.ids) >= 4 or gateway.ids.count("a") >= 2, "confirmed")
        assert effected == ["a", "b"]
        assert {confirm.consumer for confirm in gateway.confirms} == {"core-1"}


async def test_nothing_is_confirmed_before_the_commit_returned(gateway: Gateway) -> None:
    gate = threading.Event()
    begun = threading.Event()

    class Held(MemoryLedger):
        def commit(self, batch: Sequence[Received]) -> list[Received]:
            begun.set()
            assert gate.wait(10)
            return super().commit(batch)

    async with consumer(gateway, ledger=Held()) as c:
        gateway.publish("a")
        await until(begun.is_set, "the commit began")
        gateway.publish(*[f"b{n}" for n in range(50)])
        await until(lambda: c.received_count == 51, "received meanwhile")
        assert gateway.confirms == []
        gate.set()
        await until(lambda: len(gateway.ids) == 51, "confirmed")
        # What gathered while the commit ran went in one batch.
        assert [len(confirm.ids) for confirm in gateway.confirms] == [1, 50]


async def test_no_confirm_names_more_than_a_thousand(gateway: Gateway) -> None:
    async with consumer(gateway) as c:
        for n in range(2500):
            c._take(TOPICS.event("info", "1"), b'{"id":"e%d"}' % n)
        await until(lambda: len(gateway.ids) == 2500, "confirmed")
        assert max(len(confirm.ids) for confirm in gateway.confirms) == 1000


async def test_what_is_not_of_the_contract_is_left_alone(gateway: Gateway) -> None:
    async with consumer(gateway) as c:
        c._take(TOPICS.event("info", "1"), b"\xff")
        c._take(TOPICS.event("info", "1"), b"{}")
        gateway.publish("a")
        await until(lambda: gateway.ids == ["a"], "the sound one")
        assert c.received_count == 1


def test_a_file_ledger_remembers(tmp_path: Path) -> None:
    def received(*ids: str) -> list[Received]:
        return [Received(i, "t", b"{}") for i in ids]

    ledger = FileLedger(tmp_path / "ledger.db")
    assert [r.id for r in ledger.commit(received("a", "b", "a"))] == ["a", "b"]
    ledger.close()
    ledger = FileLedger(tmp_path / "ledger.db")
    assert [r.id for r in ledger.commit(received("b", "c"))] == ["c"]
    assert ledger.ids() == {"a", "b", "c"}
    ledger.close()


@pytest.mark.mosquitto
@pytest.mark.system
async def test_a_process_of_its_own_killed_and_started_again(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    gateway = Gateway(mosquitto.address)
    await gateway.client.open()
    await gateway.client.subscribe_to([TOPICS.confirms])

    async def start() -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "gateway.contract.consumer",
            "--broker", mosquitto.address.url, "--site", "site-a", "--name", "core-1",
            "--ledger", str(tmp_path / "ledger.db"),
            stdout=asyncio.subprocess.PIPE, env=dict(os.environ),
        )  # fmt: skip

    async def publish_until_confirmed(event_id: str) -> None:
        async with asyncio.timeout(15):
            while event_id not in gateway.ids:
                gateway.confirmed.clear()
                gateway.publish(event_id)  # again, as the outbox would: nobody may listen yet
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(gateway.confirmed.wait(), AGAIN_S)

    process = await start()
    await publish_until_confirmed("a")
    process.kill()
    await process.wait()
    gateway.confirms.clear()
    process = await start()
    await publish_until_confirmed("a")
    await publish_until_confirmed("b")
    process.send_signal(signal.SIGTERM)
    printed, _ = await process.communicate()
    assert process.returncode == 0
    assert printed.decode().split() == ["b"]  # "a" was effected by the one before
    await gateway.client.shut()
