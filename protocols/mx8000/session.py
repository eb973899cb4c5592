"""One link to an MX8000 in its native output or as an SK9000, in either role of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import msgspec

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
from protocols.mx8000 import frame, meaning
from protocols.mx8000.commands import parse_command
from protocols.mx8000.fields import v_byte
from protocols.mx8000.layouts import layouts
from protocols.mx8000.meaning import SIA_AE, SIA_SK, Said
from protocols.mx8000.write import Output, frame_of, heartbeat
from protocols.receiver_link import (
    ACK,
    NAK,
    NO_OPTIONS,
    Computer,
    Connection,
    Envelope,
    Kind,
    Role,
    Rules,
    Sender,
)
from protocols.receiver_link.cutting import Cut, PatternCutter
from protocols.receiver_link.options import Options
from protocols.receiver_link.telling import unreadable

NAME: Final = "mx8000"
CLAUSE: Final = "MX8000 computer output"

ACK_TIMEOUT_S: Final = 4.0
"""For the computer's answer, from one character after CR on; programmable, no default was
readable: a guess, as for Sur-Gard."""
TRIES: Final = 2
"""Timeouts, or NAKs, of one message; then Computer Trouble, and heartbeats only."""

REFERENCES: Final = 9999


class Received(Envelope, frozen=True):
    """What is kept of a frame."""

    vbyte: int | None = None
    right: int | None = None
    """What the check byte should be."""
    said: Said | None = None
    """What the frame says, also where its check byte is wrong."""


class MxComputer(Computer[Cut]):
    """The computer's side: frames in, one byte out for each."""

    NAME: ClassVar[str] = NAME
    CLAUSE: ClassVar[str] = CLAUSE
    EXPECTED: ClassVar[str] = "an identifier, the date in six digits and a quotation mark"

    def __init__(
        self,
        *,
        kind: str = "ae8000",
        has_vbyte: bool = True,
        sia: str | None = None,
        heartbeat: bytes = b"",
    ) -> None:
        self.kind = kind
        self._has_vbyte = has_vbyte
        self._sia = sia if sia is not None else SIA_AE if kind == "ae8000" else SIA_SK
        self.layouts = layouts(kind, heartbeat)
        super().__init__(PatternCutter(self.layouts))

    def _understood(self, found: Cut) -> Incoming:
        fields, raw, layout = found.fields, found.raw, found.layout or "other"
        if layout == "named-heartbeat":
            return LinkTest(protocol=NAME, raw=raw, envelope=Envelope(layout, self._session))
        right = v_byte(raw[:-2])
        said = self._said(layout, fields, raw)
        envelope = Received(layout, self._session, fields.vbyte, right, said)
        account = None if said is None else said.account
        if self._has_vbyte and fields.vbyte != right:
            error = ProtocolError(
                f"check byte {fields.vbyte:02X} seen; expected {right:02X}",
                raw=raw, offset=len(raw) - 2, clause=CLAUSE,
            )  # fmt: skip
            return self._refused(raw, "checksum_wrong", error, envelope, account=account)
        if found.kind is Kind.UNREADABLE:
            error = unreadable(raw, self.layouts.declared, CLAUSE)
            return self._refused(raw, "body_unreadable", error, envelope, account=account)
        receiver = getattr(fields, "receiver", None)
        reference = getattr(fields, "reference", None)
        if said is None:
            return LinkTest(
                protocol=NAME, raw=raw, envelope=envelope, receiver=receiver, sequence=reference
            )
        return Report(
            protocol=NAME,
            raw=raw,
            token=self.kind,
            account=said.account,
            parts=said.parts,
            envelope=envelope,
            repeat=Repeat.LINK,
            receiver=receiver,
            line=getattr(fields, "line", None),
            sequence=reference,
            internal=said.internal,
            quirks=said.quirks,
        )

    def _said(self, layout: str, fields: Any, raw: bytes) -> Said | None:
        if layout == "system":
            return meaning.system(fields, raw)
        if layout != "call":
            return None
        read: Any = meaning.call_ae if self.kind == "ae8000" else meaning.call_sk
        said: Said = read(fields, raw, self._sia)
        return said


class MxReceiver(Sender):
    """The receiver's side, for simulators."""

    def __init__(self, output: Output | None = None, *, ack_s: float = ACK_TIMEOUT_S) -> None:
        super().__init__(Rules(ack_s=ack_s, transmissions=TRIES, naks=TRIES, naks_fail=True))
        self.output = output or Output()
        self._reference = 0

    def heartbeat(self, *, now: float) -> bool:
        """See ``Sender``; without a heartbeat a failed port probes with the message itself."""
        if heartbeat(self.output):
            return super().heartbeat(now=now)
        self.probe(now=now)
        return False

    def _frame(
        self, parts: tuple[Part, ...], *, account: str, line: str | None, token: str
    ) -> bytes:
        del token
        self._reference = self._reference % REFERENCES + 1
        output = self.output
        if line is not None:
            output = msgspec.structs.replace(output, line=line)
        return frame_of(parts, output, account=account, reference=self._reference)

    def _heartbeat(self) -> bytes:
        return heartbeat(self.output)

    def _heard(self, data: bytes) -> list[tuple[bytes, Verdict | None]]:
        if self._outstanding is None and parse_command(data) is not None:
            self._reply(data)
            return []
        return super()._heard(data)

    def _reply(self, data: bytes) -> None:
        """Reply to a command; an SK9000 says NAK to a request for a link test."""
        command = parse_command(data)
        if command is None or (command.name == "link-test-request" and not command.expected_reply):
            return
        is_granted = command.is_vbyte_right is True
        self._out.append(ACK if is_granted else NAK)


def connect(
    *,
    keys: Keys,
    pad: Pad,
    datagram: bool = False,
    options: Mapping[str, object] = NO_OPTIONS,
) -> Connection[Incoming]:
    """Make a link in the computer's role, as the registry does.

    Options: ``output`` (``ae8000``, ``sk9000``), ``vbyte`` (true: a wrong check byte is
    refused), ``sia_formats`` (formats whose events are SIA codes, blanks between them; default
    ``004`` or ``5``), ``heartbeat`` (the bytes of another heartbeat in hex; default none).

    Raises:
        ValueError: An option that does not exist, a wrong value of one, or UDP.
    """
    del keys, pad  # nothing is encrypted here
    given = Options(NAME, options, datagram=datagram)
    kind = given.word("output", frame.KINDS)
    has_vbyte = given.flag("vbyte", default=True)
    sia = given.text("sia_formats", SIA_AE if kind == "ae8000" else SIA_SK)
    beat = _bytes(given.text("heartbeat", ""))
    given.finish()
    side = MxComputer(kind=kind, has_vbyte=has_vbyte, sia=sia, heartbeat=beat)
    return Connection(Role.COMPUTER, side)


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        message = f"heartbeat {text!r} seen; expected bytes in hex, or nothing"
        raise ValueError(message) from None


def receiver(output: Output | None = None, *, ack_s: float = ACK_TIMEOUT_S) -> Connection[Answer]:
    """Make a link in the receiver's role, for simulators."""
    return Connection(Role.RECEIVER, MxReceiver(output, ack_s=ack_s))
