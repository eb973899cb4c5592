"""Contact ID on every carrier, declared: the event itself and the forms around it (DC-05).

Declarations only; what reads them is generated (``protocols._core.recogniser``)::

    Q eee gg zzz                 an event: qualifier, code, group (partition), zone or user
    #acct|Qeee gg zzz            the data of DC-09 ADM-CID
    ACCT MT Q XYZ GG CCC S       sixteen digits on the telephone line, S the check digit
    acct 18 Qeee gg zzz          the long form of printers, tolerated in ADM-CID
"""

from __future__ import annotations

from typing import Any, Final

from construct import Struct

from protocols._core.fields import DECIMAL, LETTERS, UPPER_HEX, Alphabet, Characters, Literal, Maybe
from protocols._core.words import OneOf

DIGIT: Final = Alphabet("0-9B-F")
"""The digits of Contact ID; there is no A on the wire."""

QUALIFIER: Final = Alphabet("136")
_BLANKS: Final = Characters(Alphabet(" "))

EVENT: Final = Struct(
    "qualifier" / Characters(QUALIFIER, 1),
    "event" / Characters(DIGIT, 3),
    Literal(b" "),
    "group" / Characters(DIGIT, 2),
    Literal(b" "),
    "zone" / Characters(DIGIT, 3),
)

ADM_CID: Final = Struct(
    Literal(b"#"),
    "account" / Characters(DECIMAL.plus(LETTERS), 1, 64),
    Literal(b"|"),
    "raw" / EVENT,
)
"""What nearly every panel sends: one event, its account before it."""

DTMF: Final = Struct(
    "account" / Characters(DIGIT, 4),
    "message_type" / OneOf(b"18", b"98"),
    "qualifier" / Characters(QUALIFIER, 1),
    "event" / Characters(DIGIT, 3),
    "group" / Characters(DIGIT, 2),
    "zone" / Characters(DIGIT, 3),
    "check" / Characters(DIGIT, 1),
)


def _loose(*before: Any, check: bool) -> Struct:
    """Declare an event with any number of blanks, hex A tolerated, after something else."""
    after = ["check" / Maybe(Characters(DIGIT, 1)), _BLANKS] if check else []
    return Struct(
        "before" / _BLANKS,
        *before,
        "qualifier" / Characters(QUALIFIER, 1),
        _BLANKS,
        "event" / Characters(UPPER_HEX, 3),
        "blanks" / _BLANKS,
        "group" / Characters(UPPER_HEX, 2),
        "more_blanks" / _BLANKS,
        "zone" / Characters(UPPER_HEX, 3),
        "after" / _BLANKS,
        *after,
    )


_TYPE: Final = "message_type" / OneOf(b"18", b"98", b"58")

LOOSE: Final = _loose(check=False)
LONG_WITHOUT_ACCOUNT: Final = _loose(_TYPE, _BLANKS, check=True)
LONG_SPACED: Final = _loose(
    "account" / Characters(UPPER_HEX, 1, 16), Literal(b" "), _BLANKS, _TYPE, _BLANKS, check=True
)
LONG_PACKED: Final = _loose("account" / Characters(UPPER_HEX, 4), _TYPE, _BLANKS, check=True)
LONG_PACKED_10: Final = _loose("account" / Characters(UPPER_HEX, 10), _TYPE, _BLANKS, check=True)
LONG_WITH_ACCOUNT: Final = (LONG_SPACED, LONG_PACKED, LONG_PACKED_10)
