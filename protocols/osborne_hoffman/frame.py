r"""The frames of Osborne-Hoffman (UltraSync, Aritech, xGen ...) over TCP, declared.

Declarations only; this is what stands on the wire in clear, and after decryption else::

    LF 0101 0LLL "SIA-DCS"seq4 Rrrrr Lllll [#aaaaaa|...] IIIIIIIIIIIIIIII |#ssssss Ttttttttt CR NUL
    SRrrrrLllll    ssssssXX    NUL                    heartbeat, version 1
    SRrrrrLllll    ssssssXX    NUL [IDiiiiiiii] NUL   heartbeat, version 2

``0101`` is constant; the length counts everything but LF and CR. The panel id (16 hex digits,
encrypted), the system account and the time (8 hex digits, seconds since 1970) may be missing.
"""

from __future__ import annotations

from typing import Any, Final

from construct import Struct

from protocols._core.alphabet import ANY, DECIMAL, HEX, Alphabet
from protocols._core.fields import Characters, Enclosed, HexNumber, Maybe, Prefixed, QuotedToken
from protocols._core.fields import Literal as Fixed
from protocols._core.words import OneOf

MAX_CONTENT_BYTES: Final = 1024
CONSTANT_CHECK: Final = "0101"

_TOKEN: Final = Alphabet("A-Z0-9-")
_CONTENT: Final = Alphabet(frozenset(range(0x20, 0x100))).but(b"]")
_HEX4: Final = Characters(HEX, 4)
_LINE: Final = Characters(HEX, 4, 5)
_TIME: Final = Maybe(Prefixed(b"T", HexNumber(8)))

_HEAD: Final[tuple[Any, ...]] = (
    Fixed(b"\n"),
    "check" / Characters(HEX, 4),
    "length" / HexNumber(4),
)

EVENT: Final = Struct(
    *_HEAD,
    "token" / QuotedToken(_TOKEN, 1, 16),
    "sequence" / _HEX4,
    "receiver" / Prefixed(b"R", _HEX4),
    "line" / Prefixed(b"L", _LINE),
    Fixed(b"["),
    "content" / Struct(
        Fixed(b"#"), "account" / Characters(HEX, 1, 16), Fixed(b"|"),
        "said" / Characters(_CONTENT, 0, MAX_CONTENT_BYTES, as_bytes=True),
    ),
    Fixed(b"]"),
    "panel_id" / Maybe(Characters(HEX, 16)),
    "system_account" / Maybe(Prefixed(b"|#", Characters(HEX, 6))),
    "seconds" / _TIME,
    Fixed(b"\r"),
)  # fmt: skip

HEARTBEAT: Final = Struct(
    Fixed(b"SR"),
    "receiver" / _HEX4,
    "line" / Prefixed(b"L", _LINE),
    Fixed(b"    "),
    "account" / Characters(HEX, 6),
    Fixed(b"XX    "),
    "nul" / OneOf(b"\x00"),
    "panel_id" / Maybe(Enclosed(b"[ID", Characters(HEX, 8), b"]")),
    "blank" / Maybe(OneOf(b" ")),
    "seconds" / _TIME,
    "terminator" / Maybe(OneOf(b"\x00")),
)

ENVELOPE: Final = Struct(
    *_HEAD,
    "body" / Characters(ANY.but(b"\n\r"), 4, MAX_CONTENT_BYTES, as_bytes=True),
    Fixed(b"\r"),
)
"""A frame whose data fits no layout."""

ANSWER: Final = Struct("word" / OneOf(b"ACK", b"NACK"), Fixed(b"\r"))
NEW_ID: Final = Struct(Fixed(b"ID"), "panel_id" / Characters(DECIMAL, 8))
"""What the receiver says in the place of ACK to give a panel its id."""
