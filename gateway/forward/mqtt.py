"""The real broker connection behind ``ports.Transport``: aiomqtt, MQTT 5 or 3.1.1."""

from __future__ import annotations

from collections.abc import Sequence

import aiomqtt
from aiomqtt import ProtocolVersion

from gateway.contract.address import BrokerAddress
from gateway.contract.client import KEEPALIVE_S, MqttClient, Versions, Will
from gateway.forward.ports import Link, Receiver


class MqttTransport:
    """Connects to one broker, with MQTT 5 where the broker speaks it."""

    def __init__(
        self,
        address: BrokerAddress,
        *,
        client_id: str,
        allow_plain: bool = False,
        keepalive_s: int = KEEPALIVE_S,
        version: ProtocolVersion | None = None,
    ) -> None:
        """Raises ValueError for plain TCP to another machine (SEC-20) and for bad certificates.

        ``version``: the only one to try, where it is known, as for the embedded broker.
        """
        address.require_privacy(allow_plain=allow_plain)
        address.tls_context()  # a certificate that cannot be read is a mistake to tell at start
        self._address = address
        self._client_id = client_id
        self._keepalive_s = keepalive_s
        self._versions = Versions(version)

    async def connect(self, receiver: Receiver, *, will: Will, topics: Sequence[str]) -> Link:
        """See ``ports.Transport``."""

        def make(version: ProtocolVersion) -> MqttClient:
            return MqttClient(
                self._address,
                identifier=self._client_id,
                will=will,
                version=version,
                keepalive_s=self._keepalive_s,
                on_message=receiver.message,
                on_puback=receiver.puback,
                on_lost=receiver.lost,
            )

        client = await self._versions.open(make)
        try:
            await client.subscribe_to(topics)
        except BaseException:
            client.abort()
            raise
        return MqttLink(client)


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
