"""One MQTT connection, cheap enough for the event loop: aiomqtt without a task per message.

aiomqtt's ``publish`` starts a task and an event for every message and its iterator a task for
every message received (measured: about half of the cost). The same client, socket handling and
keepalive are used here, but a publication is answered through one callback, and messages are
handed over as they are read. Nothing is queued inside: the window is the caller's, and what is
under way when the connection ends is the caller's to send again.

Used by the gateway and by the consumers we ship.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

import aiomqtt
import msgspec
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.client import ConnectFlags, DisconnectFlags, MQTTMessage
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.contract.address import BrokerAddress

CONNECT_S: Final = 5.0  # TCP, TLS and CONNACK together; then the attempt has failed
CLOSE_S: Final = 1.0  # for the DISCONNECT to leave; then the socket is shut
# A broker that hangs is found after at most two of these and a second (REL-42: 30 s): one until
# the PINGREQ, one without its answer.
KEEPALIVE_S: Final = 12
RECEIVE_MAXIMUM: Final = 65535  # MQTT 5, 3.2.2.3.3: what holds when the broker names none
MESSAGES_A_TURN: Final = 16  # read before others get their turn on the loop
FAILURE: Final = 128  # reason codes from here on are failures (MQTT 5, 2.4; 3.1.1, 3.9.3)
KEEP_ALIVE_TIMEOUT: Final = 141  # MQTT 5, 3.14.2.1; paho says it of itself as well

# What speaks of the message (MQTT 5, table 3-5): unspecified, implementation specific, topic name
# invalid, packet too large, payload format invalid. "Not authorized" and "quota exceeded" do not.
_FINAL: Final = frozenset({0x80, 0x83, 0x90, 0x95, 0x99})
_UNSUPPORTED_VERSION: Final = (1, 132)  # CONNACK codes of MQTT 3.1.1 and MQTT 5

_log: Final = logging.getLogger("gateway.mqtt")
# paho tells each failed read at error level; whoever holds the connection tells it once, in words.
_log.setLevel(logging.CRITICAL)


class BrokerUnavailableError(Exception):
    """The broker did not take the connection: away, hung, refusing, or not who it should be.

    Situations: connection refused; name not found; certificate not trusted or for another name;
    not authorised; no CONNACK in time.
    """


class VersionRefusedError(BrokerUnavailableError):
    """The broker does not speak this version of MQTT; an older one may do."""


class SilentBrokerError(BrokerUnavailableError):
    """The broker took the connection and never answered: it hangs, or the version confuses it."""


class Will(msgspec.Struct, frozen=True, kw_only=True):
    """What the broker publishes, retained, when the connection ends without a goodbye."""

    topic: str
    payload: bytes


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """The broker took the packet and said no (MQTT 5 only; 3.1.1 has no word for it)."""

    reason: str
    is_final: bool
    """The message itself is at fault, so that trying again cannot help."""


class _TlsSocket(ssl.SSLSocket):
    """Closes itself when the handshake fails, which paho would leave to the garbage collector."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002  as in ssl
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def _ignore_puback(_mid: int, _refusal: Refusal | None) -> None:
    """For those who only listen."""


class MqttClient(aiomqtt.Client):
    """One connection, used once. All callbacks run on the event loop."""

    def __init__(  # noqa: PLR0913  each is one fact of a connection, all by name
        self,
        address: BrokerAddress,
        *,
        identifier: str,
        on_message: Callable[[str, bytes], None],
        on_lost: Callable[[str, bool], None],
        on_puback: Callable[[int, Refusal | None], None] = _ignore_puback,
        will: Will | None = None,
        version: aiomqtt.ProtocolVersion = aiomqtt.ProtocolVersion.V5,
        keepalive_s: int = KEEPALIVE_S,
    ) -> None:
        """``on_puback(mid, refusal)``: None when the broker took it.

        ``on_lost(reason, is_by_peer)`` is called once, and not after ``shut``.
        """
        is_v5 = version is aiomqtt.ProtocolVersion.V5
        tls = address.tls_context()
        if tls is not None:
            tls.sslsocket_class = _TlsSocket
        super().__init__(
            address.host,
            address.port,
            username=address.username,
            password=address.password,
            identifier=identifier,
            protocol=version,
            will=None if will is None else aiomqtt.Will(will.topic, will.payload, 1, retain=True),
            clean_session=None if is_v5 else True,
            # Nothing of an earlier connection: the journal remembers. (3: paho's own default.)
            clean_start=True if is_v5 else 3,
            keepalive=keepalive_s,
            timeout=CONNECT_S,
            max_inflight_messages=0,  # no queue inside; 0 is also what makes a PUBACK O(1)
            tls_context=tls,
            socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
            logger=_log,
        )
        self._address = address
        self._client.connect_timeout = CONNECT_S
        self._on_message_to = on_message
        self._on_puback_to = on_puback
        self._on_lost_to = on_lost
        self._is_given_up = False
        self._message_count = 0
        self._loop_thread = threading.get_ident()
        self.receive_maximum = RECEIVE_MAXIMUM
        """How many publications may wait for their PUBACK (MQTT 5, 3.3.4)."""
        self.maximum_packet_bytes: int | None = None
        """The longest packet that the broker takes (MQTT 5, 3.2.2.3.6); None: it did not say."""

    async def open(self) -> None:
        """Connect and wait for the CONNACK; raises ``BrokerUnavailableError``."""
        where = self._address.url
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._connected_socket()
                await self._connected
        except TimeoutError:
            raise SilentBrokerError(f"broker {where}: no answer within {CONNECT_S:g} s") from None
        except MqttConnectError as error:
            code = error.rc.value if isinstance(error.rc, ReasonCode) else error.rc
            is_version = code in _UNSUPPORTED_VERSION
            kind = VersionRefusedError if is_version else BrokerUnavailableError
            raise kind(f"broker {where} refused the connection: {error}") from None
        except (OSError, aiomqtt.MqttError) as error:
            raise BrokerUnavailableError(f"broker {where}: {error}") from error
        finally:
            if not self._is_open:
                self._give_up()
        self._disconnected.add_done_callback(self._tell_lost)

    async def _connected_socket(self) -> None:
        # A daemon thread instead of the loop's executor: a broker that hangs in the middle of
        # the TLS handshake would otherwise hold up the end of the whole process.
        done: asyncio.Future[None] = self._loop.create_future()

        def settle(error: BaseException | None) -> None:
            if self._is_given_up:
                self._hang_up()
            if not done.done():
                done.set_result(None) if error is None else done.set_exception(error)

        def connect() -> None:
            error: BaseException | None = None
            try:
                self._client_connect()
            except Exception as caught:  # noqa: BLE001  handed to whoever waits
                error = caught
            try:
                # All else on the loop: its readers and writers are not for threads.
                self._loop.call_soon_threadsafe(settle, error)
            except RuntimeError:  # the loop is gone, and with it whoever waited
                with contextlib.suppress(RuntimeError):
                    self._hang_up()

        threading.Thread(target=connect, name="mqtt-connect", daemon=True).start()
        await done

    @property
    def _is_open(self) -> bool:
        return (
            self._connected.done()
            and not self._connected.cancelled()
            and self._connected.exception() is None
        )

    def _give_up(self) -> None:
        self._is_given_up = True
        if self._misc_task is not None:
            self._misc_task.cancel()
        self._hang_up()

    async def subscribe_to(self, topics: Sequence[str]) -> None:
        """Subscribe with QoS 1; raises ``BrokerUnavailableError`` when one is refused."""
        subscribing = self._loop.create_task(self.subscribe([(topic, 1) for topic in topics]))
        either: set[asyncio.Future[Any]] = {subscribing, self._disconnected}
        try:
            # A connection that ends meanwhile would else cost the whole time allowed for an answer.
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if not subscribing.done():
                raise BrokerUnavailableError(
                    f"broker {self._address.url}: the connection ended before the subscription "
                    "was answered"
                )
            codes = subscribing.result()
        except aiomqtt.MqttError as error:
            raise BrokerUnavailableError(f"broker {self._address.url}: {error}") from error
        finally:
            subscribing.cancel()
        for topic, code in zip(topics, codes, strict=True):
            value = code.value if isinstance(code, ReasonCode) else code
            if isinstance(value, int) and value >= FAILURE:
                raise BrokerUnavailableError(
                    f"broker {self._address.url} refused the subscription to {topic}: "
                    "check its access rules"
                )

    def publish_nowait(
        self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1
    ) -> int:
        """Send at once and give the packet's id; ``on_puback`` tells the broker's answer.

        Raises ValueError for what MQTT cannot carry, ``aiomqtt.MqttCodeError`` when the
        connection is gone.
        """
        info = self._client.publish(topic, payload, qos, retain)
        if info.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise aiomqtt.MqttCodeError(info.rc, "Could not publish message")
        return info.mid

    async def shut(self) -> None:
        """Say goodbye (the will is not published) and close; never waits long."""
        self._disconnected.remove_done_callback(self._tell_lost)
        if not self._disconnected.done():
            self._client.disconnect()
            await asyncio.wait([self._disconnected], timeout=CLOSE_S)
        self._hang_up()
        if self._disconnected.done():
            self._disconnected.exception()
        if self._misc_task is not None:
            self._misc_task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._misc_task

    def abort(self) -> None:
        """Close without a goodbye, as a hung broker wants it; ``on_lost`` is not called."""
        self._disconnected.remove_done_callback(self._tell_lost)
        self._give_up()
        if not self._disconnected.done():
            self._disconnected.set_result(None)

    def _hang_up(self) -> None:
        # paho's own way to drop a socket: it takes the reader and the writer off the loop first.
        self._client._sock_close()  # noqa: SLF001

    def _tell_lost(self, disconnected: asyncio.Future[None]) -> None:
        error = disconnected.exception()
        self._hang_up()
        rc = getattr(error, "rc", None)
        code = rc.value if isinstance(rc, ReasonCode) else rc
        is_ours = code in {MQTTErrorCode.MQTT_ERR_KEEPALIVE, KEEP_ALIVE_TIMEOUT}
        self._on_lost_to(
            "no answer to keepalive" if is_ours else str(error or "closed"), not is_ours
        )

    # What paho calls, in the order of a connection's life.

    def _on_socket_open(self, client: PahoClient, userdata: Any, sock: Any) -> None:  # noqa: ARG002
        # Called in the connecting thread, perhaps after everybody stopped waiting for it.
        def begin() -> None:
            if not self._is_given_up and sock.fileno() >= 0:
                self._loop.add_reader(sock.fileno(), self._read)
                self._misc_task = self._loop.create_task(self._misc_loop())

        with contextlib.suppress(RuntimeError):  # the loop may be gone by now
            self._loop.call_soon_threadsafe(begin)

    def _on_socket_register_write(self, client: PahoClient, userdata: Any, sock: Any) -> None:  # noqa: ARG002
        if threading.get_ident() == self._loop_thread:
            self._loop.add_writer(sock.fileno(), self._write)
            return

        def begin() -> None:
            if not self._is_given_up and sock.fileno() >= 0:
                self._loop.add_writer(sock.fileno(), self._write)

        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(begin)

    def _read(self) -> None:
        try:
            for _ in range(MESSAGES_A_TURN):
                seen = self._message_count
                self._client.loop_read()
                if self._message_count == seen and not self._has_decrypted_bytes():
                    break
        except Exception as error:  # noqa: BLE001  whatever it is, this connection is over
            self._fail(error)

    def _has_decrypted_bytes(self) -> bool:
        sock: Any = self._client.socket()
        return isinstance(sock, ssl.SSLSocket) and sock.pending() > 0

    def _write(self) -> None:
        try:
            self._client.loop_write()
        except Exception as error:  # noqa: BLE001  whatever it is, this connection is over
            self._fail(error)

    def _fail(self, error: Exception) -> None:
        if self._connected.done() and not self._disconnected.done():
            self._disconnected.set_exception(error)
        elif not self._connected.done():
            self._connected.set_exception(aiomqtt.MqttError(str(error)))

    def _on_connect(
        self,
        client: PahoClient,
        userdata: Any,
        flags: ConnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        if properties is not None:
            self.receive_maximum = getattr(properties, "ReceiveMaximum", RECEIVE_MAXIMUM)
            self.maximum_packet_bytes = getattr(properties, "MaximumPacketSize", None)
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_disconnect(
        self,
        client: PahoClient,
        userdata: Any,
        flags: DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        if not self._connected.done():
            # Without this a broker that hangs up instead of sending a CONNACK, as those do that
            # do not know the version, would cost the whole time allowed.
            self._connected.set_exception(
                VersionRefusedError(
                    f"broker {self._address.url} hung up instead of answering: it may not accept "
                    "the certificate or the client id; its log says why"
                )
            )
            return
        super()._on_disconnect(client, userdata, flags, reason_code, properties)

    def _on_publish(
        self,
        client: PahoClient,  # noqa: ARG002
        userdata: Any,  # noqa: ARG002
        mid: int,
        reason_code: ReasonCode,
        properties: Properties,  # noqa: ARG002
    ) -> None:
        code = reason_code.value
        if code < FAILURE:
            self._on_puback_to(mid, None)
        else:
            self._on_puback_to(mid, Refusal(reason=str(reason_code), is_final=code in _FINAL))

    def _on_message(self, client: PahoClient, userdata: Any, message: MQTTMessage) -> None:  # noqa: ARG002
        self._message_count += 1
        if not self._is_given_up:
            self._on_message_to(message.topic, bytes(message.payload))


class Versions:
    """Which version of MQTT a broker speaks; found out once and remembered.

    MQTT 5 is tried first because its PUBACK can say that a message was refused. Nothing else of
    it is used: the meaning of a message never sits in a property.
    """

    def __init__(self, only: aiomqtt.ProtocolVersion | None = None) -> None:
        both = (aiomqtt.ProtocolVersion.V5, aiomqtt.ProtocolVersion.V311)
        self._all = both if only is None else (only,)
        self._order = self._all

    async def open(self, make: Callable[[aiomqtt.ProtocolVersion], MqttClient]) -> MqttClient:
        """Open what ``make`` makes; raises ``BrokerUnavailableError``."""
        for version in self._order:
            client = make(version)
            try:
                await client.open()
            except VersionRefusedError:
                if version is self._order[-1]:
                    self._order = self._all
                    raise
                continue
            except SilentBrokerError:
                self._order = self._order[::-1]  # perhaps the other one is understood
                raise
            self._order = (version,)
            return client
        raise AssertionError("there is always a version to try")  # pragma: no cover
