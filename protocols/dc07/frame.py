r"""The frame of SIA DC-07 (receiver to computer), declared. Declarations only.

``LF CRC 0LLL "token"seq4 Rrrr Llll [#acct|data] CR``, the shape that DC-09 took over. Only
title pages of the standard could be read: how the check value is made and what the length
counts are options, and the shape itself is known from DC-09 and from captures of another
protocol that uses it.
"""

from __future__ import annotations

from typing import Any, Final

from construct import Struct

from protocols._core.alphabet import ANY, DECIMAL, HEX, LETTERS, Alphabet
from protocols._core.fields import Characters, HexNumber, Maybe, Prefixed, QuotedToken
from protocols._core.fields import Literal as Fixed

MAX_CONTENT_BYTES: Final = 1024

_TOKEN: Final = Alphabet("A-Z0-9-")
_CONTENT: Final = Alphabet(frozenset(range(0x20, 0x100))).but(b"]")
_ACCOUNT: Final = DECIMAL.plus(LETTERS)

_HEAD: Final[tuple[Any, ...]] = (
    Fixed(b"\n"),
    "check" / Characters(HEX, 4),
    "length" / HexNumber(4),
)

FRAME: Final = Struct(
    *_HEAD,
    "body" / Struct(
        "token" / QuotedToken(_TOKEN, 1, 16),
        "sequence" / Characters(HEX, 4),
        "receiver" / Maybe(Prefixed(b"R", Characters(HEX, 1, 6))),
        "line" / Maybe(Prefixed(b"L", Characters(HEX, 1, 6))),
        Fixed(b"["),
        "content" / Struct(
            "account" / Maybe(Prefixed(b"#", Characters(_ACCOUNT, 1, 16))),
            "bar" / Maybe(Fixed(b"|")),
            "said" / Characters(_CONTENT, 0, MAX_CONTENT_BYTES, as_bytes=True),
        ),
        Fixed(b"]"),
    ),
    Fixed(b"\r"),
)  # fmt: skip

ENVELOPE: Final = Struct(
    *_HEAD,
    "body" / Characters(ANY.but(b"\n\r"), 4, MAX_CONTENT_BYTES, as_bytes=True),
    Fixed(b"\r"),
)
"""A frame whose data fits no layout."""
