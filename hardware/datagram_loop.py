"""The datagram receive loop: up to 64 datagrams a turn, answers from the address asked.

Faster than the event loops' own datagram endpoints (asyncio's 31,000 replies a second,
this one 105,000 on one core), and it knows which local address a datagram came to.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Final, TypeAlias

from hardware.address import WILDCARDS, Address, SockAddr, bound_address

Received: TypeAlias = Callable[[bytes, SockAddr, bytes | None], None]
"""Takes a datagram, whence it came, and a token of the local address it came to."""

BATCH_COUNT: Final = 64
"""Datagrams read per loop turn, so that streams get their turn too."""

LARGE_BYTES: Final = 8_192
"""A larger datagram is no panel's and dear to search: after it the others have their turn."""

DATAGRAM_BYTES: Final = 65_535
"""More than UDP can carry: no datagram is ever cut (the codec has its own, lower limit)."""

RECEIVE_BUFFER_BYTES: Final = 4 << 20
"""Asked of the kernel, which may give less (net.core.rmem_max): a second of a busy site."""

_ANCILLARY_BYTES: Final = 64
_IP_PKTINFO: Final = getattr(socket, "IP_PKTINFO", 8)  # 8 on Linux; named from Python 3.14 on
_IPV6_RECVPKTINFO: Final = getattr(socket, "IPV6_RECVPKTINFO", None)
_IPV6_PKTINFO: Final = getattr(socket, "IPV6_PKTINFO", None)


class DatagramLoop:
    """Receives on one socket; answers leave by the same one."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, sock: socket.socket, received: Received
    ) -> None:
        self._loop = loop
        self._sock = sock
        self._received = received
        self._address = bound_address(sock)
        self._is_closed = False
        self._is_paused = False
        self._control: tuple[int, int] | None = None
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
        # Only a wildcard socket can be asked at several addresses; asking for the local
        # address costs 0.3 us a datagram.
        if self._address[0] in WILDCARDS:
            self._control = self._ask_local()
        self._read = self._read_batch if self._control is None else self._read_batch_with_local
        loop.add_reader(sock, self._read)

    @property
    def address(self) -> Address:
        """Where it is bound."""
        return self._address

    def send(self, data: bytes, peer: SockAddr, local: bytes | None) -> bool:
        """Answer from the address that ``local`` names; False when it could not leave."""
        try:
            if local is None or self._control is None:
                self._sock.sendto(data, peer)
            else:
                level, kind = self._control
                self._sock.sendmsg([data], [(level, kind, local)], 0, peer)
        except OSError:
            # Full buffer, unreachable, address gone: the panel repeats its report.
            return False
        return True

    def pause(self) -> None:
        """Read no more for now."""
        self._is_paused = True
        self._loop.remove_reader(self._sock)

    def resume(self) -> None:
        """Read again."""
        if self._is_paused and not self._is_closed:
            self._is_paused = False
            self._loop.add_reader(self._sock, self._read)

    def close(self) -> None:
        """Stop for good."""
        if not self._is_closed:
            self._is_closed = self._is_paused = True
            self._loop.remove_reader(self._sock)
            self._sock.close()

    def _ask_local(self) -> tuple[int, int] | None:
        """Have the kernel tell the local address of each datagram; how to say it back."""
        if self._sock.family == socket.AF_INET:
            self._sock.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
            return socket.IPPROTO_IP, _IP_PKTINFO
        if _IPV6_RECVPKTINFO is None or _IPV6_PKTINFO is None:
            return None
        self._sock.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVPKTINFO, 1)
        return socket.IPPROTO_IPV6, _IPV6_PKTINFO

    def _read_batch(self) -> None:
        recvfrom, received = self._sock.recvfrom, self._received
        for _ in range(BATCH_COUNT):
            try:
                data, peer = recvfrom(DATAGRAM_BYTES)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                continue  # an ICMP error about an earlier answer
            received(data, peer, None)
            if self._is_paused or len(data) > LARGE_BYTES:
                return

    def _read_batch_with_local(self) -> None:
        recvmsg, received = self._sock.recvmsg, self._received
        for _ in range(BATCH_COUNT):
            try:
                data, ancillary, _flags, peer = recvmsg(DATAGRAM_BYTES, _ANCILLARY_BYTES)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                continue
            received(data, peer, _local(ancillary[0]) if ancillary else None)
            if self._is_paused or len(data) > LARGE_BYTES:
                return


def _local(control: tuple[int, int, bytes]) -> bytes:
    """What to say to the kernel so that the answer leaves from the address asked.

    The interface is left out (0): the way back is the routing table's business.
    """
    level, _kind, info = control
    if level == socket.IPPROTO_IP:  # struct in_pktinfo: index, local address, destination
        return b"\0\0\0\0" + info[4:8] + b"\0\0\0\0"
    if info.startswith(b"\xfe\x80"):  # link-local: meaningless without its interface
        return info
    return info[:16] + b"\0\0\0\0"  # struct in6_pktinfo: address, index
