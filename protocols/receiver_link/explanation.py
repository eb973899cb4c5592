"""A frame field by field, broken ones included: what every family says for the decode command."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import msgspec
from construct import Struct

from protocols._core import (
    Incoming,
    LinkTest,
    Part,
    ProtocolError,
    Rejected,
    Report,
    Unreadable,
)
from protocols._core.fields import unnamed
from protocols.receiver_link.computer import Envelope
from protocols.receiver_link.message import CallerId, CallingName, Modifier, TwoWayAudio

_COMPANIONS: Final[dict[type, str]] = {
    TwoWayAudio: "two-way-audio",
    Modifier: "modifier",
    CallerId: "caller-id",
    CallingName: "calling-name",
}


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a frame, where it stands and what stands there."""

    name: str
    offset: int
    raw: bytes
    value: object


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """All that can be said of one frame, or of the computer's answer to one."""

    raw: bytes
    kind: str
    """``event``, ``internal``, ``two-way-audio``, ``modifier``, ``caller-id``, ``calling-name``,
    ``heartbeat``, ``test``, ``ack``, ``nak``, ``command``, ``log-start``, ``other`` (data that is
    not read), ``invalid`` (it fits no layout) or ``noise``."""
    protocol: str = "surgard"
    """Registry name of the family."""
    incoming: Incoming | None = None
    """What a connection in the role COMPUTER hands up for it; None for an answer."""
    layout: str | None = None
    """Which declaration of ``frame.py`` it fits."""
    token: str | None = None
    receiver: str | None = None
    line: str | None = None
    account: str | None = None
    parts: tuple[Part, ...] = ()
    clock: str | None = None
    """The receiver's clock, ``HH:MM:SS-dd/mm``."""
    terminator: str | None = None
    b32_length: int | None = None
    """What the B32 prefix says; None without one."""
    check_sent: int | None = None
    """The check value on the wire; None where the family has none."""
    check_calculated: int | None = None
    fields: tuple[Field, ...] = ()
    """In the order of the wire."""
    response: str = "none"
    """``ACK`` once it is durable, ``NAK`` for the first two copies of an unreadable one."""

    @property
    def error(self) -> ProtocolError | None:
        """The broken rule in words, with byte and clause; None when none is."""
        return self.incoming.error if isinstance(self.incoming, Rejected) else None

    def value(self, name: str) -> Any:
        """Return a field's value; None when the frame has no such field."""
        return next((field.value for field in self.fields if field.name == name), None)


def kind_of(incoming: Incoming) -> str:
    """Say what kind of frame this was."""
    envelope = incoming.envelope
    if not isinstance(envelope, Envelope):
        return "noise"
    if not isinstance(incoming, Report):
        return "heartbeat" if isinstance(incoming, LinkTest) else "invalid"
    if incoming.internal:
        return "internal"
    part = incoming.parts[0] if incoming.parts else None
    if envelope.layout == "other" and isinstance(part, Unreadable):
        return "other"
    return _COMPANIONS.get(type(part), "event") if incoming.companion else "event"


def response_to(incoming: Incoming) -> str:
    """Say which answer it gets: ``ACK`` once it is durable, ``NAK``, or ``none``."""
    if not isinstance(incoming, Rejected):
        return "ACK"
    return "NAK" if incoming.envelope_sound else "none"


def fields_of(declaration: Any, packet: bytes, shift: int = 0) -> tuple[Field, ...]:
    """Read a frame field after field by its declaration, as far as it goes."""
    fields: list[Field] = []
    _walk(declaration, packet, 0, shift, fields)
    return tuple(fields)


def _walk(declaration: Any, packet: bytes, at: int, shift: int, fields: list[Field]) -> int:
    """Add the fields from ``at`` on; return where they end, -1 when one does not fit."""
    for part in declaration.subcons:
        field = unnamed(part)
        if isinstance(field, Struct):
            end = _walk(field, packet, at, shift, fields)
        else:
            end = field.measure(packet, at)
        if end < 0:
            return -1
        if part.name and end > at and not isinstance(field, Struct):
            raw = packet[at:end]
            value = field.decode(raw)
            fields.append(Field(name=part.name, offset=at + shift, raw=raw, value=value))
        at = end
    return at


class Misfit(msgspec.Struct, frozen=True):
    """The first place that cannot be right in the layout that fits furthest."""

    layout: str
    field: str
    offset: int


END = "end"


def misfit(raw: bytes, declared: Any) -> Misfit | None:
    """Return where ``raw`` leaves the layouts (name to declaration); None when it fits none."""
    found: Misfit | None = None
    for name, declaration in declared.items():
        offset, field = reached(declaration, raw, 0)
        if offset and (found is None or offset > found.offset):
            found = Misfit(name, field, offset)
    return found


def reached(declaration: Any, raw: bytes, at: int) -> tuple[int, str]:
    """Measure field after field; return where the first does not fit, and its name."""
    for name, field, is_struct in _parts(declaration):
        if is_struct:
            at, within = reached(field, raw, at)
            if within != END:
                return at, within
            continue
        end = field.measure(raw, at)
        if end < 0:
            return at, name or repr(getattr(field, "value", b"").decode("latin-1"))[1:-1]
        at = end
    return at, END


@cache
def _parts(declaration: Any) -> tuple[tuple[str | None, Any, bool], ...]:
    """Give name and field of each part, looked at once: noise is measured again and again."""
    fields = ((part.name, unnamed(part)) for part in declaration.subcons)
    return tuple((name, field, isinstance(field, Struct)) for name, field in fields)
