"""The network as the listeners and links see it, and the real one.

``Network`` is the seam: everything above it also runs on a simulated network. Nothing
else in the program opens an internet socket for panels or receivers.
"""

from __future__ import annotations

import asyncio
import socket
from typing import Protocol

from hardware.accept_loop import AcceptLoop, Admit, Short
from hardware.address import Address, ListenError, SockAddr, bind, spell
from hardware.datagram_loop import DatagramLoop, Received

__all__ = [
    "Admit",
    "Datagrams",
    "Listening",
    "Network",
    "RealNetwork",
    "Received",
    "Short",
]

KEEPALIVE_IDLE_S = 60  # silence after which the kernel asks whether the peer is there (ours)
KEEPALIVE_INTERVAL_S = 20  # between its questions (ours)
KEEPALIVE_COUNT = 3  # unanswered questions after which the connection is gone (ours)

CONNECT_TIMEOUT_S = 10.0  # a receiver that does not take a connection by then is down (ours)


class Listening(Protocol):
    """A listening stream socket."""

    @property
    def address(self) -> Address:
        """Where it listens."""
        ...

    def pause(self) -> None:
        """Accept no more for now; the kernel's backlog holds who comes."""
        ...

    def resume(self) -> None:
        """Accept again."""
        ...

    def close(self) -> None:
        """Stop for good."""
        ...


class Datagrams(Protocol):
    """A bound datagram socket."""

    @property
    def address(self) -> Address:
        """Where it is bound."""
        ...

    def send(self, data: bytes, peer: SockAddr, local: bytes | None) -> bool:
        """Answer from the address that ``local`` names; False when it could not leave."""
        ...

    def pause(self) -> None:
        """Read no more for now; the kernel's buffer holds what comes, then drops it."""
        ...

    def resume(self) -> None:
        """Read again."""
        ...

    def close(self) -> None:
        """Stop for good."""
        ...


class Network(Protocol):
    """Where connections and datagrams come from."""

    def listen(self, address: Address, *, backlog: int, admit: Admit, short: Short) -> Listening:
        """Accept connections from now on.

        Raises:
            ListenError: The address cannot be had.
        """
        ...

    def datagrams(self, address: Address, received: Received) -> Datagrams:
        """Receive datagrams from now on.

        Raises:
            ListenError: The address cannot be had.
        """
        ...

    async def connect(self, address: Address, protocol: asyncio.Protocol) -> None:
        """Connect as a client; ``protocol.connection_made`` was called when it returns.

        Raises:
            OSError: Refused, unreachable, or no answer in ``CONNECT_TIMEOUT_S``.
        """
        ...


class RealNetwork:
    """The machine's network, on one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def listen(self, address: Address, *, backlog: int, admit: Admit, short: Short) -> Listening:
        """See ``Network``."""
        sock = bind(address, socket.SOCK_STREAM)
        # Linux hands these on to every accepted socket: no call per connection.
        _keep_alive(sock)
        try:
            sock.listen(backlog)
        except OSError as error:
            sock.close()
            raise ListenError(f"cannot listen on tcp {spell(*address)}: {error}") from error
        return AcceptLoop(self._loop, sock, admit, short)

    def datagrams(self, address: Address, received: Received) -> Datagrams:
        """See ``Network``."""
        return DatagramLoop(self._loop, bind(address, socket.SOCK_DGRAM), received)

    async def connect(self, address: Address, protocol: asyncio.Protocol) -> None:
        """See ``Network``."""
        host, port = address
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                transport, _ = await self._loop.create_connection(lambda: protocol, host, port)
        except TimeoutError as error:
            raise OSError(f"no answer within {CONNECT_TIMEOUT_S:.0f} s") from error
        sock = transport.get_extra_info("socket")
        if sock is not None:
            _keep_alive(sock)


def _keep_alive(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", KEEPALIVE_IDLE_S),
        ("TCP_KEEPINTVL", KEEPALIVE_INTERVAL_S),
        ("TCP_KEEPCNT", KEEPALIVE_COUNT),
    ):
        if hasattr(socket, option):  # the names differ off Linux; keepalive itself is on
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
