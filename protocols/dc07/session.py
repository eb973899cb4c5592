"""One link of DC-07, from the computer's and from the receiver's end.

The check value is CRC-16/ARC wherever a link proves to use it: with ``check = "auto"`` the
first frame whose value fits settles it, and from then on a wrong one is refused. The length
may count everything but LF and CR, or from the quote to before the CR as in DC-09; ``auto``
takes either and answers in kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import msgspec
from construct import ConstructError

from protocols._core import (
    Answer,
    Incoming,
    Keys,
    LinkTest,
    Pad,
    Part,
    ProtocolError,
    Repeat,
    Report,
    Verdict,
)
from protocols._core.checksums import crc16_arc
from protocols.dc07 import frame
from protocols.receiver_link import (
    NO_OPTIONS,
    Computer,
    Connection,
    Envelope,
    Role,
    Rules,
    Sender,
)
from protocols.receiver_link.cutting import Cut, Layouts, PatternCutter
from protocols.receiver_link.options import Options
from protocols.receiver_link.telling import unreadable
from protocols.receiver_link.token_data import token_data, token_parts

NAME: Final = "dc07"
CLAUSE: Final = "SIA DC-07 (from its relatives)"
ACK_TIMEOUT_S: Final = 4.0
"""Guess: the standard's text could not be read; the value of the other families."""
TRANSMISSIONS: Final = 4
NAK_LIMIT: Final = 20
CHECKS: Final = ("auto", "arc", "off")
LENGTHS: Final = ("auto", "frame", "body")
"""``frame`` counts everything but LF and CR, ``body`` from the quote to before the CR."""
_HEAD_BYTES: Final = 8
_NULL: Final = "NULL"
_WORDS: Final = {Verdict.ACK: "ACK", Verdict.DUH: "NAK"}


class FrameFields(msgspec.Struct):
    """A frame."""

    check: str
    length: int
    body: bytes
    token: str
    sequence: str
    receiver: str | None
    line: str | None
    content: bytes
    account: str | None
    said: bytes


class EnvelopeFields(msgspec.Struct):
    """A frame whose data fits no layout."""

    check: str
    length: int
    body: bytes


LAYOUTS: Final = Layouts(
    {"frame": frame.FRAME},
    {"frame": FrameFields},
    ends=b"\r",
    envelope=frame.ENVELOPE,
    envelope_into=EnvelopeFields,
    start=b"\n",
    fillers=b"\r\x00",
)


class Dc07Envelope(Envelope, frozen=True):
    """What the answer repeats."""

    sequence: str = "0000"
    receiver: str | None = None
    line: str | None = None
    account: str | None = None
    counts_frame: bool = True


def build_frame(  # noqa: PLR0913  (the fields of a frame)
    token: str,
    *,
    sequence: str,
    receiver: str | None,
    line: str | None,
    account: str | None,
    said: bytes | None = None,
    counts_frame: bool = True,
    has_check: bool = True,
) -> bytes:
    """Write a frame; ``said`` None leaves the brackets with nothing but the account.

    Raises:
        ValueError: A field does not fit.
    """
    body = {
        "token": token,
        "sequence": sequence,
        "receiver": receiver,
        "line": line,
        "content": {"account": account, "bar": None, "said": said or b""},
    }
    if said is not None:
        body["content"] = {"account": account, "bar": b"|", "said": said}
    try:
        bare: bytes = frame.FRAME.build({"check": "0000", "length": 0, "body": body})
        inner = bare[1 + _HEAD_BYTES : -1]
        length = len(inner) + (_HEAD_BYTES if counts_frame else 0)
        check = f"{crc16_arc(inner):04X}" if has_check else "0000"
        written: bytes = frame.FRAME.build({"check": check, "length": length, "body": body})
    except ConstructError as error:
        message = f"no frame can be built of {body}: {error}"
        raise ValueError(message) from error
    return written


class Dc07Computer(Computer[Cut]):
    """The computer's side: frames in, a frame out for each."""

    NAME: ClassVar[str] = NAME
    CLAUSE: ClassVar[str] = CLAUSE
    EXPECTED: ClassVar[str] = "LF, four hex digits of check value, 0 and the length, a token"

    def __init__(self, *, check: str = "auto", length: str = "auto") -> None:
        super().__init__(PatternCutter(LAYOUTS))
        self._check, self._length = check, length
        self._has_check = check == "arc"

    def _understood(self, found: Cut) -> Incoming:
        fields: FrameFields | EnvelopeFields = found.fields
        raw = found.raw
        counts_frame = fields.length == len(raw) - 2
        envelope = Dc07Envelope(
            found.layout or "other",
            self._session,
            fields.sequence if isinstance(fields, FrameFields) else "0000",
            fields.receiver if isinstance(fields, FrameFields) else None,
            fields.line if isinstance(fields, FrameFields) else None,
            fields.account if isinstance(fields, FrameFields) else None,
            counts_frame,
        )
        error, reason, quirks = self._judged(fields, raw)
        if error is not None:
            return self._refused(raw, reason, error, envelope, account=envelope.account)
        if not isinstance(fields, FrameFields):
            error = unreadable(raw, LAYOUTS.declared, CLAUSE)
            return self._refused(raw, "body_unreadable", error, envelope)
        return _incoming(fields, raw, envelope, quirks)

    def _judged(
        self, fields: FrameFields | EnvelopeFields, raw: bytes
    ) -> tuple[ProtocolError | None, str, tuple[str, ...]]:
        right = f"{crc16_arc(raw[1 + _HEAD_BYTES : -1]):04X}"
        fits = fields.check.upper() == right
        if fits and self._check == "auto":
            self._has_check = True
        if not fits and self._has_check:
            reason = f"check value {fields.check} seen; expected {right}"
            return ProtocolError(reason, raw=raw, offset=1, clause=CLAUSE), "crc_wrong", ()
        counts = {"frame": len(raw) - 2, "body": len(raw) - 2 - _HEAD_BYTES}
        allowed = counts.values() if self._length == "auto" else (counts[self._length],)
        if fields.length not in allowed:
            wanted = " or ".join(map(str, allowed))
            reason = f"length {fields.length} seen; expected {wanted}"
            return ProtocolError(reason, raw=raw, offset=5, clause=CLAUSE), "length_wrong", ()
        is_unproved = not fits and self._check == "auto"
        return None, "", ("check_unproved",) if is_unproved else ()

    def _written(self, envelope: Dc07Envelope, verdict: Verdict) -> bytes:
        word = _WORDS.get(verdict)
        if word is None:
            return b""
        return build_frame(
            word,
            sequence=envelope.sequence,
            receiver=envelope.receiver,
            line=envelope.line,
            account=None,
            counts_frame=envelope.counts_frame,
            has_check=self._check != "off",
        )


def _incoming(
    fields: FrameFields, raw: bytes, envelope: Dc07Envelope, quirks: tuple[str, ...]
) -> Incoming:
    if fields.token == _NULL:
        return LinkTest(
            protocol=NAME,
            raw=raw,
            envelope=envelope,
            receiver=fields.receiver,
            line=fields.line,
            sequence=fields.sequence,
            quirks=quirks,
        )
    return Report(
        protocol=NAME,
        raw=raw,
        token=fields.token,
        account=fields.account,
        parts=token_parts(fields.token, fields.content),
        envelope=envelope,
        repeat=Repeat.LINK,
        identity=raw,
        receiver=fields.receiver,
        line=fields.line,
        sequence=fields.sequence,
        quirks=quirks,
    )


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """How a receiver is programmed to send."""

    receiver: str = "1"
    line: str = "1"
    counts_frame: bool = True
    has_check: bool = True


class Dc07Receiver(Sender):
    """The receiver's side, for simulators."""

    def __init__(self, output: Output | None = None, *, ack_s: float = ACK_TIMEOUT_S) -> None:
        super().__init__(Rules(ack_s=ack_s, transmissions=TRANSMISSIONS, naks=NAK_LIMIT))
        self.output = output or Output()
        self._sequence = 0
        self._half = b""

    @property
    def answer_end(self) -> bytes:
        """What ends an answer of the computer."""
        return b"\r"

    def _written(self, token: str, line: str, account: str | None, said: bytes | None) -> bytes:
        output = self.output
        return build_frame(
            token,
            sequence=f"{self._sequence:04X}",
            receiver=output.receiver,
            line=line,
            account=account,
            said=said,
            counts_frame=output.counts_frame,
            has_check=output.has_check,
        )

    def _frame(
        self, parts: tuple[Part, ...], *, account: str, line: str | None, token: str
    ) -> bytes:
        self._sequence = self._sequence % 0xFFFF + 1
        token, data = token_data(parts, account)
        return self._written(token, line or self.output.line, account, data)

    def _heartbeat(self) -> bytes:
        self._sequence = self._sequence % 0xFFFF + 1
        return self._written(_NULL, self.output.line, None, None)

    def _heard(self, data: bytes) -> list[tuple[bytes, Verdict | None]]:
        *whole, self._half = (self._half + data).split(b"\r")
        return [(each + b"\r", self._verdict(each + b"\r")) for each in whole]

    def _verdict(self, raw: bytes) -> Verdict | None:
        form = LAYOUTS.recognisers["frame"]
        told: FrameFields | None = form.fullmatch(raw)
        message = self._outstanding
        asked: FrameFields | None = None if message is None else form.fullmatch(message.raw)
        if told is None or (asked is not None and told.sequence != asked.sequence):
            return None  # an answer that names another sequence is a late one
        return {"ACK": Verdict.ACK, "NAK": Verdict.DUH}.get(told.token)

    def eof(self) -> list[Answer]:
        """See ``Sender``."""
        self._half = b""
        return super().eof()


def connect(
    *,
    keys: Keys,
    pad: Pad,
    datagram: bool = False,
    options: Mapping[str, object] = NO_OPTIONS,
) -> Connection[Any]:
    """Make a link in the computer's role, as the registry does.

    Options: ``check`` (``auto``, ``arc``, ``off``), ``length`` (``auto``, ``frame``, ``body``).

    Raises:
        ValueError: An option that does not exist, a wrong value of one, or UDP.
    """
    del keys, pad
    given = Options(NAME, options, datagram=datagram)
    check = given.word("check", CHECKS)
    length = given.word("length", LENGTHS)
    given.finish()
    return Connection(Role.COMPUTER, Dc07Computer(check=check, length=length))


def receiver(output: Output | None = None, *, ack_s: float = ACK_TIMEOUT_S) -> Connection[Answer]:
    """Make a link in the receiver's role, for simulators."""
    return Connection(Role.RECEIVER, Dc07Receiver(output, ack_s=ack_s))
