"""One link to a PIMA transmitter that sends frames of 38 bytes, in either role of it."""

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
    ProtocolError,
    Repeat,
    Report,
)
from protocols._core.recogniser import Recogniser
from protocols.contact_id import ContactId
from protocols.pima import frame
from protocols.receiver_link import (
    NO_OPTIONS,
    Computer,
    Connection,
    Envelope,
    Explanation,
    PulseEvent,
    Role,
    Rules,
    Sender,
)
from protocols.receiver_link.cutting import Cut, Layouts, PatternCutter
from protocols.receiver_link.explanation import kind_of
from protocols.receiver_link.options import Options
from protocols.receiver_link.telling import answered, explained, unreadable

NAME: Final = "pima"
CLAUSE: Final = "PIMA 38-byte frame"

ACK_TIMEOUT_S: Final = 4.0
"""Guess, as for Sur-Gard: no text says it."""
TRIES: Final = 4
NAKS: Final = 20

QUALIFIERS: Final = {"E": "1", "R": "3", "P": "6", "1": "1", "3": "3", "6": "6"}
_LETTERS: Final = {"1": "E", "3": "R", "6": "P"}


class EventFrame(msgspec.Struct):
    """The frame."""

    header: str
    object: str
    event: str
    check: str


class OtherFrame(msgspec.Struct):
    """An envelope whose data fits no layout."""

    body: bytes


class ContactIdField(msgspec.Struct):
    """The event field, where it is Contact ID."""

    qualifier: str
    event: str
    group: str
    zone: str


LAYOUTS: Final = Layouts(
    {"event": frame.EVENT},
    {"event": EventFrame},
    ends=frame.CR,
    envelope=frame.ENVELOPE,
    envelope_into=OtherFrame,
    start=frame.LF,
    fillers=b"\r\n",
)
_CONTACT_ID: Final = Recogniser(frame.CONTACT_ID, ContactIdField)


class PimaComputer(Computer[Cut]):
    """The computer's side: frames in, one byte out for each."""

    NAME: ClassVar[str] = NAME
    CLAUSE: ClassVar[str] = CLAUSE
    EXPECTED: ClassVar[str] = "a line feed and 19 characters filled up with underlines"

    def __init__(self, *, has_check: bool = True) -> None:
        self._has_check = has_check
        super().__init__(PatternCutter(LAYOUTS))

    def _understood(self, found: Cut) -> Incoming:
        fields, raw = found.fields, found.raw
        envelope = Envelope(found.layout or "other", self._session)
        if not isinstance(fields, EventFrame):
            error = unreadable(raw, LAYOUTS.declared, CLAUSE)
            return self._refused(raw, "body_unreadable", error, envelope)
        right = frame.check_of(raw[:-3])
        if self._has_check and fields.check != right:
            error = ProtocolError(
                f"check {fields.check} seen; expected {right}",
                raw=raw, offset=len(raw) - 3, clause=CLAUSE,
            )  # fmt: skip
            return self._refused(raw, "checksum_wrong", error, envelope, account=fields.object)
        return Report(
            protocol=NAME,
            raw=raw,
            token="pima-38",  # noqa: S106  (the frame's name)
            account=fields.object,
            parts=(_part(fields, raw),),
            envelope=envelope,
            repeat=Repeat.LINK,
        )


def _part(fields: EventFrame, raw: bytes) -> Part:
    said = _CONTACT_ID.fullmatch(fields.event.encode("latin-1"))
    if said is None:
        return PulseEvent(raw=raw, format="pima-38", event_code=fields.event)
    return ContactId(
        raw=raw,
        qualifier=QUALIFIERS[said.qualifier],
        event=said.event,
        group=said.group,
        zone=said.zone,
        account=fields.object,
        qualifier_sent=said.qualifier if said.qualifier in "ERP" else "",
    )


class Output(msgspec.Struct, frozen=True, kw_only=True):
    """How a transmitter is programmed to send."""

    header: str = "59303"


def frame_of(part: Part, output: Output, *, account: str) -> bytes:
    """Write one frame.

    Raises:
        ValueError: The part does not fit it.
    """
    if isinstance(part, ContactId):
        sent = part.qualifier_sent or _LETTERS.get(part.qualifier, part.qualifier)
        event = f"{sent}{part.event}{part.group}{part.zone}"
    elif isinstance(part, PulseEvent):
        event = part.event_code
    else:
        message = f"{type(part).__name__} has no frame"
        raise ValueError(message)  # noqa: TRY004  (one error for all mistakes)
    values: dict[str, Any] = {
        "header": output.header, "object": account.rjust(6, "0"), "event": event, "check": "00",
    }  # fmt: skip
    try:
        body: bytes = frame.EVENT.build(values)[:-3]
    except ConstructError as error:
        message = f"no frame can be built of {values}: {error}"
        raise ValueError(message) from error
    return body + frame.check_of(body).encode("ascii") + frame.CR


class PimaTransmitter(Sender):
    """The sending side, for simulators; it has no heartbeat that a source shows."""

    def __init__(self, output: Output | None = None, *, ack_s: float = ACK_TIMEOUT_S) -> None:
        super().__init__(Rules(ack_s=ack_s, transmissions=TRIES, naks=NAKS))
        self.output = output or Output()

    def heartbeat(self, *, now: float) -> bool:
        """See ``Sender``; a failed port probes with the message itself."""
        self.probe(now=now)
        return False

    def _frame(
        self, parts: tuple[Part, ...], *, account: str, line: str | None, token: str
    ) -> bytes:
        del token, line
        if len(parts) != 1:
            message = f"{len(parts)} parts seen; a frame takes one"
            raise ValueError(message)
        return frame_of(parts[0], self.output, account=account)


def connect(
    *,
    keys: Keys,
    pad: Pad,
    datagram: bool = False,
    options: Mapping[str, object] = NO_OPTIONS,
) -> Connection[Incoming]:
    """Make a link in the computer's role, as the registry does.

    Options: ``check`` (true: a wrong check is refused).

    Raises:
        ValueError: An option that does not exist, a wrong value of one, or UDP.
    """
    del keys, pad  # nothing is encrypted here
    given = Options(NAME, options, datagram=datagram)
    has_check = given.flag("check", default=True)
    given.finish()
    return Connection(Role.COMPUTER, PimaComputer(has_check=has_check))


def receiver(output: Output | None = None, *, ack_s: float = ACK_TIMEOUT_S) -> Connection[Answer]:
    """Make a link in the sending role, for simulators."""
    return Connection(Role.RECEIVER, PimaTransmitter(output, ack_s=ack_s))


def explain(data: bytes) -> Explanation:
    """Tell every field of the first frame in these bytes; never raises."""
    return explain_all(data)[0]


def explain_all(data: bytes) -> list[Explanation]:
    """Tell every frame of a stream, and what stands between them; never raises."""
    if (answer := answered(NAME, data)) is not None:
        return [answer]
    side = PimaComputer()
    incoming = side.receive(data, now=0.0) + side.eof()
    told = [explained(NAME, each, LAYOUTS.declared, kind=kind_of(each)) for each in incoming]
    return told or [Explanation(raw=data, kind="noise", protocol=NAME)]
