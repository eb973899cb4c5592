r"""Frames of the MX8000's native output (AE8000) and of its SK9000 output, declared.

Declarations only. A byte names the frame, ``"`` stands between fields, the check byte V stands
before CR::

    26h MMDDYY " HHMMSS " RR " NNNN " fff LL [12h number] [11h name] 05h account " event ...
        [* seconds] [,] V CR                                           AE8000 call
    02h MMDDYY " HHMMSS " RR " NNNN " code [argument] V CR             AE8000 system message
    03h MMDDYY " HHMMSS " RR " NNNN [rest] V CR                        AE8000 heartbeat
    27h MMDDYY " HHMM " F L 05h account " event ... [*] [,] V CR       SK9000 call
    01h MMDDYY " HHMM " code [argument] V CR                           SK9000 system message

RR is the receiver, NNNN the reference (0000: link test), fff and F the format of the panel,
LL and L the line. ``#`` instead of ``"`` begins bad data, ``!`` good data after it. ``*`` asks
to listen in, ``,`` says that the call goes on in the next frame.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from construct import Struct

from protocols._core.alphabet import DECIMAL, LETTERS, PRINTABLE, Alphabet
from protocols._core.fields import Characters, Literal, Maybe, Prefixed, Repeat
from protocols._core.words import Joined, OneOf
from protocols.mx8000.fields import TextBefore, VByte

CR: Final = b"\r"

KINDS: Final = ("ae8000", "sk9000")

CALL_AE: Final = b"\x26"
SYSTEM_AE: Final = b"\x02"
HEARTBEAT_AE: Final = b"\x03"
CALL_SK: Final = b"\x27"
SYSTEM_SK: Final = b"\x01"

EVENT: Final = '"'
BAD: Final = "#"
GOOD_AGAIN: Final = "!"

MAX_EVENT: Final = 24
"""Events have up to 11 characters (SK9000), kept bad data 20."""
MAX_EVENTS: Final = 64
MAX_ACCOUNT: Final = 10

_ACCOUNT: Final = DECIMAL.plus(LETTERS)
_TEXT: Final = PRINTABLE.but(b'"#!*,')
_WORDS: Final = PRINTABLE.but(b'"')
_CODE: Final = Alphabet(frozenset(range(0x70, 0x80)))


def _ended(*parts: Any) -> Struct:
    return Struct(*parts, "vbyte" / VByte(), Literal(CR))


def _events(listen_in: Any) -> tuple[Any, ...]:
    one = Joined(OneOf(b'"', b"#", b"!"), TextBefore(_TEXT, 0, MAX_EVENT))
    return (
        "events" / Repeat(one, maximum=MAX_EVENTS),
        "listen_in" / Maybe(listen_in),
        "more" / Maybe(OneOf(b",")),
    )


@functools.cache
def frames(kind: str) -> Mapping[str, Struct]:
    """Declare every layout of an output, in order of trial."""
    return MappingProxyType(_ae8000() if kind == "ae8000" else _sk9000())


def _head(identifier: bytes, time_digits: int) -> tuple[Any, ...]:
    return (
        Literal(identifier),
        "date" / Characters(DECIMAL, 6),
        Literal(b'"'),
        "time" / Characters(DECIMAL, time_digits),
    )


def _ae8000() -> dict[str, Struct]:
    place = (
        Literal(b'"'), "receiver" / Characters(DECIMAL, 2),
        Literal(b'"'), "reference" / Characters(DECIMAL, 4),
    )  # fmt: skip
    seconds = Joined(Literal(b"*"), Maybe(Characters(DECIMAL, 3)))
    return {
        "call": _ended(
            *_head(CALL_AE, 6), *place, Literal(b'"'),
            "format" / Characters(DECIMAL, 3), "line" / Characters(DECIMAL, 2),
            "number" / Maybe(Prefixed(b"\x12", TextBefore(_WORDS, 0, 40))),
            "name" / Maybe(Prefixed(b"\x11", TextBefore(_WORDS, 0, 40))),
            "account" / Maybe(Prefixed(b"\x05", Characters(_ACCOUNT, 1, MAX_ACCOUNT))),
            *_events(seconds),
        ),
        "system": _ended(
            *_head(SYSTEM_AE, 6), *place, Literal(b'"'),
            "code" / Characters(_CODE, 1, as_bytes=True), "argument" / TextBefore(_WORDS, 0, 20),
        ),
        # What a heartbeat says after its reference was not readable: any text is let pass.
        "heartbeat": _ended(*_head(HEARTBEAT_AE, 6), *place, "rest" / TextBefore(PRINTABLE, 0, 40)),
    }  # fmt: skip


def _sk9000() -> dict[str, Struct]:
    return {
        "call": _ended(
            *_head(CALL_SK, 4), Literal(b'"'),
            "format" / Characters(DECIMAL, 1), "line" / Characters(_ACCOUNT, 1),
            "account" / Maybe(Prefixed(b"\x05", Characters(_ACCOUNT, 1, MAX_ACCOUNT))),
            *_events(OneOf(b"*")),
        ),
        "system": _ended(
            *_head(SYSTEM_SK, 4), Literal(b'"'),
            "code" / Characters(_CODE, 1, as_bytes=True), "argument" / TextBefore(_WORDS, 0, 20),
        ),
    }  # fmt: skip


IDENTIFIERS: Final = {
    "ae8000": CALL_AE + SYSTEM_AE + HEARTBEAT_AE,
    "sk9000": CALL_SK + SYSTEM_SK,
}

_BODY: Final = PRINTABLE.plus(Alphabet(frozenset(b"\x05\x11\x12\x7f")))


def envelope(kind: str) -> Struct:
    """Declare a frame by its envelope alone: identifier, date, text, check byte, CR."""
    return Struct(
        "identifier" / Characters(Alphabet(frozenset(IDENTIFIERS[kind])), 1),
        "date" / Characters(DECIMAL, 6),
        Literal(b'"'),
        "body" / TextBefore(_BODY, 4, 300),
        "vbyte" / VByte(),
        Literal(CR),
    )


@functools.cache
def exact(data: bytes) -> Struct:
    """Declare a heartbeat whose bytes the site names."""
    return Struct(Literal(data))
