"""The real broker connection behind ``ports.Transport``: aiomqtt, MQTT 5 or 3.1.1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import aiomqtt
from aiomqtt import ProtocolVersion

from gateway.contract.address import BrokerAddress
from gateway.contract.client import KEEPALIVE_S, MqttClient, VersionRefusedError, Will
from gateway.forward.ports import Link, Receiver

_BOTH: Final = (ProtocolVersion.V5, ProtocolVersion.V311)


class MqttTransport:
    """Connects to one broker; a link speaks MQTT 5 when the broker does.

    MQTT 5 is tried first because its PUBACK can say that a message was refused; nothing else of
    it is used, and a broker that only knows 3.1.1 is remembered until it goes away.
    """

    def __init__(
        self,
        address: BrokerAddress,
        *,
        client_id: str,
        allow_plain: bool = False,
        keepalive_s: int = KEEPALIVE_S,
    ) -> None:
        """Raises ValueError for plain TCP to another machine (SEC-20) and for bad certificates."""
        address.require_privacy(allow_plain=allow_plain)
        address.tls_context()  # a certificate that cannot be read is a mistake to tell at start
        self._address = address
        self._client_id = client_id
        self._keepalive_s = keepalive_s
        self._versions: tuple[ProtocolVersion, ...] = _BOTH

    async def connect(self, receiver: Receiver, *, will: Will, topics: Sequence[str]) -> Link:
        """See ``ports.Transport``."""
        for version in self._versions:
            client = MqttClient(
                self._address,
                identifier=self._client_id,
                will=will,
                version=version,
                keepalive_s=self._keepalive_s,
                on_message=receiver.message,
                on_puback=receiver.puback,
                on_lost=receiver.lost,
            )
            try:
                await client.open()
            except VersionRefusedError:
                if version is self._versions[-1]:
                    self._versions = _BOTH
                    raise
                continue
            self._versions = (version,)
            try:
                await client.subscribe_to(topics)
            except BaseException:
                client.abort()
                raise
            return MqttLink(client)
        raise AssertionError("there is always a version to try")  # pragma: no cover


class MqttLink:
    """One connection; see ``ports.Link``."""

    def __init__(self, client: MqttClient) -> None:
        self._client = client
        self.window = client.receive_maximum
        self.maximum_packet_bytes = client.maximum_packet_bytes

    def publish(self, topic: str, payload: bytes, *, retain: bool) -> int:
        """See ``ports.Link``."""
        try:
            return self._client.publish_nowait(topic, payload, retain=retain)
        except aiomqtt.MqttError as error:
            raise ConnectionError(str(error)) from error

    async def shut(self) -> None:
        """See ``ports.Link``."""
        await self._client.shut()

    def abort(self) -> None:
        """See ``ports.Link``."""
        self._client.abort()
