"""The generated recognisers of every Sur-Gard layout, found by the frame's first byte.

One set for each form of the header, made once. What a recogniser fills is private to the
package: ``meaning.py`` turns it into parts.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from protocols._core.fields import pattern_of
from protocols._core.recogniser import Recogniser
from protocols.surgard import frame
from protocols.surgard.frame import Header

LEAST_OTHER_BYTES: Final = 12
"""Data of the shortest id that is not decoded. Anything shorter is more likely line noise:
a random byte stream must not look like such a frame, since that one is stored and ACKed."""

LEAST_BODY_BYTES: Final = 4
"""A body of a decoded id that cannot be read is only answered with NAK, so less will do."""


class Frame(msgspec.Struct):
    """What every frame begins and ends with."""

    token: str
    receiver: str
    line: str


class Heartbeat(Frame):
    """Id 1 with an at sign: the link is alive."""

    terminator: str | None


class ContactIdFrame(Frame):
    """Ids 5 and Q."""

    message_type: str
    account: str
    qualifier: str
    event: str
    group: str
    zone: str
    clock: str | None
    terminator: str | None


class SiaFrame(Frame):
    """Ids 0 and S: a whole block in brackets."""

    content: bytes
    clock: str | None
    terminator: str | None


class SiaOneFrame(Frame):
    """Id 3: one code, or one modifier, with its address."""

    account: str
    code: str
    address: str
    clock: str | None
    terminator: str | None


class PulseFrame(Frame):
    """Id 1, basic."""

    account: str
    code: str
    group: str
    zone: str
    clock: str | None
    terminator: str | None


class PulseTwoFrame(Frame):
    """Id 1, a code of two characters where the basic layout has a blank."""

    account: str
    code: str
    zone: str
    clock: str | None
    terminator: str | None


class ItiFrame(Frame):
    """Id 1, ITI panels."""

    account_high: str
    attribute: str
    account: str
    group: str
    user: str
    zone: str
    condition: str
    was_level: str
    now_level: str
    clock: str | None
    terminator: str | None


class ModemIIFrame(Frame):
    """Id 6."""

    account: str
    code: str
    zone: str
    clock: str | None
    terminator: str | None


class CallerIdFrame(Frame):
    """Id 4."""

    account: str
    area: str
    number: str
    clock: str | None
    terminator: str | None


class CallerNumberFrame(Frame):
    """Id U."""

    account: str
    number: str
    clock: str | None
    terminator: str | None


class CallingNameFrame(Frame):
    """Id u."""

    account: str
    name: str
    clock: str | None
    terminator: str | None


class HighSpeedFrame(Frame):
    """Id 8: channels 1 to 4, 5 to 8, status."""

    account: str
    low: str
    high: str
    status: str
    clock: str | None
    terminator: str | None


class HighSpeedDvlFrame(Frame):
    """Id 8 as the MLR2-DV sends it: 8 or 16 channels in a row."""

    account: str
    channels: str
    status: str
    clock: str | None
    terminator: str | None


class ChannelsFrame(Frame):
    """Ids 9 and V."""

    account: str
    channels: str
    clock: str | None
    terminator: str | None


class FskTwoFrame(Frame):
    """Id C."""

    account: str
    event: str
    condition: str
    zone: str
    clock: str | None
    terminator: str | None


class DownlookFrame(Frame):
    """Id D."""

    account: str
    first: str
    second: str
    clock: str | None
    terminator: str | None


class DigitsFrame(Frame):
    """Id e."""

    digits: str
    clock: str | None
    terminator: str | None


class TelenotFrame(Frame):
    """Id T."""

    account: str
    code: str
    zone: str
    clock: str | None
    terminator: str | None


class SurtecFrame(Frame):
    """Id Y."""

    account: str
    pairs: tuple[str, ...]
    terminator: str | None


class SoundFrame(Frame):
    """An envelope whose data is not read."""

    body: bytes
    terminator: str


INTO: Final[dict[str, type[Frame]]] = {
    "contact-id": ContactIdFrame,
    "contact-id-10": ContactIdFrame,
    "sia": SiaFrame,
    "sia-protocol-1": SiaOneFrame,
    "heartbeat": Heartbeat,
    "iti": ItiFrame,
    "pulse": PulseFrame,
    "pulse-short": PulseFrame,
    "pulse-two": PulseTwoFrame,
    "iti-own": ItiFrame,
    "modem-ii": ModemIIFrame,
    "caller-id": CallerIdFrame,
    "caller-number": CallerNumberFrame,
    "calling-name": CallingNameFrame,
    "high-speed": HighSpeedFrame,
    "high-speed-dvl2a": HighSpeedDvlFrame,
    "high-speed-dvl2a-16": HighSpeedDvlFrame,
    "acron": ChannelsFrame,
    "vonk": ChannelsFrame,
    "sk-fsk2": FskTwoFrame,
    "video-downlook": DownlookFrame,
    "adt-pulse-extended": DigitsFrame,
    "telenot": TelenotFrame,
    "surtec": SurtecFrame,
}
"""The struct that each layout of ``frame.frames`` fills."""


class Layout(msgspec.Struct, frozen=True):
    """One layout: its name, its declaration and what was generated from it."""

    name: str
    ids: bytes
    recogniser: Recogniser[Any]


class Layouts:
    """All layouts for one form of the header.

    Attributes:
        all: In order of trial.
        by_id: First byte of a frame to its layouts, in order of trial.
        anywhere: Pattern that finds the next readable frame in a stream of bytes.
        sound: An id that is decoded, whatever its data.
        other: An id that is not decoded.
        other_begins: Pattern of what may still become one.
    """

    def __init__(self, header: Header) -> None:
        self.all = tuple(
            Layout(name, _ids(declaration), Recogniser(declaration, INTO[name]))
            for name, declaration in _declared(header)
        )
        self.by_id: dict[int, tuple[Layout, ...]] = {
            byte: tuple(layout for layout in self.all if byte in layout.ids)
            for layout in self.all
            for byte in layout.ids
        }
        ids = "".join(map(chr, self.by_id))
        # The look ahead spares most of what is no frame the trial of each layout.
        self.anywhere = re.compile(
            b"(?=[%b][0-9A-Z]{3})(?:%b)"
            % (
                re.escape(ids.encode()),
                b"|".join(pattern_of(each.recogniser.declaration) for each in self.all),
            )
        )
        self.sound = Recogniser(frame.envelope(ids, header, least=LEAST_BODY_BYTES), SoundFrame)
        self.other = Recogniser(
            frame.envelope(frame.OTHER_IDS, header, least=LEAST_OTHER_BYTES), SoundFrame
        )
        self.other_begins = re.compile(pattern_of(frame.OTHER_BEGINS))


def _declared(header: Header) -> Iterator[tuple[str, Any]]:
    """Yield every layout; where ``auto`` cannot tell the header's end, once for each form."""
    for name, declaration in frame.frames(header).items():
        if header == frame.AUTO and name in frame.OPEN:
            yield from ((name, frame.frames(form)[name]) for form in ("RRLLL", "RRL"))
        else:
            yield name, declaration


def _ids(declaration: Any) -> bytes:
    return bytes(sorted(declaration.token.alphabet.members))


@functools.cache
def layouts(header: Header) -> Layouts:
    """Return the layouts for one form of the header, made on first use."""
    return Layouts(header)
