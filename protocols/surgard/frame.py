r"""The frames of a Sur-Gard receiver's automation port, declared (MLR2, SLR, System family).

Declarations only. ``P RRL... data DC4``: a protocol id of one character (case matters), the
receiver in two, the line in one (MLR2 class) or three (MLR2000 and System class), then data
whose layout the id alone selects. There is no checksum and no sequence number. Blanks count::

    5RRL 18AAAAQXYZGGCCC         Contact ID; Q is E new, R restore, P previously reported
    QRRL 58AAAAAAAAAAQXYZGGCCC   the same with an account of ten digits
    3RRL    AAAAAAXXYYYY         one SIA code and its address, or one modifier
    SRRL[#AAAA|Nxxyyyy/xxyyyy]   a whole SIA block; id 0 for the receiver's own events
    1RRL    AAAAAA XGYYY         pulse formats; the receiver's own events with account 0000
    1RRL           @             heartbeat
    4RRLAAAAAALLLTTTTTTT         the number that the panel called from; ids U and u the same
    6RRL      AAAAXXYYYY         Modem II; 8 and 9 channels; C FSK2; T Telenot; Y Surtec ...

Ids whose data may begin without a blank do not show where the header ends; with ``auto`` both
forms are tried. A clock ``HH:MM:SS-dd/mm`` may stand before the DC4 (never in a heartbeat); some
links end with CR or with nothing at all.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from construct import Struct

from protocols._core.alphabet import DECIMAL, LETTERS, PRINTABLE, UPPER_HEX, Alphabet
from protocols._core.fields import (
    Characters,
    Choice,
    Field,
    Maybe,
    Padded,
    Picture,
    Repeat,
)
from protocols._core.fields import Literal as Fixed
from protocols._core.words import BcdNumber, OneOf, Unfollowed

Header: TypeAlias = str
"""``auto``, or as it is programmed: ``RR`` and one ``L`` for each character of the line, 1 to 7."""

AUTO: Final = "auto"
FORMS: Final = tuple("RR" + "L" * width for width in range(1, 8))
"""Programmable 3 to 9 characters (03 is RRL, 09 is RR and 7); DNIS digits may stand in them."""

DC4: Final = b"\x14"
CR: Final = b"\r"
ACK: Final = b"\x06"
NAK: Final = b"\x15"

MAX_CONTENT_BYTES: Final = 1024
"""A SIA block is up to 66 bytes by the manual; texts of newer panels are longer."""

OTHER_IDS: Final = "7ABJLNPW"
"""Ids that exist and whose layout no source shows: FBI (J), Outel (L), Stratel (N), DMP (P),
Westec (W) and three without a name."""

_HEADER_DIGIT: Final = Alphabet("0-9A-Z")
_LINE: Final[dict[str, Field]] = {
    AUTO: Choice(Characters(_HEADER_DIGIT, 3), Characters(_HEADER_DIGIT, 1)),
    **{form: Characters(_HEADER_DIGIT, len(form) - 2) for form in FORMS},
}
_PULSE_CODE: Final = PRINTABLE.plus(Alphabet(frozenset(range(0xB0, 0xE0))))
"""A site may force one common code, a blank or a letter with bit 7 set among them."""
_GROUP: Final = Alphabet("0-9A-F ")
_CODE: Final = Alphabet("A-Z0-9")
_ADDRESS: Final = Alphabet("0-9A-F :-")
_ITI_DIGIT: Final = DECIMAL.plus(LETTERS).plus(Alphabet("? "))
_CHANNEL: Final = UPPER_HEX
_VONK_ZONE: Final = Alphabet("0-9A-Z.")
_DIALLED: Final = Alphabet("0-9F -")
_PLAIN_NUMBER: Final = Alphabet("0-9 ")
_BLOCK_ACCOUNT: Final = DECIMAL.plus(LETTERS).plus(Alphabet(" "))
_BLOCK: Final = Alphabet(frozenset(range(0x20, 0x100))).but(b"]")


def _frame(ids: str, header: Header, *data: Any, clock: bool = True) -> Struct:
    tail: list[Any] = ["clock" / Maybe(Picture(b"99:99:99-99/99"))] if clock else []
    return Struct(
        "token" / Characters(Alphabet(ids), 1),
        "receiver" / Characters(_HEADER_DIGIT, 2),
        "line" / _LINE[header],
        *data,
        *tail,
        "terminator" / Maybe(OneOf(DC4, CR)),
    )


def _account(width: int) -> Any:
    return "account" / Padded(width, UPPER_HEX, align="right", minimum=1)


def _event_code(width: int) -> Field:
    """Say a code filled with blanks on either side."""
    return Choice(Padded(width, _CODE, align="right", minimum=1), Padded(width, _CODE, minimum=1))


OPEN: Final = frozenset({
    "caller-id", "caller-number", "calling-name", "high-speed", "high-speed-dvl2a",
    "high-speed-dvl2a-16", "video-downlook", "telenot", "vonk",
})  # fmt: skip
"""Layouts whose data may begin without a blank, so that the header's end does not show."""


WEAK: Final = OPEN | {
    "modem-ii", "acron", "sk-fsk2", "surtec", "adt-pulse-extended", "iti-own",
}  # fmt: skip
"""Layouts that hold digits and blanks and little else."""


@functools.cache
def frames(header: Header) -> Mapping[str, Struct]:
    """Declare every layout that is decoded, for one form of the header, in order of trial."""
    contact_id = (
        "qualifier" / Characters(Alphabet("ERP136"), 1),
        "event" / Characters(UPPER_HEX, 3),
        "group" / Characters(UPPER_HEX, 2),
        "zone" / Characters(UPPER_HEX, 3),
    )
    pulse = (
        Fixed(b" "),
        "code" / Characters(_PULSE_CODE, 1),
        "group" / Characters(_GROUP, 1),
        "zone" / Padded(3, _CODE, align="right"),
    )
    gap = Fixed(b"    ")
    blank = Fixed(b" ")
    iti = (
        "account_high" / Characters(UPPER_HEX, 1), "attribute" / Characters(PRINTABLE, 1),
        "account" / Characters(UPPER_HEX, 4),
        "group" / Characters(_ITI_DIGIT.but(b" "), 1), "user" / Characters(_ITI_DIGIT, 1),
        "zone" / Characters(_CODE, 2), "condition" / Characters(_CODE, 1),
        "was_level" / Characters(_ITI_DIGIT, 1), "now_level" / Characters(_ITI_DIGIT, 1),
    )  # fmt: skip
    return MappingProxyType({
        "contact-id": _frame(
            "5", header, Fixed(b" "), "message_type" / OneOf(b"18", b"98"),
            "account" / Characters(UPPER_HEX, 4), *contact_id,
        ),
        "contact-id-10": _frame(
            "Q", header, Fixed(b" "), "message_type" / OneOf(b"58"), _account(10), *contact_id,
        ),
        "sia": _frame(
            "0S", header, Fixed(b"["),
            "content" / Struct(
                Fixed(b"#"), "account" / Characters(_BLOCK_ACCOUNT, 1, 16), Fixed(b"|"),
                "blocks" / Characters(_BLOCK, 0, MAX_CONTENT_BYTES, as_bytes=True),
            ),
            Fixed(b"]"),
        ),
        "sia-protocol-1": _frame(
            "3", header, gap, _account(6),
            "code" / Characters(LETTERS, 2), "address" / Characters(_ADDRESS, 4),
        ),
        "heartbeat": _frame(
            "1", header, Fixed(b" " * 11), Fixed(b"@"), gap, clock=False,
        ),
        "iti": _frame("1", header, gap, *iti),
        "iti-own": _frame("I", header, Fixed(b"   "), *iti),
        "pulse": _frame("1", header, gap, _account(6), *pulse),
        # Printed for accounts of three digits: one character short, right-anchored.
        "pulse-short": _frame("1", header, gap, _account(5), *pulse),
        # Radionics-compatible: told from "pulse" only where its blank is not blank.
        "pulse-two": _frame(
            "1", header, gap, _account(6),
            "code" / Characters(_CODE, 2), "zone" / Padded(4, _CODE, align="right"),
        ),
        # Blanks before the account may hold further digits of it.
        "modem-ii": _frame(
            "6", header, _account(10), "code" / _event_code(2),
            "zone" / Padded(4, _CODE, align="right"),
        ),
        "caller-id": _frame(
            "4", header, _account(6), "area" / Characters(DECIMAL, 3),
            "number" / Characters(_PLAIN_NUMBER, 7),
        ),
        "caller-number": _frame("U", header, _account(6), "number" / Characters(_DIALLED, 18)),
        "calling-name": _frame("u", header, _account(6), "name" / Characters(PRINTABLE, 18)),
        "high-speed": _frame(
            "8", header, _account(4), blank, "low" / Characters(_CHANNEL, 4), blank,
            "high" / Characters(_CHANNEL, 4), blank, "status" / Characters(_CHANNEL, 1),
        ),
        "high-speed-dvl2a-16": _frame(
            "8", header, _account(6), blank, "channels" / Characters(_CHANNEL, 16), blank,
            "status" / Characters(_CHANNEL, 1),
        ),
        "high-speed-dvl2a": _frame(
            "8", header, _account(6), blank, "channels" / Characters(_CHANNEL, 8), blank,
            "status" / Characters(_CHANNEL, 1),
        ),
        "acron": _frame("9", header, gap, _account(4), "channels" / Characters(_CHANNEL, 8)),
        "sk-fsk2": _frame(
            "C", header, gap, _account(6), "event" / Characters(_CODE, 1),
            "condition" / Characters(_CODE, 1), "zone" / Characters(_CODE, 2), Fixed(b"  "),
        ),
        "video-downlook": _frame(
            "D", header, _account(6), "first" / Characters(_CODE, 2), blank,
            "second" / Characters(_CODE, 3),
        ),
        "adt-pulse-extended": _frame(
            "e", header, Fixed(b" " * 7), "digits" / Padded(9, UPPER_HEX, minimum=7),
        ),
        "telenot": _frame(
            "T", header, _account(6), blank, "code" / Characters(_CODE, 1), Fixed(b"  "),
            "zone" / Padded(2, _CODE, align="right"),
        ),
        "vonk": _frame("V", header, _account(2), "channels" / Characters(_VONK_ZONE, 16)),
        # No clock: its digits would be further pairs.
        "surtec": _frame(
            "Y", header, blank, _account(8), blank,
            "pairs" / Repeat(Characters(DECIMAL, 2), maximum=16), Unfollowed(DECIMAL),
            clock=False,
        ),
    })  # fmt: skip


def envelope(ids: str, header: Header, *, least: int) -> Struct:
    """Declare a frame by its envelope alone: id, header, text, and a terminator that ends it."""
    return Struct(
        "token" / Characters(Alphabet(ids), 1),
        "receiver" / Characters(_HEADER_DIGIT, 2),
        "line" / _LINE[header],
        "body" / Characters(PRINTABLE, least, MAX_CONTENT_BYTES, as_bytes=True),
        "terminator" / OneOf(DC4, CR),
    )


OTHER_BEGINS: Final = Struct(
    "token" / Characters(Alphabet(OTHER_IDS), 1),
    "header" / Characters(_HEADER_DIGIT, 0, 5),
    "body" / Characters(PRINTABLE),
)
"""What may still become the frame of an id that is not read."""

B32: Final = Struct(Fixed(b"\x00\x00"), "length" / BcdNumber(2))
"""The prefix of every packet in both directions where the receiver's TCP option B32 is on:
the length of the whole packet, these four bytes included, in decimal."""

B32_BYTES: Final = 4
