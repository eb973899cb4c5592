"""The conversation: bytes in, reports out; verdicts in, answers out. Both ends of it.

Role CSR is the receiver that we are; role PE is the panel, for simulators and tests. A frame
is cut out of a stream by its length field; a datagram is complete in itself and nothing of it
is kept. Every complete frame is handed up at once, and answered when the gateway says so.

In a stream the quirk ``trailing_bytes`` tells only what the same read brought: the report
does not wait for what may follow its CR.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum, auto
from typing import Any, Final, Generic, Literal, TypeVar, overload

from protocols._core import Answer, Incoming, Keys, Pad, Rejected, Verdict
from protocols._core.buffer import PartialFrame
from protocols.dc09 import answers
from protocols.dc09.cutting import cut, may_be_sound, next_header
from protocols.dc09.foreign import foreign_protocol
from protocols.dc09.incoming import noise, received_by_csr, received_by_pe
from protocols.dc09.message import Envelope, UsualEnvelope
from protocols.dc09.reading import read
from protocols.dc09.sending import build_frame
from protocols.dc09.usual import read_usual

PARTIAL_S: Final = 10.0  # a frame that began and never ends; then it is rejected; REL-24
BUFFER_BYTES: Final = 8192  # a region has at most 4095 bytes; REL-25
DIAGNOSED: Final = 64  # so many of one read get a reason each; more broken frames are noise
_BETWEEN_FRAMES: Final = b"\0 \r\n"  # what panels put there (quirk 11); no noise

T = TypeVar("T", Incoming, Answer)


class Role(Enum):
    """Which end of the line a connection is, in the standard's words."""

    CSR = auto()
    """Central station receiver: takes reports."""
    PE = auto()
    """Premises equipment: sends them."""


class LinkState(Enum):
    """Where the conversation stands."""

    IDLE = auto()
    AWAITING_ANSWER = auto()
    CLOSED = auto()

    __hash__ = object.__hash__  # by identity: the table is read twice a frame


class LinkInput(Enum):
    """What moves the conversation on."""

    REPORT = auto()
    """A report or link test went from PE to CSR."""
    ALL_ANSWERED = auto()
    """Each of them has its verdict, silence included."""
    EOF = auto()

    __hash__ = object.__hash__  # by identity: the table is read twice a frame


_REPORT: Final = LinkInput.REPORT  # an Enum's member costs as much as a line of code
_ALL_ANSWERED: Final = LinkInput.ALL_ANSWERED
_ACK: Final = Verdict.ACK

# DC-09 lets a panel send again before it is answered, and answer nothing at all: a state
# never forbids a report. CLOSED is left by the next bytes, on a port that came back.
TRANSITIONS: Final[Mapping[LinkState, Mapping[LinkInput, LinkState]]] = {
    LinkState.IDLE: {
        LinkInput.REPORT: LinkState.AWAITING_ANSWER,
        LinkInput.ALL_ANSWERED: LinkState.IDLE,  # a late or second answer, seen by the PE
        LinkInput.EOF: LinkState.CLOSED,
    },
    LinkState.AWAITING_ANSWER: {
        LinkInput.REPORT: LinkState.AWAITING_ANSWER,  # the next of the same read, or a repeat
        LinkInput.ALL_ANSWERED: LinkState.IDLE,
        LinkInput.EOF: LinkState.CLOSED,
    },
    LinkState.CLOSED: {
        LinkInput.REPORT: LinkState.AWAITING_ANSWER,
        LinkInput.ALL_ANSWERED: LinkState.CLOSED,  # a half-closed peer still gets its answer
        LinkInput.EOF: LinkState.CLOSED,
    },
}


class Connection(Generic[T]):
    """One DC-09 conversation over TCP, or with ``datagram`` everything a UDP socket hears.

    In the role CSR ``receive`` returns ``Report``, ``LinkTest`` and ``Rejected``; in the role
    PE it returns ``Answer``, and what a panel would ignore (a wrong check value, a foreign
    key) does not appear. See ``protocols.Connection`` for the methods.

    Attributes:
        state: Where the conversation stands.
        awaited: How many frames have no verdict yet.
    """

    __slots__ = (
        "_datagram",
        "_is_csr",
        "_keys",
        "_outgoing",
        "_pad",
        "_partial",
        "awaited",
        "role",
        "state",
    )

    @overload
    def __init__(
        self: Connection[Incoming],
        role: Literal[Role.CSR],
        *,
        keys: Keys,
        pad: Pad,
        datagram: bool = False,
    ) -> None: ...

    @overload
    def __init__(
        self: Connection[Answer],
        role: Literal[Role.PE],
        *,
        keys: Keys,
        pad: Pad,
        datagram: bool = False,
    ) -> None: ...

    def __init__(self, role: Role, *, keys: Keys, pad: Pad, datagram: bool = False) -> None:
        self.role = role
        self._is_csr = role is Role.CSR
        self.state = LinkState.IDLE
        self.awaited = 0
        self._keys = keys
        self._pad = pad
        self._datagram = datagram
        self._partial = PartialFrame(limit_bytes=BUFFER_BYTES, timeout_s=PARTIAL_S)
        self._outgoing: list[bytes] = []

    def receive(self, data: bytes, *, now: float) -> list[T]:
        """Take what was read and say what it held, oldest first. Never raises."""
        partial = self._partial
        since = partial.deadline
        if since is None:
            if self._is_csr:
                usual: Any = read_usual(data)
                if usual is not None:
                    self.awaited += 1
                    self.state = TRANSITIONS[self.state][_REPORT]
                    return [usual]
            return self._scan(data, now=now, is_complete=self._datagram)
        if now < since:
            return self._scan(partial.take() + data, now=now, since=since)
        found = self.on_deadline(now=now)
        found.extend(self._scan(data, now=now))
        return found

    def _scan(
        self,
        data: bytes,
        *,
        now: float,
        since: float | None = None,
        is_complete: bool = False,
    ) -> list[T]:
        """Cut ``data`` into frames and noise; hold a frame that is not whole yet.

        ``since`` is the deadline of what stands at its beginning, when that was held before.
        """
        found: list[Any] = []
        size, pos, noisy_from, broken = len(data), 0, 0, 0
        while pos < size and (pos := next_header(data, pos)) < size:
            if broken >= DIAGNOSED and not may_be_sound(data, pos):
                pos += 1
                continue
            one = cut(data, pos, is_complete=is_complete)
            if one is None:
                self._partial.hold(data[pos:], now=now, since=None if pos else since)
                break
            if one.fault is not None:
                broken += 1
                if broken > DIAGNOSED or not one.check:
                    pos += len(one.raw)
                    continue
            if noisy_from < pos:
                self._noise(data[noisy_from:pos], found, is_all=False)
            noisy_from = pos = pos + len(one.raw)
            gap = data[pos : next_header(data, pos)] if pos < size else b""
            self._hand_up(read(one, self._keys, gap), found)
        if noisy_from < pos:
            self._noise(data[noisy_from:pos], found, is_all=not noisy_from and pos == size)
        return found

    def _hand_up(self, envelope: Envelope, found: list[Any]) -> None:
        if self._is_csr:
            incoming = received_by_csr(envelope)
            if type(incoming) is not Rejected:
                self.awaited += 1
                self.state = TRANSITIONS[self.state][_REPORT]
            found.append(incoming)
            return
        answer = received_by_pe(envelope)
        if answer is not None:
            self._settle()
            found.append(answer)

    def _noise(self, raw: bytes, found: list[Any], *, is_all: bool) -> None:
        if not self._is_csr or not raw.strip(_BETWEEN_FRAMES):
            return
        found.append(noise(raw, foreign_protocol(raw) if is_all else None))

    def _settle(self) -> None:
        if self.awaited > 1:
            self.awaited -= 1
            return
        self.awaited = 0
        self.state = TRANSITIONS[self.state][_ALL_ANSWERED]

    def answer(self, to: Incoming, verdict: Verdict, *, utc: datetime) -> None:
        """Queue the bytes for this verdict (DC-09 5.5.3); a ``Rejected`` is never answered."""
        if type(to) is Rejected:
            return
        self._settle()
        envelope = to.envelope
        if type(envelope) is UsualEnvelope and verdict is _ACK:
            self._outgoing.append(answers.usual_ack(envelope))
            return
        if type(envelope) is not UsualEnvelope and type(envelope) is not Envelope:
            return
        if verdict is _ACK:
            self._outgoing.append(answers.ack(envelope, utc=utc, pad=self._pad))
        elif verdict is Verdict.DUH:
            self._outgoing.append(answers.duh(envelope))
        elif verdict is Verdict.NAK_TIME:
            self._outgoing.append(answers.nak(envelope, utc=utc))

    def data_to_send(self) -> bytes:
        """Hand out what is queued, and forget it."""
        queued = self._outgoing
        if not queued:
            return b""
        if len(queued) == 1:
            return queued.pop()
        data = b"".join(queued)
        queued.clear()
        return data

    def eof(self) -> list[T]:
        """Hand up what was left half-read, and start clean; answers still go out."""
        found = self._scan(self._partial.take(), now=0.0, is_complete=True)
        self.state = TRANSITIONS[self.state][LinkInput.EOF]
        return found

    def deadline(self) -> float | None:
        """When ``on_deadline`` wants calling, in monotonic seconds; None while nothing waits."""
        return self._partial.deadline

    def on_deadline(self, *, now: float) -> list[T]:
        """Give up a frame that began ``PARTIAL_S`` ago, and read what stands behind it."""
        if not self._partial.is_overdue(now):
            return []
        return self._scan(self._partial.take(), now=now, is_complete=True)

    # The sending role.

    def report(self, token: str, **fields: Any) -> bytes:
        """Queue a report and return its frame; ``fields`` are those of ``build_frame``.

        ``token`` is ``"SIA-DCS"``, ``"ADM-CID"`` or any other; the pad is this connection's.
        """
        return self._send(build_frame(token, pad=self._pad, **fields))

    def link_test(self, **fields: Any) -> bytes:
        """Queue a ``NULL`` and return its frame; for an ``XNM`` use ``report``."""
        return self._send(build_frame("NULL", pad=self._pad, **fields))

    def _send(self, frame: bytes) -> bytes:
        self.awaited += 1
        self.state = TRANSITIONS[self.state][LinkInput.REPORT]
        self._outgoing.append(frame)
        return frame

    def raw(self, data: bytes) -> bytes:
        """Queue bytes as they are: a repeat of a frame, or a broken one."""
        return self._send(data)
