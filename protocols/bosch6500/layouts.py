"""The generated recognisers of both modes, and the structs that they fill."""

from __future__ import annotations

import functools
from typing import Final

import msgspec

from protocols.bosch6500 import frame
from protocols.receiver_link.cutting import Layouts


class Frame(msgspec.Struct):
    """What every frame of D6500 mode begins with."""

    token: str
    receiver: str
    line: str


class LinkTestFrame(Frame):
    """Type 1 with an at sign."""

    terminator: str | None


class ContactIdFrame(Frame):
    """Type a."""

    account: str
    qualifier: str
    event: str
    group: str
    zone: str
    terminator: str | None


class StandardFrame(Frame):
    """Type 1: an event code of two characters and a zone of four, padded."""

    account: str
    code: str
    zone: str
    terminator: str | None


class AcronFrame(Frame):
    """Type 9."""

    account: str
    channels: str
    terminator: str | None


class ScancomFrame(Frame):
    """Type g."""

    account: str
    first: str
    second: str
    third: str
    fourth: str
    status: str
    terminator: str | None


class SiaFrame(Frame):
    """Type S."""

    content: bytes
    terminator: str | None


class TextFrame(Frame):
    """Type 3."""

    text: str
    terminator: str


class OtherFrame(Frame):
    """A type whose layout is not known, or an envelope whose data fits none."""

    body: bytes
    terminator: str


class SiaModeFrame(msgspec.Struct):
    """SIA (CIS) mode."""

    check: str
    body: bytes
    token: str
    sequence: str
    receiver: str
    line: str
    data: bytes


class SiaModeEnvelope(msgspec.Struct):
    """A frame of SIA mode whose data is not in brackets."""

    check: str
    token: str
    sequence: str
    receiver: str
    line: str
    data: bytes


INTO: Final[dict[str, type[msgspec.Struct]]] = {
    "contact-id": ContactIdFrame,
    "link-test": LinkTestFrame,
    "standard-digital": StandardFrame,
    "acron-super-fast": AcronFrame,
    "scancom": ScancomFrame,
    "sia": SiaFrame,
    "text": TextFrame,
    "other": OtherFrame,
}
"""The struct that each layout of ``frame.d6500`` fills."""


@functools.cache
def d6500(header: bytes, terminator: bytes) -> Layouts:
    """Return the layouts of D6500 mode for one programming, made on first use."""
    return Layouts(
        frame.d6500(header, terminator),
        INTO,
        ends=bytes(dict.fromkeys(terminator + frame.CR)),
        envelope=frame.d6500_envelope(header, terminator),
        envelope_into=OtherFrame,
        fillers=b"\r\n" + terminator,
        needs_end=False,
        weak=frozenset({"text", "other"}),
    )


@functools.cache
def sia_mode(check_digits: int) -> Layouts:
    """Return the layout of SIA mode for one width of the check value."""
    return Layouts(
        frame.sia_mode(check_digits),
        {"sia-mode": SiaModeFrame},
        ends=frame.CR,
        envelope=frame.sia_mode_envelope(check_digits),
        envelope_into=SiaModeEnvelope,
        start=b"\n",
        fillers=b"\r",
    )
