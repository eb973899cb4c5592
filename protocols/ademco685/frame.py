r"""Frames of the Ademco 685 and of what was built after it (CAPS, FBI CP-220), declared.

Declarations only. ``LF R G _ data CR``: receiver and group of one digit each, data in fields
with a blank between them. There is no checksum and no sequence number::

    RG AAAA E                     3/1, 4/1, 4/1 Express; a 3-digit account gets a leading 0
    RG AAAA E Z                   4/2
    RG AAAA NNNN NNNN N           Ademco high speed
    RG AAAA 18 QXYZ GG FCCC [_]   Contact ID; F is C zone or U user
    RL OKAY @ _                   heartbeat; ``00 OKAY @`` is that of ITI's generic format

CAPS writes a 4/2 event as 16 x event + zone in three decimal digits, ``RG AAAA 0 5 0``, and
ends with the letter A instead of CR. CP-220 has receiver and group 0-9, A-Z, and carries the
Silent Knight formats without header and blanks::

    RGAAAAAE                      FSK0: the filler A and one digit
    RGAAAAEZ                      FSK1: event and zone digit, zone 0 sent as a blank
    RGAAAAAACCCC                  FSK2: account of six, code of four
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from construct import Struct

from protocols._core.alphabet import DECIMAL, PRINTABLE, UPPER_HEX, Alphabet
from protocols._core.fields import Characters, Field, Literal, Maybe
from protocols._core.words import OneOf

LF: Final = b"\n"
CR: Final = b"\r"
CAPS_END: Final = b"A"

FORMATS: Final = ("685", "caps", "cp220")

_WIDE: Final = Alphabet("0-9A-Z")
_FORTY_TWO_TOP: Final = 255
_EVENT: Final = UPPER_HEX


class SpacedNumber(Field):
    """0 to 255 in three decimal digits with a blank between them; the value is the number."""

    def __init__(self) -> None:
        super().__init__()
        self.convert = self._number

    @staticmethod
    def _number(raw: bytes) -> int:
        return int(raw[::2])

    def measure(self, data: bytes, pos: int) -> int:
        """See ``Field``."""
        end = pos + len("0 0 0")
        raw = data[pos:end]
        digits = raw[::2]
        fits = len(raw) == end - pos and raw[1::2] == b"  " and DECIMAL.members.issuperset(digits)
        return end if fits and int(digits) <= _FORTY_TWO_TOP else -1

    def pattern(self) -> bytes:
        """See ``Field``."""
        return rb"(?>[01]\x20[0-9]\x20[0-9]|2\x20[0-4]\x20[0-9]|2\x205\x20[0-5])"

    def encode(self, value: Any) -> bytes:
        """See ``Field``."""
        return b" ".join(b"%d" % int(digit) for digit in f"{int(value):03d}")


@functools.cache
def frames(kind: str, header: bytes, terminator: bytes) -> Mapping[str, Struct]:
    """Declare every layout of a format, for one programming, in order of trial."""
    digit = _WIDE if kind == "cp220" else DECIMAL
    begin = Literal(header)
    end = Literal(terminator)
    blank = Literal(b" ")
    place = ("receiver" / Characters(digit, 1), "line" / Characters(digit, 1))
    account = "account" / Characters(UPPER_HEX, 4)
    declared = {
        "heartbeat": Struct(
            begin, *place, Literal(b" OKAY @"), "blank" / Maybe(Literal(b" ")), end
        ),
        "contact-id": Struct(
            begin, *place, blank, account, blank, "message_type" / OneOf(b"18", b"98"), blank,
            "qualifier" / Characters(Alphabet("ERP136"), 1), "event" / Characters(UPPER_HEX, 3),
            blank, "group" / Characters(UPPER_HEX, 2), blank,
            "kind" / Characters(Alphabet("CU"), 1), "zone" / Characters(UPPER_HEX, 3),
            "blank" / Maybe(Literal(b" ")), end,
        ),
        "high-speed": Struct(
            begin, *place, blank, account, blank, "low" / Characters(UPPER_HEX, 4), blank,
            "high" / Characters(UPPER_HEX, 4), blank, "status" / Characters(UPPER_HEX, 1), end,
        ),
    }  # fmt: skip
    if kind == "caps":
        number = "number" / SpacedNumber()
        declared["four-two-decimal"] = Struct(begin, *place, blank, account, blank, number, end)
    else:
        declared["four-two"] = Struct(
            begin, *place, blank, account, blank, "event" / Characters(_EVENT, 1), blank,
            "zone" / Characters(UPPER_HEX, 1), end,
        )  # fmt: skip
    event = "event" / Characters(_EVENT, 1)
    declared["four-one"] = Struct(begin, *place, blank, account, blank, event, end)
    if kind == "cp220":
        declared |= _silent_knight(place, account, end)
    return MappingProxyType(declared)


def _silent_knight(place: tuple[Any, ...], account: Any, end: Any) -> dict[str, Struct]:
    return {
        "sk-fsk2": Struct(
            *place, "account" / Characters(UPPER_HEX, 6), "code" / Characters(UPPER_HEX, 4), end
        ),
        "sk-fsk0": Struct(*place, account, Literal(b"A"), "event" / Characters(UPPER_HEX, 1), end),
        "sk-fsk1": Struct(
            *place, account, "event" / Characters(UPPER_HEX, 1),
            "zone" / Characters(UPPER_HEX.plus(Alphabet(" ")), 1), end,
        ),
    }  # fmt: skip


def envelope(kind: str, header: bytes, terminator: bytes) -> Struct:
    """Declare a frame by its envelope alone: receiver and group, a blank, text, its end."""
    digit = _WIDE if kind == "cp220" else DECIMAL
    text = PRINTABLE.but(terminator)
    return Struct(
        Literal(header),
        "receiver" / Characters(digit, 1),
        "line" / Characters(digit, 1),
        Literal(b" "),
        "body" / Characters(text, 4, 64, as_bytes=True),
        Literal(terminator),
    )
