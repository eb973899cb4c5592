"""The core's connection to the broker: kept up for ever, with what is retained published again.

Nothing is queued while the broker is away: events come again until they are confirmed, and of a
retained topic only the last word counts.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Final

import aiomqtt
import structlog
from aiomqtt import ProtocolVersion

from gateway.contract.address import BrokerAddress
from gateway.contract.client import BrokerUnavailableError, MqttClient, Versions, Will

RETRY_FIRST_S: Final = 0.1  # before the second try to reach the broker; doubles
RETRY_MOST_S: Final = 5.0
GOODBYE_S: Final = 1.0  # for the last retained words to be taken

_log: Final = structlog.get_logger()


class Uplink:
    """One client at one broker. All callbacks run on the loop."""

    def __init__(  # noqa: PLR0913  each is one fact of a connection, all by name
        self,
        address: BrokerAddress,
        *,
        client_id: str,
        subscribe: str,
        on_message: Callable[[str, bytes], None],
        will: Will,
        changed: Callable[[str | None], None] = lambda _reason: None,
        version: ProtocolVersion | None = None,
    ) -> None:
        """``version``: only this one of MQTT; None finds out.

        ``changed`` is told why there is no connection, and None when there is one again.
        """
        self._address = address
        self._client_id = client_id
        self._subscription = subscribe
        self._on_message = on_message
        self._will = will
        self._changed = changed
        self._versions = Versions(version)
        self._client: MqttClient | None = None
        self._lost: asyncio.Future[str] | None = None
        self._task: asyncio.Task[None] | None = None
        self._retained: dict[str, bytes] = {}
        self._unanswered: set[int] = set()
        self._all_answered = asyncio.Event()
        self.connected = asyncio.Event()
        """Set while it is subscribed."""

    def start(self) -> None:
        """Connect and go on until ``stop``, whatever the broker does."""
        self._task = asyncio.get_running_loop().create_task(self._stay(), name="uplink")

    async def stop(self, goodbye: dict[str, bytes] | None = None) -> None:
        """Publish the last retained words, say goodbye, close."""
        for topic, payload in (goodbye or {}).items():
            self.retain(topic, payload)
        if self._client is not None and self._unanswered:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(GOODBYE_S):
                    await self._all_answered.wait()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        client, self._client = self._client, None
        if client is not None:
            await client.shut()

    def publish(self, topic: str, payload: bytes) -> bool:
        """Send with QoS 1; False when there is no connection."""
        return self._send(topic, payload, retain=False)

    def retain(self, topic: str, payload: bytes) -> None:
        """Publish retained, now and after every reconnect, until it is given anew."""
        self._retained[topic] = payload
        self._send(topic, payload, retain=True)

    def _send(self, topic: str, payload: bytes, *, retain: bool) -> bool:
        if self._client is None:
            return False
        try:
            mid = self._client.publish_nowait(topic, payload, retain=retain)
        except aiomqtt.MqttError:
            return False
        self._unanswered.add(mid)
        self._all_answered.clear()
        return True

    def _answered(self, mid: int, refusal: object) -> None:
        self._unanswered.discard(mid)
        if not self._unanswered:
            self._all_answered.set()
        if refusal is not None:
            _log.warning("publication.refused", reason=str(refusal))

    async def _stay(self) -> None:
        delay_s = RETRY_FIRST_S
        while True:
            self._lost = asyncio.get_running_loop().create_future()
            try:
                await self._connect()
            except BrokerUnavailableError as error:
                if delay_s == RETRY_FIRST_S:
                    _log.warning("broker.unavailable", reason=str(error))
                self._changed(str(error))
                await asyncio.sleep(delay_s)
                delay_s = min(delay_s * 2, RETRY_MOST_S)
                continue
            delay_s = RETRY_FIRST_S
            _log.info("broker.connected", broker=self._address.url)
            self._changed(None)
            for topic, payload in self._retained.items():
                self._send(topic, payload, retain=True)
            self.connected.set()
            reason = await self._lost
            self.connected.clear()
            self._client = None
            self._unanswered.clear()
            self._all_answered.set()
            _log.warning("broker.lost", reason=reason)
            self._changed(f"connection lost: {reason}")

    async def _connect(self) -> None:
        def make(version: ProtocolVersion) -> MqttClient:
            return MqttClient(
                self._address,
                identifier=self._client_id,
                version=version,
                on_message=self._on_message,
                on_lost=self._link_lost,
                on_puback=self._answered,
                will=self._will,
            )

        client = await self._versions.open(make)
        self._client = client
        try:
            await client.subscribe_to([self._subscription])
        except BaseException:
            self._client = None
            client.abort()
            raise

    def _link_lost(self, reason: str, _is_by_peer: bool) -> None:  # noqa: FBT001  see MqttClient
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(reason)
