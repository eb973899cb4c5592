"""One link to a 685 or to what speaks like one, in either role of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

import msgspec

from protocols._core import (
    Answer,
    Incoming,
    Keys,
    LinkTest,
    Pad,
    Part,
    Repeat,
    Report,
)
from protocols.ademco685 import frame
from protocols.ademco685.layouts import layouts
from protocols.ademco685.meaning import READERS
from protocols.ademco685.write import Output, frame_of, heartbeat
from protocols.receiver_link import (
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

NAME: Final = "ademco685"
CLAUSE: Final = "Ademco 685 emulation (MX8000, VisorALARM)"

ACK_TIMEOUT_S: Final = 4.0
"""For the computer's answer; programmable, no default was readable: a guess, as for Sur-Gard."""
TRIES: Final = 2
"""Timeouts, or NAKs, of one message; then Computer Trouble, and heartbeats only (MX8000)."""

TOKENS: Final = {"685": "685", "caps": "CAPS", "cp220": "CP220"}
ITI_GENERIC: Final = "iti-generic"
"""``00 OKAY @`` without a blank is the heartbeat of ITI's generic format."""
_ENDS: Final = {"685": frame.CR, "caps": frame.CAPS_END, "cp220": frame.CR}


class Computer685(Computer[Cut]):
    """The computer's side: frames in, one byte out for each."""

    NAME: ClassVar[str] = NAME
    CLAUSE: ClassVar[str] = CLAUSE
    EXPECTED: ClassVar[str] = "a line feed, receiver and group, a blank"

    def __init__(
        self, *, kind: str = "685", header: bytes = frame.LF, terminator: bytes | None = None
    ) -> None:
        self.kind = kind
        self.layouts = layouts(kind, header, terminator or _ENDS[kind])
        super().__init__(PatternCutter(self.layouts))

    def _understood(self, found: Cut) -> Incoming:
        fields, raw = found.fields, found.raw
        envelope = Envelope(found.layout or "other", self._session)
        if found.kind is Kind.UNREADABLE:
            error = unreadable(raw, self.layouts.declared, CLAUSE)
            return self._refused(raw, "body_unreadable", error, envelope)
        if found.layout == "heartbeat":
            return LinkTest(
                protocol=NAME,
                raw=raw,
                envelope=envelope,
                receiver=fields.receiver,
                line=fields.line,
            )
        part = READERS[found.layout](fields, raw)
        digit_qualifier = getattr(fields, "qualifier", "E") not in "ERP"
        return Report(
            protocol=NAME,
            raw=raw,
            token=TOKENS[self.kind],
            account=fields.account,
            parts=(part,),
            envelope=envelope,
            repeat=Repeat.LINK,
            receiver=fields.receiver,
            line=fields.line,
            quirks=("digit_qualifier",) if digit_qualifier else (),
        )


class Receiver685(Sender):
    """The receiver's side, for simulators."""

    def __init__(self, output: Output | None = None, *, ack_s: float = ACK_TIMEOUT_S) -> None:
        super().__init__(Rules(ack_s=ack_s, transmissions=TRIES, naks=TRIES, naks_fail=True))
        self.output = output or Output()

    def _frame(
        self, parts: tuple[Part, ...], *, account: str, line: str | None, token: str
    ) -> bytes:
        del token
        output = self.output
        if line is not None:
            output = msgspec.structs.replace(output, line=line)
        return frame_of(parts, output, account=account)

    def _heartbeat(self) -> bytes:
        return heartbeat(self.output)


def connect(
    *,
    keys: Keys,
    pad: Pad,
    datagram: bool = False,
    options: Mapping[str, object] = NO_OPTIONS,
) -> Connection[Incoming]:
    """Make a link in the computer's role, as the registry does.

    Options: ``format`` (``685``, ``caps``, ``cp220``), ``header`` (in hex, default ``0a``),
    ``terminator`` (in hex, default ``0d``, with ``caps`` ``41``).

    Raises:
        ValueError: An option that does not exist, a wrong value of one, or UDP.
    """
    del keys, pad  # nothing is encrypted here
    given = Options(NAME, options, datagram=datagram)
    kind = given.word("format", frame.FORMATS)
    header = given.byte("header", frame.LF)
    terminator = given.byte("terminator", _ENDS[kind])
    given.finish()
    return Connection(Role.COMPUTER, Computer685(kind=kind, header=header, terminator=terminator))


def receiver(output: Output | None = None, *, ack_s: float = ACK_TIMEOUT_S) -> Connection[Answer]:
    """Make a link in the receiver's role, for simulators."""
    return Connection(Role.RECEIVER, Receiver685(output, ack_s=ack_s))
