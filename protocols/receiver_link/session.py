"""One link between a receiver and the computer, in either role of it: the face of both sides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Any, Final, Generic, TypeVar

from protocols._core import Answer, Incoming, Part, Verdict

T = TypeVar("T", Incoming, Answer)

NO_OPTIONS: Final[Mapping[str, object]] = MappingProxyType({})


class Role(Enum):
    """Which end of the link a connection is."""

    COMPUTER = "computer"
    """The automation computer that takes the events: what the gateway is."""
    RECEIVER = "receiver"
    """The alarm receiver that sends them: for simulators."""


class Connection(Generic[T]):
    """A link over a serial line or TCP; the bytes are the same on both.

    In the role COMPUTER ``receive`` and ``on_deadline`` return ``Report``, ``LinkTest`` and
    ``Rejected``; in the role RECEIVER they return ``Answer``, whose ``sequence`` is the number
    that ``report`` gave (None for a heartbeat). See ``protocols._core.Connection`` for the
    methods that both have; ``report``, ``raw``, ``noise``, ``heartbeat`` and ``resume`` belong
    to the RECEIVER alone.

    Attributes:
        side: What does the work: a ``Computer`` or a ``Sender`` of the family.
    """

    def __init__(self, role: Role, side: Any) -> None:
        self.role = role
        self.side = side

    def receive(self, data: bytes, *, now: float) -> list[T]:
        """Take what was read and say what it held, oldest first. Never raises."""
        found: list[T] = self.side.receive(data, now=now)
        return found

    def answer(self, to: Incoming, verdict: Verdict, *, utc: datetime) -> None:
        """Queue the answer for this verdict; ``ACK`` only once the report is durable."""
        self.side.answer(to, verdict, utc=utc)

    def data_to_send(self) -> bytes:
        """Hand out what is queued, and forget it."""
        data: bytes = self.side.data_to_send()
        return data

    def eof(self) -> list[T]:
        """Start clean: the other end is gone."""
        found: list[T] = self.side.eof()
        return found

    def deadline(self) -> float | None:
        """When ``on_deadline`` wants calling, in monotonic seconds."""
        due: float | None = self.side.deadline()
        return due

    def on_deadline(self, *, now: float) -> list[T]:
        """Hand up what ran out of time; the RECEIVER sends again or declares the link failed."""
        found: list[T] = self.side.on_deadline(now=now)
        return found

    def report(
        self,
        *parts: Part,
        account: str,
        now: float,
        line: str | None = None,
        token: str = "",
    ) -> str:
        """Queue an event and return its number; see ``Sender.report``."""
        number: str = self.side.report(*parts, account=account, now=now, line=line, token=token)
        return number

    def raw(self, data: bytes, *, now: float) -> str:
        """Queue any bytes as if they were an event frame, and return their number."""
        number: str = self.side.raw(data, now=now)
        return number

    def noise(self, data: bytes) -> None:
        """Send bytes at once that nobody is to answer."""
        self.side.noise(data)

    def heartbeat(self, *, now: float) -> bool:
        """Send a heartbeat; False while an answer is awaited."""
        is_sent: bool = self.side.heartbeat(now=now)
        return is_sent

    def resume(self, *, now: float) -> None:
        """Go on with the backlog, after ``eof`` and a new connection."""
        self.side.resume(now=now)
