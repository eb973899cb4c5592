r"""PIMA's frame of 38 bytes towards a Sur-Gard gateway, declared.

Declarations only. No blank in it is a blank: the filling is an underline::

    LF header(19) object(6) event(9) check(2) CR

The event is Contact ID (``QXYZGGCCC``) or a shorter code filled up. Everything is from one
public signal generator.
"""

from __future__ import annotations

from typing import Final

from construct import Struct

from protocols._core.alphabet import DECIMAL, LETTERS, PRINTABLE, UPPER_HEX, Alphabet
from protocols._core.fields import Characters, Literal, Padded

LF: Final = b"\n"
CR: Final = b"\r"
FILLING: Final = b"_"

_TEXT: Final = DECIMAL.plus(LETTERS)

EVENT: Final = Struct(
    Literal(LF),
    "header" / Padded(19, _TEXT, fill=FILLING),
    "object" / Characters(_TEXT, 6),
    "event" / Padded(9, _TEXT, fill=FILLING, minimum=1),
    "check" / Characters(UPPER_HEX, 2),
    Literal(CR),
)

CONTACT_ID: Final = Struct(
    "qualifier" / Characters(Alphabet("ERP136"), 1),
    "event" / Characters(UPPER_HEX, 3),
    "group" / Characters(UPPER_HEX, 2),
    "zone" / Characters(UPPER_HEX, 3),
)
"""The event field, where it is Contact ID."""

ENVELOPE: Final = Struct(
    Literal(LF), "body" / Characters(PRINTABLE, 20, 60, as_bytes=True), Literal(CR)
)
"""A frame by its envelope alone."""

_DIGITS: Final = {digit: value for value, digit in enumerate(b"0123456789ABCDEF")}


def check_of(data: bytes) -> str:
    """Return the check over everything before it: FFh minus the sum of all hex digits."""
    total = sum(_DIGITS.get(byte, 0) for byte in data)
    return f"{(0xFF - total) & 0xFF:02X}"
