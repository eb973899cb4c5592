"""The generated recognisers of both outputs, and the structs that they fill."""

from __future__ import annotations

import functools
from typing import Final

import msgspec

from protocols.mx8000 import frame
from protocols.receiver_link.cutting import Layouts


class CallAe(msgspec.Struct):
    """AE8000 call."""

    date: str
    time: str
    receiver: str
    reference: str
    format: str
    line: str
    number: str | None
    name: str | None
    account: str | None
    events: tuple[str, ...]
    listen_in: str | None
    more: str | None
    vbyte: int


class SystemAe(msgspec.Struct):
    """AE8000 system message."""

    date: str
    time: str
    receiver: str
    reference: str
    code: bytes
    argument: str
    vbyte: int


class HeartbeatAe(msgspec.Struct):
    """AE8000 heartbeat."""

    date: str
    time: str
    receiver: str
    reference: str
    rest: str
    vbyte: int


class CallSk(msgspec.Struct):
    """SK9000 call."""

    date: str
    time: str
    format: str
    line: str
    account: str | None
    events: tuple[str, ...]
    listen_in: str | None
    more: str | None
    vbyte: int


class SystemSk(msgspec.Struct):
    """SK9000 system message."""

    date: str
    time: str
    code: bytes
    argument: str
    vbyte: int


class NamedHeartbeat(msgspec.Struct):
    """A heartbeat whose bytes the site names."""


class OtherFrame(msgspec.Struct):
    """An envelope whose data fits no layout."""

    identifier: str
    date: str
    body: str
    vbyte: int


INTO: Final[dict[str, dict[str, type[msgspec.Struct]]]] = {
    "ae8000": {"call": CallAe, "system": SystemAe, "heartbeat": HeartbeatAe},
    "sk9000": {"call": CallSk, "system": SystemSk},
}
"""The struct that each layout fills."""


@functools.cache
def layouts(kind: str, heartbeat: bytes) -> Layouts:
    """Return the layouts of an output, made on first use; ``heartbeat`` may be empty."""
    declared = dict(frame.frames(kind))
    into = dict(INTO[kind])
    if heartbeat:
        declared["named-heartbeat"] = frame.exact(heartbeat)
        into["named-heartbeat"] = NamedHeartbeat
    return Layouts(
        declared,
        into,
        ends=frame.CR,
        envelope=frame.envelope(kind),
        envelope_into=OtherFrame,
        fillers=b"\r\n",
    )
