"""A broker inside this process, for the demo and the bench: zero set-up, and not durable.

amqtt answers a PUBLISH before it routes it, forgets everything when the process ends and knows
no access rules. That loses nothing here, since events are published until they are confirmed,
but it is no broker for a station; log and status say so.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final

import structlog
from aiomqtt import ProtocolVersion

from gateway.contract.address import BrokerAddress

LABEL: Final = "embedded, not durable"
"""What info and log call it."""
VERSION: Final = ProtocolVersion.V311
"""amqtt speaks 3.1.1 only, and an MQTT 5 CONNECT with a will makes it wait for ever."""
STOP_S: Final = 3.0  # for its connections to close; then it is left as it is

# It warns about each client that hurries; nothing of that concerns an operator.
_QUIET: Final = ("amqtt", "transitions")
_log = structlog.get_logger()


class EmbeddedBroker:
    """Runs on the loop that starts it."""

    def __init__(self, listen: str = "127.0.0.1:0") -> None:
        """Raises ValueError unless ``listen`` is a loopback address with a port; 0: a free one."""
        host, _, port = listen.rpartition(":")
        host = host.strip("[]")
        try:
            is_loopback = ipaddress.ip_address(host).is_loopback
            self._port = int(port)
        except ValueError:
            raise ValueError(
                f"embedded_listen {listen!r}: expected a loopback address and a port, "
                "for instance 127.0.0.1:0"
            ) from None
        if not is_loopback:
            raise ValueError(
                f"embedded_listen {listen!r}: the embedded broker lets anybody in, so it listens "
                "on a loopback address only; use a real broker to reach other machines"
            )
        self._host = host
        self._broker: Any = None
        self._connections: dict[asyncio.Task[Any], asyncio.StreamWriter] = {}

    async def start(self) -> BrokerAddress:
        """Start; gives where it listens. Raises OSError when the port is taken."""
        for name in _QUIET:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        # 80 ms that only those pay who use it.
        from amqtt.broker import Broker  # noqa: PLC0415

        # amqtt tells a taken port as an error of its own, after half a start.
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((self._host, self._port))
        shown = f"[{self._host}]" if ":" in self._host else self._host
        broker = Broker(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"{shown}:{self._port}"}},
                "plugins": {
                    "amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}
                },
            }
        )
        broker.stream_connected = self._held(broker.stream_connected)
        await broker.start()
        self._broker = broker
        server = broker._servers["default"].instance  # noqa: SLF001  the only way to its port
        port = server.sockets[0].getsockname()[1]
        _log.warning("broker.embedded", durability=LABEL, listen=f"{shown}:{port}")
        return BrokerAddress(host=self._host, port=port)

    def _held(self, connected: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        """Remember who is connected: amqtt leaves their sockets to the garbage collector."""

        async def hold(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
        ) -> None:
            task = asyncio.current_task()
            assert task is not None  # noqa: S101  a coroutine that runs
            self._connections[task] = writer
            try:
                await connected(reader, writer, listener_name)
            finally:
                del self._connections[task]
                writer.close()

        return hold

    async def stop(self) -> None:
        """Stop; what it still held is gone. Harmless when it was not started."""
        broker, self._broker = self._broker, None
        if broker is None:
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(broker.shutdown(), STOP_S)
        left = list(self._connections.items())
        for task, _ in left:
            task.cancel()
        await asyncio.gather(*(task for task, _ in left), return_exceptions=True)
        for _, writer in left:
            with contextlib.suppress(OSError):
                await writer.wait_closed()
