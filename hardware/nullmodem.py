"""An in-memory wire with the same face as a real stream, and every kind of trouble on it.

Two ends; each drives an ``asyncio.Protocol`` (a ``Session``, a simulated panel) and is its
``Wire``. Time and dice come in from outside, so a run with a seed repeats exactly.
"""

from __future__ import annotations

import asyncio
from collections import deque
from random import Random
from typing import Protocol, cast

import msgspec

from hardware.clock import Timers


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """What the wire does to what is written; chances are between 0 and 1."""

    loss: float = 0.0
    """Chance that one write never arrives."""
    duplication: float = 0.0
    """Chance that one write arrives twice."""
    delay_s: tuple[float, float] = (0.0, 0.0)
    """Shortest and longest way; order is kept, as on a real wire."""
    is_bytewise: bool = False
    """Every byte arrives by itself."""
    is_coalescing: bool = False
    """What is due at the same delivery arrives as one piece."""


class _Events(Protocol):
    """What an end uses of an ``asyncio.Protocol``; sessions and tests both fit."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None: ...

    def data_received(self, data: bytes) -> None: ...

    def eof_received(self) -> bool | None: ...

    def connection_lost(self, exc: Exception | None) -> None: ...


class End:
    """One end of the wire."""

    def __init__(self, timers: Timers, dice: Random, trouble: Trouble) -> None:
        self._timers = timers
        self._dice = dice
        self._trouble = trouble
        self._far: End | None = None
        self._protocol: _Events | None = None
        self._inbox: deque[bytes | None] = deque()  # None: the far end said its last
        self._due_count = 0
        self._is_paused = False
        self._is_closing = False
        self._is_lost = False
        self.written = bytearray()
        """Everything written at this end, whatever the wire did to it."""

    def attach(self, protocol: _Events) -> None:
        """Give this end to whoever talks here; it is told that it is connected."""
        self._protocol = protocol
        protocol.connection_made(cast("asyncio.BaseTransport", self))
        self._deliver()

    def write(self, data: bytes) -> None:
        """Send to the far end."""
        if self._is_closing or not data:
            return
        self.written += data
        trouble, dice = self._trouble, self._dice
        if trouble.loss and dice.random() < trouble.loss:
            return
        count = 2 if trouble.duplication and dice.random() < trouble.duplication else 1
        pieces = [bytes((byte,)) for byte in data] if trouble.is_bytewise else [data]
        for piece in pieces * count:
            self._send(piece)

    def write_eof(self) -> None:
        """Say that nothing more comes from here."""
        self._send(None)

    def pause_reading(self) -> None:
        """Take nothing for now; it waits on the wire."""
        self._is_paused = True

    def resume_reading(self) -> None:
        """Take what waits, and go on."""
        self._is_paused = False
        self._timers.call_later(0.0, self._deliver)

    def close(self) -> None:
        """Close after what was written has left."""
        self._end(None)

    def abort(self) -> None:
        """Close at once."""
        self._end(None)

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        return self._is_closing

    def break_off(self, error: Exception) -> None:
        """The wire is cut at this end: its protocol hears ``error``, the far end its end."""
        self._end(error)

    def _send(self, piece: bytes | None) -> None:
        far = self._far
        if far is None:
            return
        shortest_s, longest_s = self._trouble.delay_s
        delay_s = shortest_s
        if longest_s > shortest_s:
            delay_s = self._dice.uniform(shortest_s, longest_s)
        # The piece enters the queue now, so a shorter delay never overtakes a longer one.
        far._inbox.append(piece)  # noqa: SLF001  (both ends are one wire)
        self._timers.call_later(delay_s, far._arrived)  # noqa: SLF001

    def _arrived(self) -> None:
        self._due_count += 1
        self._deliver()

    def _deliver(self) -> None:
        while self._due_count > 0 and not self._is_paused and not self._is_lost:
            protocol = self._protocol
            if protocol is None:
                return
            self._due_count -= 1
            piece = self._inbox.popleft()
            if piece is None:
                if not protocol.eof_received():
                    self.close()
                continue
            if self._far is not None and self._far._trouble.is_coalescing:  # noqa: SLF001
                while self._inbox and self._inbox[0] is not None:
                    piece += cast("bytes", self._inbox.popleft())
                    # Taken before it is due; its own arrival brings the count back.
                    self._due_count -= 1
            protocol.data_received(piece)

    def _end(self, error: Exception | None) -> None:
        if self._is_closing:
            return
        self._is_closing = True
        self._send(None)
        self._timers.call_later(0.0, self._lost, error)

    def _lost(self, error: Exception | None) -> None:
        self._is_lost = True
        if self._protocol is not None:
            self._protocol.connection_lost(error)


class NullModem:
    """A wire with two ends, ``near`` and ``far``.

    Args:
        timers: Delivers; a fake makes the wire run in virtual time.
        dice: Decides loss, duplication and delay.
        towards_far: Trouble on the way from ``near`` to ``far``.
        towards_near: Trouble on the way back.
    """

    def __init__(
        self,
        timers: Timers,
        *,
        dice: Random,
        towards_far: Trouble | None = None,
        towards_near: Trouble | None = None,
    ) -> None:
        self.near = End(timers, dice, towards_far or Trouble())
        self.far = End(timers, dice, towards_near or Trouble())
        self.near._far, self.far._far = self.far, self.near  # noqa: SLF001  (both are one wire)
