"""The computer's side of a link to a Sur-Gard receiver: frames in, one byte out for each.

The receiver is the master. It sends one frame and waits for one byte: 06 when the event is
safe, 15 when the frame could not be read, nothing when we cannot keep it. Whatever it does
next (repeat, mark the link failed) is its affair; ``receiver.py`` plays it for simulators.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum, auto
from typing import Any, Final

from protocols._core import (
    Incoming,
    LinkTest,
    Part,
    Rejected,
    Repeat,
    Report,
    Unreadable,
    Verdict,
)
from protocols.surgard import frame, misfit
from protocols.surgard.frame import Header
from protocols.surgard.framing import Found, Framing, Kind
from protocols.surgard.meaning import READERS, Site
from protocols.surgard.message import Envelope

NAME: Final = "surgard"

PARTIAL_FRAME_S: Final = 1.0
"""A frame whose rest does not come is dropped (REL-24, serial inter-byte time-out)."""

TERMINATOR_WAIT_S: Final = 0.25
"""A whole frame without terminator is taken as it is after this long: some links send none.
Far below the receiver's 4 s; above the gap of one character at 110 baud."""

_BYTE_OF: Final = {Verdict.ACK: frame.ACK, Verdict.DUH: frame.NAK}
"""NAK_TIME is not here: a Sur-Gard frame has no time to be wrong, and no word for it."""

_B32_PREFIX: Final = bytes(frame.B32.build({"length": frame.B32_BYTES + 1}))


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


class Computer:
    """The computer's side: frames in, one byte out for each."""

    def __init__(
        self,
        *,
        header: Header = "auto",
        b32: bool | None = None,
        site: Site | None = None,
        partial_s: float = PARTIAL_FRAME_S,
    ) -> None:
        self.state = LinkState.IDLE
        self._framing = Framing(header=header, b32=b32)
        self._header = header
        self._site = site or Site()
        self._partial_s = partial_s
        self._deadline: float | None = None
        self._out: list[bytes] = []
        self._session = 0
        self._unanswered = 0

    def receive(self, data: bytes, *, now: float) -> list[Incoming]:
        """See ``protocols._core.Connection``."""
        # What was held too long is not joined to what comes now, however late the timer is.
        incoming = self.on_deadline(now=now)
        framing = self._framing
        incoming.extend([self._incoming(found) for found in framing.take(data)])
        if not framing.is_waiting:
            self._deadline = None
        elif framing.is_complete:
            self._deadline = now + min(TERMINATOR_WAIT_S, self._partial_s)
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
        byte = _BYTE_OF.get(verdict)
        if byte is not None:
            self._out.append(_B32_PREFIX + byte if envelope.is_b32 else byte)

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
        """See ``protocols._core.Connection``; a whole frame without terminator is a report."""
        if self._deadline is None or now < self._deadline:
            return []
        self._deadline = None
        return [self._incoming(found) for found in self._framing.take(b"", is_last=True)]

    def _move(self, cause: LinkInput) -> None:
        self.state = TRANSITIONS[self.state][cause]

    def _incoming(self, found: Found) -> Incoming:
        kind = found.kind
        raw = found.raw
        if kind is Kind.NOISE:
            return Rejected(protocol=NAME, raw=raw, reason="noise", error=misfit.noise(raw))
        if kind is Kind.INCOMPLETE:
            error = misfit.incomplete(raw)
            return Rejected(protocol=NAME, raw=raw, reason="frame_incomplete", error=error)
        self._unanswered += 1
        self._move(LinkInput.FRAME)
        fields = found.fields
        envelope = Envelope(
            found.layout,
            self._session,
            found.is_b32,
            getattr(fields, "clock", None),
            fields.terminator,
        )
        if kind is Kind.FRAME:
            return self._understood(found, envelope)
        if kind is Kind.UNREADABLE:
            body = raw[frame.B32_BYTES :] if found.is_b32 else raw
            return Rejected(
                protocol=NAME,
                raw=raw,
                reason="body_unreadable",
                error=misfit.unreadable(body, self._header),
                envelope_sound=True,
                envelope=envelope,
            )
        reason = f"protocol id {fields.token!r} is not read; its data is kept as it came"
        part = Unreadable(raw=fields.body, format="raw", reason=reason)
        return self._report(found, envelope, account=None, parts=(part,))

    def _understood(self, found: Found, envelope: Envelope) -> Incoming:
        fields = found.fields
        reader = READERS.get(found.layout)
        if reader is None:
            return LinkTest(
                protocol=NAME,
                raw=found.raw,
                envelope=envelope,
                receiver=fields.receiver,
                line=fields.line,
            )
        said = reader(fields, found.raw, self._site)
        return self._report(
            found,
            envelope,
            account=said.account,
            parts=said.parts,
            internal=said.internal,
            companion=said.companion,
            quirks=said.quirks,
        )

    @staticmethod
    def _report(  # noqa: PLR0913  (a record)
        found: Found,
        envelope: Envelope,
        *,
        account: str | None,
        parts: tuple[Part, ...],
        internal: bool = False,
        companion: bool = False,
        quirks: tuple[str, ...] = (),
    ) -> Report:
        fields: Any = found.fields
        return Report(
            protocol=NAME,
            raw=found.raw,
            token=fields.token,
            account=account,
            parts=parts,
            envelope=envelope,
            repeat=Repeat.LINK,
            identity=_without_ends(found),
            receiver=fields.receiver,
            line=fields.line,
            internal=internal,
            companion=companion,
            quirks=quirks,
        )


def _without_ends(found: Found) -> bytes:
    """Return the frame without prefix and terminator: of glued copies only the last has one."""
    begin = frame.B32_BYTES if found.is_b32 else 0
    end = len(found.raw) - (found.fields.terminator is not None)
    return found.raw[begin:end]
