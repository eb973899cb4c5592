r"""The DC-09 frame, declared once: declarations and nothing else.

::

    LF crc 0LLL "id" seq [Rrcvr] Lpref #acct [ data ] [x..] [x..] _timestamp CR
       |    |   '------------------------ region ------------------------'
       |    length of the region, three hex digits after a 0
       CRC-16/ARC over the region: four hex digits, or two raw bytes

The quote stands at byte 9 with a hex CRC and at byte 7 with a binary one, LF being byte 0;
its position alone tells the two apart. Encrypted, ``id`` begins with a star and all that
follows the opening bracket of the data is hex digits: the matching ``]`` is inside them.

Wider than the standard, because real panels are: R and L of up to 16 digits and L of none
(Eldes repeats the account there; a Chinese host leaves the digits out), L and #acct absent
(dc09_spt), accounts of any printable text (Focus sends a user name), a number in hex
(dc09_spt). What was wider is told as a quirk, see ``reading.py``.
"""

from __future__ import annotations

from typing import Any, Final

from construct import Struct

from protocols._core.alphabet import ANY, DECIMAL, HEX, LETTERS, PRINTABLE, Alphabet
from protocols._core.checksums import crc16_arc
from protocols._core.fields import (
    Ahead,
    BinaryNumber,
    Characters,
    Choice,
    Enclosed,
    HexNumber,
    Literal,
    Maybe,
    Picture,
    Prefixed,
    Repeat,
    Rest,
    UpTo,
)
from protocols._core.sealed import Sealed

TEXT: Final = PRINTABLE.plus(Alphabet(frozenset(range(0x80, 0x100))))
"""What decrypted text may hold (SEC-3); plain text may hold anything, its CRC vouches for it."""

ASCII: Final = Alphabet(frozenset(range(0x80)))

_LENGTH: Final = Prefixed(b"0", HexNumber(3))
_TOKEN: Final = Characters(PRINTABLE.but(b'"*'), 1, 32, as_bytes=True)
_DIGITS: Final = Characters(HEX, 0, 16, as_bytes=True)
_ACCOUNT: Final = Characters(TEXT.but(b'"#[]|'), 0, 64, as_bytes=True)
_STAMP: Final = Prefixed(b"_", Picture(b"99:99:99,99-99-9999", as_bytes=True))

_ECHO: Final = Struct(
    "seq" / Characters(HEX, 4, as_bytes=True),
    "receiver" / Maybe(Prefixed(b"R", _DIGITS)),
    "line" / Maybe(Prefixed(b"L", _DIGITS)),
    "account" / Maybe(Prefixed(b"#", _ACCOUNT)),
)
"""What an answer repeats byte for byte (DC-09 5.5.3)."""


def _extended(text: Alphabet) -> Repeat:
    """Declare ``[x...]``: a letter and its value; J may hold JSON with brackets of its own."""
    json = UpTo(b"J{", b"]", followed_by=b"[_")
    other = Characters(text.but(b"]"), 1, 4096, first=LETTERS, as_bytes=True)
    return Repeat(Enclosed(b"[", Choice(json, other), b"]"))


PLAIN: Final = Struct(
    Literal(b'"'),
    "token" / _TOKEN,
    Literal(b'"'),
    "echo" / _ECHO,
    "data" / Enclosed(b"[", Characters(ANY.but(b"]"), as_bytes=True), b"]"),
    "xdata" / _extended(ANY),
    "stamp" / Maybe(_STAMP),
    "trailing" / Rest(),
)

USUAL: Final = Struct(
    Literal(b'"'),
    "token" / _TOKEN,
    Literal(b'"'),
    "echo"
    / Struct(
        "seq" / Characters(DECIMAL, 4, as_bytes=True),
        "receiver" / Maybe(Prefixed(b"R", _DIGITS)),
        "line" / Prefixed(b"L", Characters(HEX, 1, 16, as_bytes=True)),
        "account" / Prefixed(b"#", Characters(HEX, 3, 16, as_bytes=True)),
    ),
    Literal(b"["),
    "data"
    / Struct(
        "data_account" / Maybe(Enclosed(b"#", Characters(HEX, 3, 16, as_bytes=True), b"|")),
        "blocks" / Characters(ASCII.but(b"#]"), as_bytes=True),
    ),
    Literal(b"]"),
    "stamp" / Maybe(_STAMP),
)
"""What nearly every panel says: ``PLAIN`` without extended data and without a quirk to tell."""

ENCRYPTED: Final = Struct(
    Literal(b'"*'),
    "token" / _TOKEN,
    Literal(b'"'),
    "echo" / _ECHO,
    Literal(b"["),
    "ciphertext" / Characters(HEX, as_bytes=True),
)

DECRYPTED: Final = Struct(
    "pad" / Characters(ANY.but(b"[]|"), 0, 31, as_bytes=True),
    # Without data some senders leave the separator out: pad]_timestamp.
    "data" / Maybe(Prefixed(b"|", Characters(TEXT.but(b"]"), as_bytes=True))),
    Literal(b"]"),
    "xdata" / _extended(TEXT),
    "stamp" / _STAMP,
    "trailing" / Rest(),
)

NAK: Final = Struct(
    Literal(b'"'),
    "token" / Characters(Alphabet("NAK"), 3, as_bytes=True),
    Literal(b'"'),
    "echo"
    / Struct(
        "seq" / Characters(DECIMAL, 4, as_bytes=True),
        "receiver" / Maybe(Prefixed(b"R", Characters(DECIMAL, 1, 6, as_bytes=True))),
        "line" / Prefixed(b"L", Characters(DECIMAL, 1, 6, as_bytes=True)),
        # The letter A, where everybody else has #: it is a hex digit, so L takes decimals only.
        "account" / Prefixed(b"A", Characters(DECIMAL, 1, 6, as_bytes=True)),
    ),
    "data" / Enclosed(b"[", Characters(ANY.but(b"]"), as_bytes=True), b"]"),
    "xdata" / _extended(ANY),
    "stamp" / Maybe(_STAMP),
    "trailing" / Rest(),
)
"""The answer to a wrong time, ``"NAK"0000R0L0A0[]_timestamp`` (DC-09 5.5.3.2)."""

# Heads keep the check value as it was sent: a wrong one must still show.
HEX_HEAD: Final = Struct(
    Literal(b"\n"), "check" / Characters(ANY, 4, as_bytes=True), "length" / _LENGTH, Ahead(b'"')
)
BINARY_HEAD: Final = Struct(
    Literal(b"\n"), "check" / Characters(ANY, 2, as_bytes=True), "length" / _LENGTH, Ahead(b'"')
)


def sealed(content: Any, *, is_binary: bool) -> Sealed:
    """Declare a whole frame around one of the contents above."""
    return Sealed(
        opening=b"\n",
        check=BinaryNumber(2) if is_binary else HexNumber(4),
        length=_LENGTH,
        content=content,
        closing=b"\r",
        checksum=crc16_arc,
    )
