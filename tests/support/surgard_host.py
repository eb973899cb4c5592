"""A minimal automation computer: the codec in the role COMPUTER, and an answer for everything."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from protocols._core import Incoming, Report, Verdict
from protocols.surgard import Connection, Role

Judge = Callable[[Incoming], Verdict]


class Host:
    """Hears frames, keeps them in ``heard`` and says what ``judge`` says."""

    def __init__(self, judge: Judge | None = None, *, b32: bool | None = None) -> None:
        self.heard: list[Incoming] = []
        self.judge = judge or (lambda _: Verdict.ACK)
        self.codec: Connection[Incoming] = Connection(Role.COMPUTER, b32=b32)

    def answer(self, data: bytes, *, now: float = 0.0) -> bytes:
        for incoming in self.codec.receive(data, now=now):
            self.heard.append(incoming)
            self.codec.answer(incoming, self.judge(incoming), utc=datetime.now(UTC))
        return self.codec.data_to_send()

    def reports(self) -> list[Report]:
        return [incoming for incoming in self.heard if isinstance(incoming, Report)]
