"""The computer's side of a link to a D6500 or D6600, in either of its two modes.

D6500 mode: a bare byte for each frame. Anything but 06 or 15 makes the receiver repeat for
ever; its third NAK in a row makes it skip the message (gateway policy gives at most two).
SIA mode: a frame of its own that names sequence, receiver and line.
"""

from __future__ import annotations

from typing import ClassVar, Final

from protocols._core import (
    Incoming,
    LinkTest,
    ProtocolError,
    Repeat,
    Report,
    Verdict,
)
from protocols._core.checksums import crc16_arc
from protocols.bosch6500 import frame, layouts, meaning
from protocols.bosch6500.layouts import SiaModeEnvelope, SiaModeFrame
from protocols.bosch6500.meaning import Said
from protocols.receiver_link import Computer, Envelope, Kind
from protocols.receiver_link.cutting import Cut, PatternCutter
from protocols.receiver_link.telling import unreadable

NAME: Final = "bosch6500"
D6500_CLAUSE: Final = "Bosch D6600 computer interface, D6500 mode"
SIA_CLAUSE: Final = "Bosch D6600 computer interface, SIA mode"
CHECKS: Final = ("off", "arc")
NO_SEQUENCE: Final = "0000"


class D6500Envelope(Envelope, frozen=True):
    """What is kept of a frame of D6500 mode."""

    terminator: str | None = None


class SiaModeReceived(Envelope, frozen=True):
    """What the answer of SIA mode repeats."""

    sequence: str = NO_SEQUENCE
    receiver: str = "01"
    line: str = "00"
    check_sent: str = ""


class D6500Computer(Computer[Cut]):
    """D6500 mode: frames in, one byte out for each."""

    NAME: ClassVar[str] = NAME
    CLAUSE: ClassVar[str] = D6500_CLAUSE
    EXPECTED: ClassVar[str] = "a type, the receiver in two digits and the line in one character"

    def __init__(self, *, header: bytes = b" ", terminator: bytes = frame.DC4) -> None:
        self.layouts = layouts.d6500(header, terminator)
        super().__init__(PatternCutter(self.layouts))

    def _understood(self, found: Cut) -> Incoming:
        fields, raw = found.fields, found.raw
        envelope = D6500Envelope(found.layout or "other", self._session, fields.terminator)
        if found.kind is Kind.UNREADABLE:
            error = unreadable(raw, self.layouts.declared, D6500_CLAUSE)
            return self._refused(raw, "body_unreadable", error, envelope)
        if found.layout == "link-test":
            return LinkTest(
                protocol=NAME,
                raw=raw,
                envelope=envelope,
                receiver=fields.receiver,
                line=fields.line,
            )
        # Of glued copies only the last has a terminator, and the first perhaps a header.
        bare = raw[: len(raw) - (fields.terminator is not None)]
        said = meaning.d6500(fields, bare)
        return _report(raw, fields, envelope, said, bare[bare.index(fields.token.encode()) :])


class SiaModeComputer(Computer[Cut]):
    """SIA (CIS) mode: frames in, a frame out for each."""

    NAME: ClassVar[str] = NAME
    CLAUSE: ClassVar[str] = SIA_CLAUSE
    EXPECTED: ClassVar[str] = "LF, the check value, a type, four digits of sequence"

    def __init__(self, *, check: str = "off", check_digits: int = 4) -> None:
        self._check, self._check_digits = check, check_digits
        self.layouts = layouts.sia_mode(check_digits)
        super().__init__(PatternCutter(self.layouts))

    def _understood(self, found: Cut) -> Incoming:
        fields: SiaModeFrame | SiaModeEnvelope = found.fields
        raw = found.raw
        envelope = SiaModeReceived(
            found.layout or "other",
            self._session,
            fields.sequence,
            fields.receiver,
            fields.line,
            fields.check,
        )
        wrong = self._wrong_check(raw, fields.check)
        if wrong is not None:
            return self._refused(raw, "crc_wrong", wrong, envelope)
        if isinstance(fields, SiaModeEnvelope):
            error = unreadable(raw, self.layouts.declared, SIA_CLAUSE)
            return self._refused(raw, "body_unreadable", error, envelope)
        if not fields.data:
            return LinkTest(
                protocol=NAME,
                raw=raw,
                envelope=envelope,
                receiver=fields.receiver,
                line=fields.line,
                sequence=fields.sequence,
            )
        said = meaning.sia_mode(fields.data, fields.line)
        if said is None:
            at = raw.index(b"[") + 1
            seen = fields.data[:12].decode("latin-1")
            error = ProtocolError(
                f"{seen!r} seen; expected #account| and an event", raw=raw, offset=at,
                clause=SIA_CLAUSE,
            )  # fmt: skip
            return self._refused(raw, "body_unreadable", error, envelope)
        return _report(raw, fields, envelope, said, raw)

    def _wrong_check(self, raw: bytes, sent: str) -> ProtocolError | None:
        if self._check == "off":
            return None
        right = check_value(raw[1 + self._check_digits : -1], self._check_digits)
        if right == sent.upper().encode():
            return None
        return ProtocolError(
            f"check value {sent} seen; expected {right.decode()}", raw=raw, offset=1,
            clause=SIA_CLAUSE,
        )  # fmt: skip

    def _written(self, envelope: SiaModeReceived, verdict: Verdict) -> bytes:
        if verdict is Verdict.ACK:
            named = (envelope.sequence, envelope.receiver, envelope.line)
        elif verdict is Verdict.DUH:
            named = (NO_SEQUENCE, envelope.receiver, "00")
        else:
            return b""
        return sia_mode_frame("\t", *named, b"", check=self._check, digits=self._check_digits)


def check_value(body: bytes, digits: int) -> bytes:
    """Return CRC-16/ARC over a body, filled up to the width of the field.

    Guess: the manual says "same as DC-07" and no capture was seen; a site must ask for it.
    """
    return b"%0*X" % (digits, crc16_arc(body))


def sia_mode_frame(  # noqa: PLR0913  (the fields of a frame)
    token: str,
    sequence: str,
    receiver: str,
    line: str,
    data: bytes,
    *,
    check: str,
    digits: int,
) -> bytes:
    """Write a frame of SIA mode; without a known check value its field holds zeros."""
    body = {
        "token": token, "sequence": sequence, "receiver": receiver, "line": line, "data": data,
    }  # fmt: skip
    declaration = frame.sia_mode(digits)["sia-mode"]
    written: bytes = declaration.build({"check": "0" * digits, "body": body})
    if check == "off":
        return written
    inner = written[1 + digits : -1]
    return b"\n" + check_value(inner, digits) + inner + b"\r"


def _report(
    raw: bytes,
    fields: layouts.Frame | SiaModeFrame,
    envelope: Envelope,
    said: Said,
    identity: bytes,
) -> Report:
    return Report(
        protocol=NAME,
        raw=raw,
        token=fields.token,
        account=said.account,
        parts=said.parts,
        envelope=envelope,
        repeat=Repeat.LINK,
        identity=identity,
        receiver=fields.receiver,
        line=fields.line,
        sequence=getattr(fields, "sequence", None),
        internal=said.internal,
        companion=said.companion,
        quirks=said.quirks,
    )
