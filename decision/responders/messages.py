"""The messages between the station and a responder's desk, whatever carries them.

Five kinds, after the message set of the trade's automated protocol: a new alarm, its acceptance
or rejection, and an update in each direction; the desk's last update closes the call and carries
the disposition. All are frozen and tagged, so that one JSON form serves a script on paper, a desk
over HTTP and the record. No claim of conformity goes with them.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

import msgspec

from decision.rules.message import DispatchMessage
from decision.vocabulary import RejectReason


class StationUpdateKind(StrEnum):
    """What the station adds later."""

    CALL_OFF = "CALL_OFF"
    """A request to cancel; best effort (DISP-I4, DISP-I6)."""
    KEY_HOLDER = "KEY_HOLDER"
    FACTS = "FACTS"
    """Whatever became known (PPVAR-5.8)."""


class DeskUpdateKind(StrEnum):
    """What the desk tells later."""

    UNIT_DISPATCHED = "UNIT_DISPATCHED"
    """A unit was sent: a fact of its own beside the request (DISP-J10)."""
    ON_SCENE = "ON_SCENE"
    CALL_OFF_CONFIRMED = "CALL_OFF_CONFIRMED"
    CALL_OFF_REFUSED = "CALL_OFF_REFUSED"
    INFORMATION_REQUESTED = "INFORMATION_REQUESTED"
    """A request for information, such as when the key holder arrives."""
    OTHER = "OTHER"
    CLOSED = "CLOSED"


class _Message(msgspec.Struct, frozen=True, kw_only=True, tag_field="message"):
    """What every message carries: which request it belongs to, and a number of its own."""

    id: str
    """Unique within the conversation; the same id again is the same message."""
    request: str
    """Id of the ``NewAlarm`` it belongs to."""
    at: datetime
    """When the sender made it (aware UTC)."""


class NewAlarm(_Message, frozen=True, kw_only=True, tag="new_alarm"):
    """Station to desk: please respond."""

    system: str
    """Alarm system id, for the desk's suspended list (AMB-S18)."""
    business: str
    """The alarm business that asks (SJ-B1)."""
    content: DispatchMessage
    text: str
    """The content as read out."""


class Accepted(_Message, frozen=True, kw_only=True, tag="accepted"):
    """Desk to station: a call was created."""

    event_number: str
    """The desk's own number of the call (CAD, occurrence)."""
    is_post_suspension: bool = False
    """Accepted although the system is suspended: a logged decision of the desk (SJ-C1b)."""


class Rejected(_Message, frozen=True, kw_only=True, tag="rejected"):
    """Desk to station: no call for response was created."""

    reason: RejectReason
    text: str = ""
    disposition: str | None = None
    """Where the desk keeps the refused call with a disposition (SJ-C2c-i)."""
    event_number: str | None = None


class StationUpdate(_Message, frozen=True, kw_only=True, tag="station_update"):
    """Station to desk: more."""

    kind: StationUpdateKind
    text: str


class DeskUpdate(_Message, frozen=True, kw_only=True, tag="desk_update"):
    """Desk to station: more; ``CLOSED`` ends the conversation."""

    kind: DeskUpdateKind
    text: str = ""
    disposition: str | None = None
    """Literal text, with ``CLOSED`` only."""


FromStation: TypeAlias = NewAlarm | StationUpdate
FromDesk: TypeAlias = Accepted | Rejected | DeskUpdate
Message: TypeAlias = FromStation | FromDesk

MAX_MESSAGE: Final = 262_144
"""Bytes of one message on the wire; nothing longer is read."""

_encoder = msgspec.json.Encoder()
_message: msgspec.json.Decoder[Message] = msgspec.json.Decoder(Message)
_from_desk: msgspec.json.Decoder[list[FromDesk]] = msgspec.json.Decoder(list[FromDesk])


class MessageError(ValueError):
    """What came is no message; the text says where it differs."""


def encode(message: Message) -> bytes:
    """Give one message as JSON."""
    return _encoder.encode(message)


def decode(data: bytes) -> Message:
    """Read one message; raises ``MessageError``."""
    try:
        return _message.decode(data)
    except msgspec.MsgspecError as error:
        raise MessageError(f"no message of a responder's conversation: {error}") from error


def decode_from_desk(data: bytes) -> list[FromDesk]:
    """Read a desk's outbox, a JSON list; raises ``MessageError``."""
    try:
        return _from_desk.decode(data)
    except msgspec.MsgspecError as error:
        raise MessageError(f"no list of a desk's messages: {error}") from error
