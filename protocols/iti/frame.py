r"""Frames of ITI receivers: the generic form, and the computer form of the CS-5000, declared.

Declarations only. Generic: LF and CR around fields of fixed width, no checksum::

    R L A a AAAA g u ZZ c       receiver, line, account high digit, attribute byte, account,
                                group, user, zone, condition
    IT IRCV 234A                test record, when the receiver's clock is set
    00 OKAY @                   heartbeat

Computer: fields in any order, each ``|`` and a letter::

    |[R|IA1|LB|A123456|V55600|D0514|T1019|N0005|Z1|CA|]A0000    CR

R report, S supervisory, L log, T test. The control behind ``|]`` is a letter that counts from
A to Z, and four hex digits whose rule is in no source.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from construct import Struct

from protocols._core.alphabet import DECIMAL, HEX, LETTERS, PRINTABLE, UPPER_HEX, Alphabet
from protocols._core.fields import Characters, Literal, Maybe, Repeat
from protocols._core.words import Joined, OneOf

LF: Final = b"\n"
CR: Final = b"\r"

OUTPUTS: Final = ("generic", "computer")

OPENING: Final = b"|["
CLOSING: Final = b"|]"

_ITI_DIGIT: Final = DECIMAL.plus(LETTERS).plus(Alphabet("?"))
_CODE: Final = Alphabet("A-Z0-9")
_UPPER: Final = Alphabet("A-Z")
_VALUE: Final = PRINTABLE.but(b"|")
MAX_FIELDS: Final = 20
MAX_VALUE: Final = 24


@functools.cache
def frames(output: str) -> Mapping[str, Struct]:
    """Declare every layout of an output, in order of trial."""
    return MappingProxyType(_generic() if output == "generic" else _computer())


def _generic() -> dict[str, Struct]:
    begin, end = Literal(LF), Literal(CR)
    return {
        "heartbeat": Struct(
            begin, "receiver" / Characters(DECIMAL, 1), "line" / Characters(DECIMAL, 1),
            Literal(b" OKAY @"), "blank" / Maybe(Literal(b" ")), end,
        ),
        "test": Struct(begin, Literal(b"IT IRCV "), "number" / Characters(_CODE, 1, 8), end),
        "event": Struct(
            begin,
            "receiver" / Characters(_ITI_DIGIT, 1), "line" / Characters(_ITI_DIGIT, 1),
            "account_high" / Characters(UPPER_HEX, 1), "attribute" / Characters(PRINTABLE, 1),
            "account" / Characters(UPPER_HEX, 4),
            "group" / Characters(_ITI_DIGIT, 1), "user" / Characters(_ITI_DIGIT, 1),
            "zone" / Characters(_CODE, 2), "condition" / Characters(_CODE, 1),
            end,
        ),
    }  # fmt: skip


def _computer() -> dict[str, Struct]:
    one = Joined(Literal(b"|"), Characters(_UPPER, 1), Characters(_VALUE, 0, MAX_VALUE))

    def record(kind: bytes) -> Any:
        return Struct(
            Literal(OPENING), "type" / OneOf(kind),
            "fields" / Repeat(one, maximum=MAX_FIELDS), Literal(CLOSING),
            "sequence" / Characters(_UPPER, 1), "check" / Characters(HEX, 4), Literal(CR),
        )  # fmt: skip

    return {"event": record(b"R"), "heartbeat": record(b"S"), "log": record(b"L"),
            "test": record(b"T")}  # fmt: skip


def envelope(output: str) -> Struct:
    """Declare a frame by its envelope alone."""
    if output == "generic":
        return Struct(
            Literal(LF), "body" / Characters(PRINTABLE, 8, 40, as_bytes=True), Literal(CR)
        )
    text = PRINTABLE
    return Struct(Literal(OPENING), "body" / Characters(text, 4, 400, as_bytes=True), Literal(CR))
