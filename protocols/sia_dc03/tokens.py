"""The packets of an N or O block, told apart by the class of their characters (DC-03 6.2).

Two lower-case letters are a modifier, two upper-case ones an event code: that alone
separates them where a panel leaves the ``/`` out. The patterns are composed of the pieces
that ``frame.py`` declares; a test holds them against its interpreted declarations.
"""

from __future__ import annotations

import re
from typing import Final

from protocols.sia_dc03 import frame

_PAIR: Final = frame.PAIR.pattern()
_VALUE: Final = frame.VALUE.pattern()
_CODE: Final = frame.CODE.pattern()
_ADDRESS: Final = frame.ADDRESS.pattern()
_RI: Final = frame.RI.pattern()
_CARET_TEXT: Final = rb"\^(%b)\^?+" % frame.TEXT.field.pattern()
"""``^text^``; the closing caret may be missing at the end of the block."""

_FOLLOWS: Final = rb"(?=[/ ^*]|\Z|%b|%b[0-9]|%b)" % (_PAIR, _RI, _CODE)
"""What may stand after an address. Without it ``BA001BA002`` would read as address 001B."""

_ANY_ADDRESS: Final = b"(%b%b|%b|%b)" % (
    _ADDRESS.replace(b"}+", b"}"),  # may give back, so that what follows fits
    _FOLLOWS,
    frame.LONG_ADDRESS.pattern(),
    _ADDRESS,
)

_QUOTED_TEXT: Final = rb"\*(?:'(.*?)'|\"(.*?)\")[A-Z]{0,2}(?=[/ ]|\Z)|\*['\"]([^'\"]*+)\Z"
"""``*'text'NM``; an apostrophe inside the text does not end it, only one before ``/`` does."""

MODIFIER: Final = re.compile(b"(%b(?=[0-9])|%b)(%b)(?:%b)?" % (_RI, _PAIR, _VALUE, _CARET_TEXT))
"""Pair, value, text. ``Ri`` is sent for ``ri`` by two makers; event codes never look so."""

EVENT: Final = re.compile(
    rb"(%b)%b(?:\*(%b))?(?:%b|%b)?"
    % (_CODE, _ANY_ADDRESS, frame.UNITS.pattern(), _CARET_TEXT, _QUOTED_TEXT),
    re.DOTALL,
)
"""Code, address, units, then the text in one of four spellings."""

TEXT_PACKET: Final = re.compile(
    rb"A((?:(?!/(?:%b[0-9]|%b[0-9]|%b(?:[0-9/]|\Z))).)++)" % (_PAIR, _RI, _CODE), re.DOTALL
)
"""A packet that starts with A and is no event to its end (``/AFire Zone 2``): text, up to the
next ``/`` that starts another packet."""

SIMPLE: Final = re.compile(
    rb"#([0-9A-Za-z]++)\|(([NO])(?:ri([0-9]{1,4})(?:/|(?=[A-Z])))?(%b)(?:([0-9]{1,4})|\Z))" % _CODE
)
"""What nearly every panel sends: one event, at most an area before it, decimal address."""
