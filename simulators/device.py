"""What simulated panels and receivers have in common: told the time, they say what to do."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, TypeAlias

import msgspec

from simulators.ledger import SentKind, Transmission
from simulators.scenarios import Happening


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the ledger within a write: a frame, or garbage."""

    data: bytes
    transmission: Transmission | None
    note: str = ""
    gist: str = ""
    """What the frame is, where it is not the whole message."""
    kind: SentKind = SentKind.TRY


class Write(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes to write on a path; report back with ``written`` or ``unreachable``."""

    path: int
    """Which of the device's links, from 0."""
    pieces: tuple[Piece, ...]
    is_split: bool = False
    """Byte by byte."""

    @property
    def data(self) -> bytes:
        """All bytes of the write."""
        return b"".join(piece.data for piece in self.pieces)


class Hangup(msgspec.Struct, frozen=True, kw_only=True):
    """Close the connection of a path."""

    path: int


Doing: TypeAlias = Write | Hangup


class Device(Protocol):
    """A panel or receiver as a value: no socket, no task and no clock of its own."""

    @property
    def is_done(self) -> bool:
        """Nothing waits to be sent or answered."""
        ...

    def tell(self, happening: Happening, /, *, now: float) -> Transmission:
        """Something happened at the premises."""
        ...

    def link_test(self, *, now: float) -> None:
        """Give a sign of life (NULL, heartbeat)."""
        ...

    def restart(self, *, now: float) -> None:
        """Lose power and come back."""
        ...

    def cut(self, *, until: float) -> None:
        """Cut every path until then."""
        ...

    def abandon(self, *, now: float) -> None:
        """Forget whatever is not answered yet, as at the end of a run."""
        ...

    def doings(self, *, now: float, utc: datetime) -> list[Doing]:
        """Say what to do now, in order; ``utc`` is the true time."""
        ...

    def written(self, write: Write, *, now: float) -> None:
        """The bytes of a write left."""
        ...

    def unreachable(self, write: Write, *, now: float) -> None:
        """Nobody was there to take them."""
        ...

    def receive(self, path: int, data: bytes, *, now: float, utc: datetime) -> None:
        """Bytes came back on a path."""
        ...

    def opened(self, path: int, *, now: float) -> None:
        """A connection stands on that path."""
        ...

    def closed(self, path: int, *, now: float) -> None:
        """The far end hung up, or the connection broke."""
        ...

    def deadline(self) -> float | None:
        """When ``on_deadline`` wants calling, in monotonic seconds; None while nothing waits."""
        ...

    def on_deadline(self, *, now: float) -> None:
        """Do what is due by time alone; then ask for ``doings``."""
        ...
