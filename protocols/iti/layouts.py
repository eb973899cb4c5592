"""The generated recognisers of both outputs, and the structs that they fill."""

from __future__ import annotations

import functools
from typing import Final

import msgspec

from protocols.iti import frame
from protocols.receiver_link.cutting import Layouts


class OkayFrame(msgspec.Struct):
    """Heartbeat of the generic form."""

    receiver: str
    line: str


class TestFrame(msgspec.Struct):
    """Test record of the generic form."""

    number: str


class EventFrame(msgspec.Struct):
    """Event of the generic form."""

    receiver: str
    line: str
    account_high: str
    attribute: str
    account: str
    group: str
    user: str
    zone: str
    condition: str


class RecordFrame(msgspec.Struct):
    """Any record of the computer form."""

    type: str
    fields: tuple[str, ...]
    sequence: str
    check: str


class OtherFrame(msgspec.Struct):
    """An envelope whose data fits no layout."""

    body: bytes


INTO: Final[dict[str, dict[str, type[msgspec.Struct]]]] = {
    "generic": {"heartbeat": OkayFrame, "test": TestFrame, "event": EventFrame},
    "computer": dict.fromkeys(("event", "heartbeat", "log", "test"), RecordFrame),
}
"""The struct that each layout fills."""


@functools.cache
def layouts(output: str) -> Layouts:
    """Return the layouts of an output, made on first use."""
    return Layouts(
        frame.frames(output),
        INTO[output],
        ends=frame.CR,
        envelope=frame.envelope(output),
        envelope_into=OtherFrame,
        start=frame.LF if output == "generic" else b"",
        fillers=b"\r\n",
    )
