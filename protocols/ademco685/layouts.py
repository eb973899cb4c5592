"""The generated recognisers of every layout, and the structs that they fill."""

from __future__ import annotations

import functools
from typing import Final

import msgspec

from protocols.ademco685 import frame
from protocols.receiver_link.cutting import Layouts


class Frame(msgspec.Struct):
    """What every frame begins with."""

    receiver: str
    line: str


class HeartbeatFrame(Frame):
    """The link is alive."""

    blank: str | None


class ContactIdFrame(Frame):
    """Contact ID."""

    account: str
    message_type: str
    qualifier: str
    event: str
    group: str
    kind: str
    zone: str


class HighSpeedFrame(Frame):
    """Ademco high speed: channels 1 to 4, 5 to 8, status."""

    account: str
    low: str
    high: str
    status: str


class FourTwoFrame(Frame):
    """4/2, and Silent Knight FSK1."""

    account: str
    event: str
    zone: str


class FourTwoDecimalFrame(Frame):
    """4/2 as CAPS writes it."""

    account: str
    number: int


class FourOneFrame(Frame):
    """3/1 and 4/1, and Silent Knight FSK0."""

    account: str
    event: str


class CodeFrame(Frame):
    """Silent Knight FSK2."""

    account: str
    code: str


class OtherFrame(Frame):
    """An envelope whose data fits no layout."""

    body: bytes


INTO: Final[dict[str, type[Frame]]] = {
    "heartbeat": HeartbeatFrame,
    "contact-id": ContactIdFrame,
    "high-speed": HighSpeedFrame,
    "four-two": FourTwoFrame,
    "four-two-decimal": FourTwoDecimalFrame,
    "four-one": FourOneFrame,
    "sk-fsk2": CodeFrame,
    "sk-fsk0": FourOneFrame,
    "sk-fsk1": FourTwoFrame,
}
"""The struct that each layout fills."""

WEAK: Final = frozenset({"sk-fsk1"})
"""Few digits and a CR, and nothing else that could be wrong."""


@functools.cache
def layouts(kind: str, header: bytes, terminator: bytes) -> Layouts:
    """Return the layouts of a format for one programming, made on first use."""
    declared = frame.frames(kind, header, terminator)
    # With CP-220 some frames have a header and some none: there it is no filler.
    has_start = kind != "cp220"
    return Layouts(
        declared,
        {name: INTO[name] for name in declared},
        ends=terminator,
        envelope=frame.envelope(kind, header, terminator),
        envelope_into=OtherFrame,
        start=header if has_start else b"",
        fillers=b"\r\n" if has_start else b"\r\n".replace(header, b""),
        weak=WEAK,
    )
