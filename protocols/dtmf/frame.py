"""Messages of DTMF digits as a line interface hands them on, declared. Declarations only.

::

    ACCT 18 Q XYZ GG CCC S       Contact ID (SIA DC-05), sixteen digits; 98 in the place of 18
    ACCT 17 D S                  4+1 Express: one event digit; the check digit may be missing
    ACCT 27 DD S                 4+2: two event digits
    ACCT 55 CCCCCCCC T S         Ademco high speed: eight channels and what the call is about
    ACCT 56 CCCCCCCC T           super fast: the same without a check digit

sent without blanks, digits 0-9 and B-F. How a line interface ends a message (CR, LF, both,
nothing) differs from maker to maker.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from construct import Struct

from protocols._core.fields import Alphabet, Characters, Maybe
from protocols._core.words import OneOf

DIGIT: Final = Alphabet("0-9B-F")
"""The digits of Contact ID; there is no A on the wire."""
CHANNEL: Final = Alphabet("1-6")
"""1 alarm, 2 opening, 3 restore, 4 closing, 5 normal, 6 outstanding."""
QUALIFIER: Final = Alphabet("136")

_ACCOUNT: Final = "account" / Characters(DIGIT, 4)
_END: Final = "terminator" / Maybe(OneOf(b"\r", b"\n"))


def _message(types: tuple[bytes, ...], *data: Any) -> Struct:
    return Struct(_ACCOUNT, "message_type" / OneOf(*types), *data, _END)


_CHECK: Final = "check" / Characters(DIGIT, 1)

MESSAGES: Final[Mapping[str, Struct]] = MappingProxyType({
    "contact-id": _message(
        (b"18", b"98"), "qualifier" / Characters(QUALIFIER, 1), "event" / Characters(DIGIT, 3),
        "group" / Characters(DIGIT, 2), "zone" / Characters(DIGIT, 3), _CHECK,
    ),
    "high-speed": _message((b"55",), "data" / Characters(DIGIT, 9), _CHECK),
    "super-fast": _message((b"56",), "data" / Characters(DIGIT, 9)),
    "express-4+2": _message((b"27",), "data" / Characters(DIGIT, 2), _CHECK),
    "express-4+1": _message(
        (b"17",), "data" / Characters(DIGIT, 1), "check" / Maybe(Characters(DIGIT, 1))
    ),
})  # fmt: skip

ENVELOPE: Final = Struct("digits" / Characters(DIGIT, 4, 32), "terminator" / OneOf(b"\r", b"\n"))
"""Digits that are no message of a known type."""
