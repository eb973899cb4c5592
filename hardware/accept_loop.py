"""The batched accept loop: a reconnect storm of thousands is taken in a few loop turns.

libuv accepts one connection per loop turn, which made 2,000 panels that reconnect under
load wait for half a minute. Here one turn takes up to ``BATCH_COUNT``.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import struct
from collections.abc import Callable
from typing import Final, TypeAlias, cast

from hardware.address import Address, SockAddr, bound_address

Admit: TypeAlias = Callable[[SockAddr], asyncio.Protocol | None]
"""Says who takes the connection of that peer, or None to refuse it."""

Short: TypeAlias = Callable[[OSError, int], None]
"""Told that descriptors or memory ran out, and how many connections were refused for it."""

BATCH_COUNT: Final = 256
"""Connections accepted per loop turn; about 2 ms of work."""

PAUSE_S: Final = 1.0
"""How long accepting rests after descriptors or memory ran out (REL-53)."""

_SHORT: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
_RESET: Final = struct.pack("ii", 1, 0)  # SO_LINGER with 0 s: close with RST, no TIME_WAIT


class _Taken(socket.socket):
    """A connection that knows its family and its type.

    The standard library makes an Enum's member of them each time it is asked, and it is asked
    five times for each connection: a tenth of what a reconnection costs.
    """

    __slots__ = ("family", "type")


class AcceptLoop:
    """Accepts on one listening socket and hands each connection to whom ``admit`` names."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        admit: Admit,
        short: Short,
        *,
        pause_s: float = PAUSE_S,
    ) -> None:
        self._loop = loop
        self._sock = sock
        self._admit = admit
        self._short = short
        self._pause_s = pause_s
        self._family = sock.family
        self._address = bound_address(sock)
        # Given up for a moment when descriptors run out, so that the waiting connections
        # can be accepted and refused instead of being left without a word.
        self._spare: int | None = os.open(os.devnull, os.O_RDONLY)
        # What a task is to take over, until it has begun to.
        self._adopting: dict[asyncio.Task[None], tuple[socket.socket, asyncio.Protocol] | None] = {}
        self._rest: asyncio.TimerHandle | None = None
        self._is_paused = False
        self._is_closed = False
        self._update()

    @property
    def address(self) -> Address:
        """Where it listens."""
        return self._address

    def pause(self) -> None:
        """Accept no more for now."""
        self._is_paused = True
        self._update()

    def resume(self) -> None:
        """Accept again."""
        self._is_paused = False
        self._update()

    def close(self) -> None:
        """Stop for good."""
        if self._is_closed:
            return
        self._is_closed = True
        if self._rest is not None:
            self._rest.cancel()
        self._update()
        self._sock.close()
        self._give_up_spare()

    def _update(self) -> None:
        if self._is_closed or self._is_paused or self._rest is not None:
            self._loop.remove_reader(self._sock)
        else:
            self._loop.add_reader(self._sock, self._accept_batch)

    def _accept_batch(self) -> None:
        accept, admit = self._accept, self._admit
        for _ in range(BATCH_COUNT):
            try:
                sock, peer = accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as error:
                if error.errno in _SHORT:
                    self._ran_short(error)
                    return
                continue  # that connection went away before it was accepted
            protocol = admit(peer)
            if protocol is None:
                refuse(sock)
            else:
                sock.setblocking(False)  # noqa: FBT003  (the socket module's own shape)
                task = self._loop.create_task(self._adopt(sock, protocol))
                self._adopting[task] = sock, protocol
                task.add_done_callback(self._adopted)
            if self._is_closed or self._is_paused:
                return

    def _accept(self) -> tuple[socket.socket, SockAddr]:
        family = self._family
        number, peer = self._sock._accept()  # type: ignore[attr-defined]  # noqa: SLF001  as accept() does, see _Taken
        sock = _Taken(family, socket.SOCK_STREAM, 0, number)
        sock.family = family  # type: ignore[misc]  # a slot
        sock.type = socket.SOCK_STREAM  # type: ignore[misc]
        return sock, peer

    async def _adopt(self, sock: socket.socket, protocol: asyncio.Protocol) -> None:
        self._adopting[cast("asyncio.Task[None]", asyncio.current_task())] = None
        try:
            await self._loop.connect_accepted_socket(lambda: protocol, sock)
        except OSError as error:
            sock.close()
            protocol.connection_lost(error)

    def _adopted(self, task: asyncio.Task[None]) -> None:
        """Give up a connection whose adoption was cancelled before it began (REL-30)."""
        unbegun = self._adopting.pop(task)
        if unbegun is not None:
            sock, protocol = unbegun
            sock.close()
            protocol.connection_lost(ConnectionAbortedError("cancelled before it was open"))

    def _ran_short(self, error: OSError) -> None:
        refused_count = self._refuse_waiting()
        self._rest = self._loop.call_later(self._pause_s, self._rested)
        self._update()
        self._short(error, refused_count)

    def _refuse_waiting(self) -> int:
        self._give_up_spare()
        refused_count = 0
        for _ in range(BATCH_COUNT):
            try:
                sock, _peer = self._sock.accept()
            except OSError:
                break
            refuse(sock)
            refused_count += 1
        self._take_spare()
        return refused_count

    def _rested(self) -> None:
        self._rest = None
        self._take_spare()
        self._update()

    def _give_up_spare(self) -> None:
        if self._spare is not None:
            os.close(self._spare)
            self._spare = None

    def _take_spare(self) -> None:
        if self._spare is None:
            try:
                self._spare = os.open(os.devnull, os.O_RDONLY)
            except OSError:
                self._spare = None  # tried again after the rest


def refuse(sock: socket.socket) -> None:
    """Close with RST: the far end knows at once and no descriptor or port lingers."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    sock.close()
