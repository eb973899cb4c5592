"""The receiver's side of a link, for simulators: one message out, then wait for its answer.

Stop and wait, as every family does. Without an answer in time the same bytes go out again, so
often as the family's manual says; then the port is declared failed and carries heartbeats only,
until one of them is acknowledged. Then the message that failed begins again, and the backlog
follows at line rate.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

import msgspec

from protocols._core import Answer, Part, Verdict

ACK: Final = b"\x06"
NAK: Final = b"\x15"


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """How patient a receiver is, as its manual says."""

    ack_s: float
    """For the computer's answer; then the message goes out again."""
    transmissions: int
    """Of one message, before the port is declared failed."""
    naks: int
    """Of one message, before ``naks_fail`` says what happens."""
    naks_fail: bool = False
    """Too many NAKs are a failed port; else the message is lost and the next one goes."""


class ReceiverState(Enum):
    """The receiver's side of a link."""

    READY = auto()
    AWAITING_ACK = auto()
    FAILED = auto()
    """Heartbeats only."""


class ReceiverInput(Enum):
    """What moves it."""

    SENT = auto()
    ACK = auto()
    REPEATED = auto()
    GIVEN_UP = auto()
    """The message was NAKed too often: lost, the link itself is sound."""
    TRIES_SPENT = auto()
    HEARTBEAT_ACK = auto()
    PROBED = auto()
    """The pending message goes out instead of a heartbeat."""


TRANSITIONS: Final[Mapping[ReceiverState, Mapping[ReceiverInput, ReceiverState]]] = {
    ReceiverState.READY: {
        ReceiverInput.SENT: ReceiverState.AWAITING_ACK,
    },
    ReceiverState.AWAITING_ACK: {
        ReceiverInput.ACK: ReceiverState.READY,
        ReceiverInput.HEARTBEAT_ACK: ReceiverState.READY,
        ReceiverInput.REPEATED: ReceiverState.AWAITING_ACK,
        ReceiverInput.GIVEN_UP: ReceiverState.READY,
        ReceiverInput.TRIES_SPENT: ReceiverState.FAILED,
    },
    ReceiverState.FAILED: {
        ReceiverInput.SENT: ReceiverState.FAILED,  # a heartbeat
        ReceiverInput.REPEATED: ReceiverState.FAILED,
        ReceiverInput.GIVEN_UP: ReceiverState.FAILED,
        ReceiverInput.TRIES_SPENT: ReceiverState.FAILED,
        ReceiverInput.HEARTBEAT_ACK: ReceiverState.READY,
        ReceiverInput.PROBED: ReceiverState.READY,
    },
}


class _Message(msgspec.Struct):
    raw: bytes
    number: str | None
    """None for a heartbeat."""
    transmissions: int = 0
    naks: int = 0


class Sender:
    """The receiver's side: frames out, one at a time, one answer in for each.

    A family says in a subclass how its frames are written (``_frame``, ``_heartbeat``) and how
    its answers are told (``_heard``).
    """

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.state = ReceiverState.READY
        self._queue: deque[_Message] = deque()
        self._outstanding: _Message | None = None
        self._deadline: float | None = None
        self._out: list[bytes] = []
        self._count = 0

    # ------------------------------------------------------------- what a family fills in

    @property
    def answer_bytes(self) -> int:
        """How many bytes one answer of the computer has."""
        return 1

    def _frame(
        self, parts: tuple[Part, ...], *, account: str, line: str | None, token: str
    ) -> bytes:
        raise NotImplementedError

    def _heartbeat(self) -> bytes:
        raise NotImplementedError

    def _heard(self, data: bytes) -> list[tuple[bytes, Verdict | None]]:
        """Split what came into answers; None for what is no answer."""
        told: dict[bytes, Verdict] = {ACK: Verdict.ACK, NAK: Verdict.DUH}
        units = [data[at : at + 1] for at in range(len(data))]
        return [(unit, told.get(unit)) for unit in units]

    # --------------------------------------------------------------------- what is told to it

    @property
    def backlog_count(self) -> int:
        """Events that are not acknowledged yet."""
        sent = self._outstanding
        return len(self._queue) + (sent is not None and sent.number is not None)

    def report(
        self, *parts: Part, account: str, now: float, line: str | None = None, token: str = ""
    ) -> str:
        """Queue an event; return its number, which the answer will bear as ``sequence``.

        Raises:
            ValueError: The parts do not fit a frame.
        """
        return self.raw(self._frame(parts, account=account, line=line, token=token), now=now)

    def raw(self, data: bytes, *, now: float) -> str:
        """Queue any bytes as if they were an event frame; return their number."""
        self._count += 1
        self._queue.append(_Message(data, str(self._count)))
        self._next(now)
        return str(self._count)

    def noise(self, data: bytes) -> None:
        """Send bytes at once that nobody is to answer."""
        self._out.append(data)

    def heartbeat(self, *, now: float) -> bool:
        """Send a heartbeat; nothing happens, and False comes back, while an answer is awaited."""
        if self._outstanding is not None:
            return False
        self._send(_Message(self._heartbeat(), None), now)
        return True

    def probe(self, *, now: float) -> bool:
        """On a failed port send the pending message: for families that have no heartbeat."""
        if self.state is not ReceiverState.FAILED or self._outstanding or not self._queue:
            return False
        self._move(ReceiverInput.PROBED)
        self._next(now)
        return True

    def receive(self, data: bytes, *, now: float) -> list[Answer]:
        """Take what the computer sent: one answer for each that is one."""
        answers: list[Answer] = []
        for raw, verdict in self._heard(data):
            message = self._outstanding
            if message is None or verdict is None:
                continue  # nothing was asked: a late answer to something repeated
            answers.append(_answer(message, verdict, raw))
            if verdict is Verdict.ACK:
                is_event = message.number is not None
                self._move(ReceiverInput.ACK if is_event else ReceiverInput.HEARTBEAT_ACK)
                self._done(now)
            else:
                self._refused(message, now)
        return answers

    def _refused(self, message: _Message, now: float) -> None:
        message.naks += 1
        if message.naks < self.rules.naks:
            self._again(message, now)
        elif self.rules.naks_fail:
            self._move(ReceiverInput.TRIES_SPENT)
            self._give_back()
            self._deadline = None
        else:
            self._move(ReceiverInput.GIVEN_UP)
            self._done(now)

    def data_to_send(self) -> bytes:
        """See ``protocols._core.Connection``."""
        out, self._out = self._out, []
        return b"".join(out)

    def eof(self) -> list[Answer]:
        """The computer is gone; what was not acknowledged stays, and begins again."""
        self._give_back()
        self._out = []
        self._deadline = None
        self.state = ReceiverState.READY
        return []

    def resume(self, *, now: float) -> None:
        """Go on with the backlog, after ``eof`` and a new connection."""
        self._next(now)

    def deadline(self) -> float | None:
        """See ``protocols._core.Connection``: when the answer is overdue."""
        return self._deadline

    def on_deadline(self, *, now: float) -> list[Answer]:
        """Send again, or declare the port failed: then one answer of ``SILENCE`` comes back."""
        message = self._outstanding
        if message is None or self._deadline is None or now < self._deadline:
            return []
        if message.transmissions < self.rules.transmissions:
            self._again(message, now)
            return []
        self._move(ReceiverInput.TRIES_SPENT)
        self._give_back()
        self._deadline = None
        return [_answer(message, Verdict.SILENCE, b"")]

    def _give_back(self) -> None:
        message, self._outstanding = self._outstanding, None
        if message is not None and message.number is not None:
            self._queue.appendleft(_Message(message.raw, message.number))

    def _again(self, message: _Message, now: float) -> None:
        self._move(ReceiverInput.REPEATED)
        self._transmit(message, now)

    def _done(self, now: float) -> None:
        self._outstanding = None
        self._deadline = None
        self._next(now)

    def _next(self, now: float) -> None:
        if self.state is ReceiverState.READY and self._queue:
            self._send(self._queue.popleft(), now)

    def _send(self, message: _Message, now: float) -> None:
        self._outstanding = message
        self._move(ReceiverInput.SENT)
        self._transmit(message, now)

    def _transmit(self, message: _Message, now: float) -> None:
        message.transmissions += 1
        self._deadline = now + self.rules.ack_s
        self._out.append(message.raw)

    def _move(self, cause: ReceiverInput) -> None:
        self.state = TRANSITIONS[self.state][cause]


def _answer(message: _Message, verdict: Verdict, raw: bytes) -> Answer:
    return Answer(verdict=verdict, raw=raw, sequence=message.number)
