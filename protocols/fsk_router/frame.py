r"""The frames of a FSK Multi-Router (radio receiver), declared. Declarations only.

::

    STX C AAAAA Q EEE GG ZZZ S RR I J X 00 CR     FSK7: Contact ID with the radio path
    STX AAAAA EEE RR I CR LF EOT                  FSK extended

Q is E, R or S (status); S the start, RR the repeater, I and J the signal at the router and at
the repeater, X the slot (A for 0, the router itself, to I for 8). In FSK extended repeater 31
means that the transmitter was heard directly, and I runs from 0 to 7.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from construct import Struct

from protocols._core.alphabet import ANY, DECIMAL, HEX, UPPER_HEX, Alphabet
from protocols._core.fields import Characters
from protocols._core.fields import Literal as Fixed
from protocols._core.words import OneOf

STX: Final = b"\x02"
MAX_CONTENT_BYTES: Final = 64

FRAMES: Final[Mapping[str, Struct]] = MappingProxyType({
    "fsk7": Struct(
        Fixed(STX), "token" / OneOf(b"C"), "account" / Characters(UPPER_HEX, 5),
        "qualifier" / Characters(Alphabet("ERS"), 1), "event" / Characters(UPPER_HEX, 3),
        "group" / Characters(UPPER_HEX, 2), "zone" / Characters(UPPER_HEX, 3),
        "start" / Characters(HEX, 1), "repeater" / Characters(DECIMAL, 2),
        "rssi_local" / Characters(HEX, 1), "rssi_remote" / Characters(HEX, 1),
        "slot" / Characters(Alphabet("A-I"), 1), Fixed(b"00\r"),
    ),
    "fsk-extended": Struct(
        Fixed(STX), "account" / Characters(UPPER_HEX, 5), "event" / Characters(UPPER_HEX, 3),
        "repeater" / Characters(DECIMAL, 2), "rssi_local" / Characters(Alphabet("0-7"), 1),
        Fixed(b"\r"),
    ),
})  # fmt: skip

EXTENDED_TAIL: Final = b"\n\x04"
"""Follows the CR of FSK extended. The CR ends the frame already, so nobody waits for it."""

ENVELOPE: Final = Struct(
    Fixed(STX),
    "body" / Characters(ANY.but(b"\x02\r"), 4, MAX_CONTENT_BYTES, as_bytes=True),
    Fixed(b"\r"),
)
"""A frame whose data fits no layout."""
