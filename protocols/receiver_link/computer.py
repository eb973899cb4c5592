"""The computer's side of a link to a receiver: frames in, one answer out for each.

The receiver is the master. It sends one frame and waits for one answer: ACK when the event is
safe, NAK when the frame could not be read, nothing when we cannot keep it. Whatever it does
next (repeat, mark the link failed) is its affair; ``stop_and_wait.py`` plays it for simulators.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum, auto
from typing import Any, ClassVar, Final, Generic, Protocol, TypeVar

import msgspec

from protocols._core import Incoming, ProtocolError, Rejected, Verdict
from protocols.receiver_link.stop_and_wait import ACK, NAK

PARTIAL_FRAME_S: Final = 1.0
"""A frame whose rest does not come is dropped (REL-24, serial inter-byte time-out)."""

COMPLETE_WAIT_S: Final = 0.25
"""A whole frame that may still grow (a terminator, a clock) is taken as it is after this long.
Far below any receiver's patience; above the gap of one character at 110 baud."""

_SHOWN_BYTES: Final = 24


class Kind(Enum):
    """What a stretch of bytes turned out to be."""

    FRAME = auto()
    """A frame of a layout that is read."""
    OTHER = auto()
    """A sound envelope with data that this family does not read, kept whole."""
    UNREADABLE = auto()
    """A sound envelope whose data fits no layout."""
    INCOMPLETE = auto()
    """The beginning of a frame whose rest did not come in time."""
    NOISE = auto()


class Stretch(Protocol):
    """What a framing found in the stream."""

    @property
    def kind(self) -> Kind:
        """What it is."""
        ...

    @property
    def raw(self) -> bytes:
        """Its bytes."""
        ...


F = TypeVar("F", bound=Stretch)


class Framing(Protocol[F]):
    """Cuts a stream; knows nothing of time, verdicts or meaning."""

    @property
    def is_waiting(self) -> bool:
        """Whether bytes are held until more come."""
        ...

    @property
    def is_complete(self) -> bool:
        """Whether what is held is a whole frame that may only grow."""
        ...

    def take(self, data: bytes, *, is_last: bool = False) -> list[F]:
        """Add bytes and return what is complete; with ``is_last`` wait for nothing more."""
        ...


class Envelope(msgspec.Struct, frozen=True):
    """What a codec keeps of a frame, to answer it and to explain it."""

    layout: str
    """Which declaration of ``frame.py`` it fits; ``"other"`` for one that is not decoded."""
    session: int
    """Which opening of the link it came on; answers to an earlier one are not sent."""


class LinkState(Enum):
    """The computer's side of a link."""

    IDLE = auto()
    AWAITING_ANSWER = auto()
    CLOSED = auto()


class LinkInput(Enum):
    """What moves it."""

    FRAME = auto()
    ALL_ANSWERED = auto()
    EOF = auto()


TRANSITIONS: Final[Mapping[LinkState, Mapping[LinkInput, LinkState]]] = {
    LinkState.IDLE: {
        LinkInput.FRAME: LinkState.AWAITING_ANSWER,
        LinkInput.EOF: LinkState.CLOSED,
    },
    LinkState.AWAITING_ANSWER: {
        # By the book one frame is outstanding; glued copies and repeats make it more.
        LinkInput.FRAME: LinkState.AWAITING_ANSWER,
        LinkInput.ALL_ANSWERED: LinkState.IDLE,  # whatever the verdicts were, SILENCE too
        LinkInput.EOF: LinkState.CLOSED,
    },
    LinkState.CLOSED: {
        LinkInput.FRAME: LinkState.AWAITING_ANSWER,  # the port came back
        LinkInput.EOF: LinkState.CLOSED,
    },
}


class Computer(Generic[F]):
    """The computer's side: frames in, one answer out for each.

    A family says in a subclass what a frame means (``_understood``) and, where its answer is
    more than the bare byte, how it is written (``_written``).
    """

    NAME: ClassVar[str]
    """The family's name in the registry."""
    CLAUSE: ClassVar[str]
    """Where its rules are written."""
    EXPECTED: ClassVar[str]
    """What a frame begins with, in words."""

    BYTE_OF: ClassVar[Mapping[Verdict, bytes]] = {Verdict.ACK: ACK, Verdict.DUH: NAK}
    """NAK_TIME is not here: these frames have no time to be wrong, and no word for it."""

    def __init__(self, framing: Framing[F], *, partial_s: float = PARTIAL_FRAME_S) -> None:
        self.state = LinkState.IDLE
        self._framing = framing
        self._partial_s = partial_s
        self._deadline: float | None = None
        self._out: list[bytes] = []
        self._session = 0
        self._unanswered = 0

    # ------------------------------------------------------------- what a family fills in

    def _understood(self, found: F) -> Incoming:
        """Make what is handed up of a frame, of an envelope that is kept, or of a broken one."""
        raise NotImplementedError

    def _written(self, envelope: Any, verdict: Verdict) -> bytes:
        """Write the answer; empty for none."""
        del envelope
        return self.BYTE_OF.get(verdict, b"")

    # ------------------------------------------------------------------- the shape of all

    def receive(self, data: bytes, *, now: float) -> list[Incoming]:
        """See ``protocols._core.Connection``."""
        # What was held too long is not joined to what comes now, however late the timer is.
        incoming = self.on_deadline(now=now)
        framing = self._framing
        incoming.extend([self._incoming(found) for found in framing.take(data)])
        if not framing.is_waiting:
            self._deadline = None
        elif framing.is_complete:
            self._deadline = now + min(COMPLETE_WAIT_S, self._partial_s)
        else:
            self._deadline = now + self._partial_s
        return incoming

    def answer(self, to: Incoming, verdict: Verdict, *, utc: datetime) -> None:
        """See ``protocols._core.Connection``; noise is never answered, whatever the verdict."""
        del utc
        envelope = to.envelope
        if not isinstance(envelope, Envelope) or envelope.session != self._session:
            return  # noise, or a frame of a port that was closed since: its sender is gone
        self._unanswered -= 1
        if self._unanswered == 0:
            self._move(LinkInput.ALL_ANSWERED)
        written = self._written(envelope, verdict)
        if written:
            self._out.append(written)

    def data_to_send(self) -> bytes:
        """See ``protocols._core.Connection``."""
        out = self._out
        if not out:
            return b""
        self._out = []
        return out[0] if len(out) == 1 else b"".join(out)

    def eof(self) -> list[Incoming]:
        """See ``protocols._core.Connection``."""
        held = self._framing.take(b"", is_last=True)
        # Frames that were whole are handed up, but nobody is there to take their ACK.
        incoming = [self._incoming(found) for found in held]
        self._move(LinkInput.EOF)
        self._session += 1
        self._unanswered = 0
        self._deadline = None
        self._out = []
        return incoming

    def deadline(self) -> float | None:
        """See ``protocols._core.Connection``."""
        return self._deadline

    def on_deadline(self, *, now: float) -> list[Incoming]:
        """See ``protocols._core.Connection``; a whole frame that might have grown is a report."""
        if self._deadline is None or now < self._deadline:
            return []
        self._deadline = None
        return [self._incoming(found) for found in self._framing.take(b"", is_last=True)]

    def _move(self, cause: LinkInput) -> None:
        self.state = TRANSITIONS[self.state][cause]

    def _incoming(self, found: F) -> Incoming:
        kind = found.kind
        if kind is Kind.NOISE:
            return self._rejected(found.raw, "noise", self._noise(found.raw))
        if kind is Kind.INCOMPLETE:
            return self._rejected(found.raw, "frame_incomplete", self._incomplete(found.raw))
        self._unanswered += 1
        self._move(LinkInput.FRAME)
        return self._understood(found)

    def _rejected(self, raw: bytes, reason: str, error: ProtocolError) -> Rejected:
        return Rejected(protocol=self.NAME, raw=raw, reason=reason, error=error)

    def _refused(
        self,
        raw: bytes,
        reason: str,
        error: ProtocolError,
        envelope: Envelope,
        *,
        account: str | None = None,
    ) -> Rejected:
        """Refuse a frame whose envelope is sound: the far end gets an answer to it."""
        return Rejected(
            protocol=self.NAME,
            raw=raw,
            reason=reason,
            error=error,
            envelope_sound=True,
            envelope=envelope,
            account=account,
        )

    def _noise(self, raw: bytes) -> ProtocolError:
        seen = raw[:_SHOWN_BYTES].hex(" ")
        return ProtocolError(
            f"{seen} seen; expected {self.EXPECTED}", raw=raw, offset=0, clause=self.CLAUSE
        )

    def _incomplete(self, raw: bytes) -> ProtocolError:
        reason = f"{len(raw)} bytes of a frame, then nothing; expected its end within a second"
        return ProtocolError(reason, raw=raw, offset=len(raw), clause=self.CLAUSE)
