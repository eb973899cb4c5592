"""Plays the peers' side of a transcript, and holds what comes back against it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from gateway.cli._replay.wires import Wire
from protocols._core.transcript import Came, Ended, Transcript, Went, as_text
from protocols.dc09.restamp import restamped
from protocols.registry import PROTOCOLS

ANSWER_S = 5.0  # how long an answer of the file is waited for


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that is not the one of the file."""

    line: int
    expected: str
    seen: str
    """Empty when nothing came."""


class Played(msgspec.Struct, kw_only=True):
    """What a replay did."""

    reads: int = 0
    """Reads of the file that were sent."""
    answers: int = 0
    """Answers of the file that were waited for."""
    differences: list[Difference] = []


class Player:
    """Plays one transcript, each peer over a wire of its own."""

    def __init__(
        self,
        transcript: Transcript,
        open_wire: Callable[[bool], Wire],
        *,
        speed: float,
        is_restamped: bool,
        tell: Callable[[str], None],
    ) -> None:
        """``open_wire(is_datagram)`` opens a way; ``speed`` 0 waits for answers alone."""
        self._transcript = transcript
        self._open = open_wire
        self._speed = speed
        self._is_restamped = is_restamped
        self._tell = tell
        self._wires: dict[str, Wire] = {}
        info = PROTOCOLS.get(transcript.protocol or "")
        self._face = info.face if info is not None else None

    def play(self) -> Played:
        """Play it to the end."""
        played = Played()
        began = time.monotonic()
        try:
            for step in self._transcript.steps:
                if self._speed:
                    time.sleep(max(0.0, began + step.at_s / self._speed - time.monotonic()))
                if isinstance(step, Came):
                    self._say(step.peer, step.data)
                    played.reads += 1
                elif isinstance(step, Went):
                    played.answers += 1
                    self._hold(step, played)
                elif isinstance(step, Ended) and step.peer in self._wires:
                    self._wires.pop(step.peer).close()
        finally:
            for wire in self._wires.values():
                wire.close()
        return played

    def _wire(self, peer: str) -> Wire:
        wire = self._wires.get(peer)
        if wire is None:
            is_datagram = self._transcript.is_datagram or peer.endswith("/udp")
            wire = self._wires[peer] = self._open(is_datagram)
        return wire

    def _say(self, peer: str, data: bytes) -> None:
        if self._is_restamped:
            data = restamped(data, datetime.now(UTC))
        self._tell(f"> {as_text(data)}")
        self._wire(peer).send(data)

    def _hold(self, step: Went, played: Played) -> None:
        wire, seen = self._wire(step.peer), b""
        until = time.monotonic() + ANSWER_S
        while len(seen) < len(step.data) and (left_s := until - time.monotonic()) > 0:
            more = wire.receive(left_s)
            if not more:
                break
            seen += more
            if self._faced(seen) == self._faced(step.data):
                break
        self._tell(f"< {as_text(seen)}" if seen else "< (nothing)")
        if self._faced(seen) != self._faced(step.data):
            played.differences.append(
                Difference(line=step.line, expected=as_text(step.data), seen=as_text(seen))
            )

    def _faced(self, answer: bytes) -> bytes:
        return answer if self._face is None or not answer else self._face(answer)
