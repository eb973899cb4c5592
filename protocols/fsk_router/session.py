"""One link of a FSK Multi-Router, from either end; a bare byte answers each frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import msgspec
from construct import ConstructError

from protocols._core import (
    Answer,
    Incoming,
    Keys,
    Pad,
    Part,
    Repeat,
    Report,
    Verdict,
)
from protocols.contact_id import ContactId
from protocols.fsk_router import frame
from protocols.receiver_link import (
    NO_OPTIONS,
    Computer,
    Connection,
    Envelope,
    PulseEvent,
    Role,
    Rules,
    Sender,
)
from protocols.receiver_link.cutting import Cut, Layouts, PatternCutter
from protocols.receiver_link.options import Options
from protocols.receiver_link.telling import unreadable

NAME: Final = "fsk-router"
CLAUSE: Final = "FSK TCP-0211 manual"
ACK_TIMEOUT_S: Final = 4.0
"""Guess: the manual read does not tell it; the value of the other families."""
TRANSMISSIONS: Final = 4
NAK_LIMIT: Final = 20
QUALIFIERS: Final = {"E": "1", "R": "3", "S": "6"}
_LETTERS: Final = {digit: letter for letter, digit in QUALIFIERS.items()}
EXTENDED: Final = "fsk-extended"


class Fsk7Frame(msgspec.Struct):
    """Contact ID with its radio path."""

    token: str
    account: str
    qualifier: str
    event: str
    group: str
    zone: str
    start: str
    repeater: str
    rssi_local: str
    rssi_remote: str
    slot: str


class ExtendedFrame(msgspec.Struct):
    """An event of three digits with its radio path."""

    account: str
    event: str
    repeater: str
    rssi_local: str


class EnvelopeFrame(msgspec.Struct):
    """A frame whose data fits no layout."""

    body: bytes


LAYOUTS: Final = Layouts(
    frame.FRAMES,
    {"fsk7": Fsk7Frame, EXTENDED: ExtendedFrame},
    ends=b"\r",
    envelope=frame.ENVELOPE,
    envelope_into=EnvelopeFrame,
    start=frame.STX,
    fillers=b"\r\n\x04",
)


class FskEnvelope(Envelope, frozen=True):
    """What is kept of a frame."""

    fields: Fsk7Frame | ExtendedFrame | None = None


class FskComputer(Computer[Cut]):
    """The computer's side."""

    NAME: ClassVar[str] = NAME
    CLAUSE: ClassVar[str] = CLAUSE
    EXPECTED: ClassVar[str] = "STX and C, or STX and an account of five digits"

    def __init__(self, *, ack: bytes = b"\x06", nak: bytes = b"\x15") -> None:
        super().__init__(PatternCutter(LAYOUTS))
        self._bytes = {Verdict.ACK: ack, Verdict.DUH: nak}

    def _understood(self, found: Cut) -> Incoming:
        fields = found.fields
        if isinstance(fields, EnvelopeFrame):
            error = unreadable(found.raw, LAYOUTS.declared, CLAUSE)
            envelope = FskEnvelope("other", self._session)
            return self._refused(found.raw, "body_unreadable", error, envelope)
        envelope = FskEnvelope(found.layout, self._session, fields)
        part: Part
        if isinstance(fields, Fsk7Frame):
            part = ContactId(
                raw=found.raw,
                qualifier=QUALIFIERS[fields.qualifier],
                event=fields.event,
                group=fields.group,
                zone=fields.zone,
                account=fields.account,
                qualifier_sent=fields.qualifier,
            )
        else:
            part = PulseEvent(raw=found.raw, format=EXTENDED, event_code=fields.event)
        return Report(
            protocol=NAME,
            raw=found.raw,
            token=getattr(fields, "token", EXTENDED),
            account=fields.account,
            parts=(part,),
            envelope=envelope,
            repeat=Repeat.LINK,
            identity=found.raw,
            line=getattr(fields, "slot", None),
        )

    def _written(self, envelope: FskEnvelope, verdict: Verdict) -> bytes:
        del envelope
        return self._bytes.get(verdict, b"")


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """The radio path that a simulated router writes."""

    start: str = "0"
    repeater: str = "05"
    rssi_local: str = "0"
    rssi_remote: str = "0"
    slot: str = "B"


def frame_of(part: Part, account: str, output: Output) -> bytes:
    """Write a frame.

    Raises:
        ValueError: The part does not fit a frame.
    """
    values: dict[str, Any] = {name: getattr(output, name) for name in output.__struct_fields__}
    values["account"] = account.rjust(5, "0")
    layout, more = _fields(part)
    try:
        written: bytes = frame.FRAMES[layout].build(values | more)
    except ConstructError as error:
        message = f"no {layout} frame can be built of {values | more}: {error}"
        raise ValueError(message) from error
    return written + frame.EXTENDED_TAIL if layout == EXTENDED else written


def _fields(part: Part) -> tuple[str, dict[str, Any]]:
    if isinstance(part, ContactId):
        return "fsk7", {
            "token": "C",
            "qualifier": _LETTERS.get(part.qualifier, part.qualifier),
            "event": part.event,
            "group": part.group,
            "zone": part.zone,
        }
    if isinstance(part, PulseEvent):
        return EXTENDED, {"event": part.event_code}
    message = f"{type(part).__name__} has no frame"
    raise ValueError(message)


class FskReceiver(Sender):
    """The router's side, for simulators."""

    def __init__(self, output: Output | None = None, *, ack_s: float = ACK_TIMEOUT_S) -> None:
        super().__init__(Rules(ack_s=ack_s, transmissions=TRANSMISSIONS, naks=NAK_LIMIT))
        self.output = output or Output()

    def _frame(
        self, parts: tuple[Part, ...], *, account: str, line: str | None, token: str
    ) -> bytes:
        del token
        (part,) = parts
        output = self.output
        if line is not None:
            output = msgspec.structs.replace(output, slot=line)
        return frame_of(part, account, output)

    def heartbeat(self, *, now: float) -> bool:
        """See ``Sender``: what its link test looks like is not known."""
        del now
        return False


def connect(
    *,
    keys: Keys,
    pad: Pad,
    datagram: bool = False,
    options: Mapping[str, object] = NO_OPTIONS,
) -> Connection[Incoming]:
    """Make a link in the computer's role, as the registry does.

    Options: ``ack`` and ``nak`` (the bytes of the answers, in hex, default ``06`` and ``15``).

    Raises:
        ValueError: An option that does not exist, a wrong value of one, or UDP.
    """
    del keys, pad
    given = Options(NAME, options, datagram=datagram)
    ack = given.byte("ack", b"\x06")
    nak = given.byte("nak", b"\x15")
    given.finish()
    return Connection(Role.COMPUTER, FskComputer(ack=ack, nak=nak))


def receiver(output: Output | None = None, *, ack_s: float = ACK_TIMEOUT_S) -> Connection[Answer]:
    """Make a link in the router's role, for simulators."""
    return Connection(Role.RECEIVER, FskReceiver(output, ack_s=ack_s))
