r"""The frames of a Bosch/Radionics D6500, D6600 or D6100 towards its computer, declared.

Declarations only. In D6500 mode a type of one character (case matters), the receiver in two
digits, the line in one character (1-9, A for 10 to W for 32), then data whose layout the type
selects, and DC4. A header byte may stand before it. There is no check value and no sequence::

    1RRL      AAAAXXYYYY         standard event; XX and YYYY padded with blanks
    1RR0           @             link test
    3RRL text                    the receiver's own words, e.g. a command it rejects
    aRRL AAAA18QXYZGGCCC         Contact ID, account before 18; Q is 1, 3, 6 or E, R, P
    9RRL    AAAACCCCCCCC         Acron super fast, eight channels
    gRRLAAAAAA CCCC CCCC CCCC CCCC C   Scancom, sixteen channels and status
    SRRL[#AAAA|...]              SIA with text

In SIA (CIS) mode ``LF CRC type seq4 RR LL [data] CR``; the type is TAB for most formats.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from construct import Struct

from protocols._core.alphabet import DECIMAL, HEX, LETTERS, PRINTABLE, UPPER_HEX, Alphabet
from protocols._core.fields import Characters, Enclosed, Maybe, Padded, Picture
from protocols._core.fields import Literal as Fixed
from protocols._core.words import OneOf

CR: Final = b"\r"
DC4: Final = b"\x14"

MAX_CONTENT_BYTES: Final = 1024
LEAST_OTHER_BYTES: Final = 8
OTHER_TYPES: Final = "NmpIV"
"""Types whose name is known and whose layout is not: DNIS, SK FSK1, SafeCom, ITI, VONK."""

_DIGIT: Final = Alphabet("0-9A-Z")
_CODE: Final = Alphabet("A-Z0-9")
_CHANNEL: Final = Alphabet("0-9A-F ")
_BLOCK: Final = Alphabet(frozenset(range(0x20, 0x100))).but(b"]")
_ACCOUNT: Final = DECIMAL.plus(LETTERS).plus(Alphabet(" "))
_GAP: Final = Fixed(b"    ")

CONTACT_ID: Final = (
    "qualifier" / Characters(Alphabet("ERP136"), 1),
    "event" / Characters(UPPER_HEX, 3),
    "group" / Characters(UPPER_HEX, 2),
    "zone" / Characters(UPPER_HEX, 3),
)

SIA_CONTENT: Final = Struct(
    Fixed(b"#"),
    "account" / Characters(_ACCOUNT, 1, 16),
    Fixed(b"|"),
    "blocks" / Characters(_BLOCK, 0, MAX_CONTENT_BYTES, as_bytes=True),
)


def _frame(types: str, header: bytes, *data: Any, terminator: Any) -> Struct:
    return Struct(
        "header" / Maybe(OneOf(header)),
        "token" / Characters(Alphabet(types), 1),
        "receiver" / Characters(DECIMAL, 2),
        "line" / Characters(_DIGIT, 1),
        *data,
        "terminator" / terminator,
    )


@functools.cache
def d6500(header: bytes, terminator: bytes) -> Mapping[str, Struct]:
    """Declare every layout of D6500 mode for one programming, in order of trial."""
    end = OneOf(*dict.fromkeys((terminator, CR)))
    some = {"terminator": Maybe(end)}
    own = {"terminator": end}  # of a layout without fixed width
    return MappingProxyType({
        "contact-id": _frame(
            "a", header, Fixed(b" "), "account" / Characters(UPPER_HEX, 4),
            "message_type" / OneOf(b"18", b"98"), *CONTACT_ID, **some,
        ),
        "link-test": _frame("1", header, Fixed(b" " * 11), Fixed(b"@"), _GAP, **some),
        "standard-digital": _frame(
            "1", header, "account" / Padded(10, UPPER_HEX, align="right", minimum=1),
            "code" / Padded(2, _CODE, align="right", minimum=1),
            "zone" / Padded(4, _CODE, align="right"), **some,
        ),
        "acron-super-fast": _frame(
            "9", header, _GAP, "account" / Characters(UPPER_HEX, 4),
            "channels" / Characters(_CHANNEL, 8), **some,
        ),
        "scancom": _frame(
            "g", header, "account" / Padded(6, UPPER_HEX, align="right", minimum=1),
            Fixed(b" "), "first" / Characters(_CHANNEL, 4), Fixed(b" "),
            "second" / Characters(_CHANNEL, 4), Fixed(b" "), "third" / Characters(_CHANNEL, 4),
            Fixed(b" "), "fourth" / Characters(_CHANNEL, 4), Fixed(b" "),
            "status" / Characters(_CHANNEL, 1), **some,
        ),
        "sia": _frame(
            "S", header, Fixed(b"["), "content" / SIA_CONTENT, Fixed(b"]"), **some
        ),
        "text": _frame(
            "3", header, Fixed(b" "), "text" / Characters(PRINTABLE, 4, 120), **own
        ),
        "other": _frame(
            OTHER_TYPES, header,
            "body" / Characters(PRINTABLE, LEAST_OTHER_BYTES, MAX_CONTENT_BYTES, as_bytes=True),
            **own,
        ),
    })  # fmt: skip


@functools.cache
def d6500_envelope(header: bytes, terminator: bytes) -> Struct:
    """Declare a frame of a type that is read, by its envelope alone."""
    return _frame(
        "1a9gS3", header, "body" / Characters(PRINTABLE, 4, MAX_CONTENT_BYTES, as_bytes=True),
        terminator=OneOf(*dict.fromkeys((terminator, CR))),
    )  # fmt: skip


@functools.cache
def sia_mode(check_digits: int) -> Mapping[str, Struct]:
    """Declare SIA (CIS) mode for one width of the check value, in hex digits."""
    return MappingProxyType({"sia-mode": Struct(
        Fixed(b"\n"),
        "check" / Characters(HEX, check_digits),
        "body" / Struct(
            "token" / Characters(Alphabet("\ta9mIp"), 1),
            "sequence" / Characters(DECIMAL, 4),
            "receiver" / Characters(DECIMAL, 2),
            "line" / Characters(DECIMAL, 2),
            "data" / Enclosed(
                b"[", Characters(_BLOCK, 0, MAX_CONTENT_BYTES, as_bytes=True), b"]"
            ),
        ),
        Fixed(CR),
    )})  # fmt: skip


@functools.cache
def sia_mode_envelope(check_digits: int) -> Struct:
    """Declare the same by its envelope alone, whatever the data is."""
    return Struct(
        Fixed(b"\n"),
        "check" / Characters(HEX, check_digits),
        "token" / Characters(Alphabet("\ta9mIp"), 1),
        "sequence" / Characters(DECIMAL, 4),
        "receiver" / Characters(DECIMAL, 2),
        "line" / Characters(DECIMAL, 2),
        "data" / Characters(_BLOCK.plus(Alphabet("]")), 0, MAX_CONTENT_BYTES, as_bytes=True),
        Fixed(CR),
    )


CONTACT_ID_DATA: Final = Struct(
    Fixed(b"#"),
    "account" / Padded(4, UPPER_HEX, align="right", minimum=1),
    Fixed(b"|"),
    "message_type" / OneOf(b"18", b"98"),
    *CONTACT_ID,
)
"""Contact ID inside the brackets of SIA mode; short accounts have leading blanks."""

CONTACT_ID_DATA_10: Final = Struct(
    Fixed(b"#"),
    "account" / Padded(10, UPPER_HEX, align="right", minimum=1),
    Fixed(b"|"),
    "message_type" / OneOf(b"58"),
    *CONTACT_ID,
)

COMMANDS: Final[Mapping[str, Struct]] = MappingProxyType({
    "set-time": Struct(Fixed(b"!T"), "value" / Picture(b"9999"), Fixed(CR)),
    "set-date": Struct(Fixed(b"!D"), "value" / Picture(b"999999"), Fixed(CR)),
    "stop-listen": Struct(Fixed(b"!K"), "line" / Characters(DECIMAL, 1, 2), Fixed(CR)),
    "switch-line": Struct(Fixed(b"!L"), "line" / Characters(DECIMAL, 1, 2), Fixed(CR)),
})  # fmt: skip
"""What the computer may ask of a receiver whose menu 2.2.4 allows it, in D6500 mode."""

SIA_COMMANDS: Final[Mapping[str, Struct]] = MappingProxyType({
    "set-time": Struct(Fixed(b"CST"), "value" / Picture(b"9999")),
    "set-date": Struct(Fixed(b"CSD"), "value" / Picture(b"999999")),
    "stop-listen": Struct(Fixed(b"CLK"), "line" / Characters(DECIMAL, 2)),
})  # fmt: skip
"""The same inside the brackets of SIA mode."""
