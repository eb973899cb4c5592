"""The packets of an N or O block, told apart by the class of their characters (DC-03 6.2).

Two lower-case letters are a modifier, two upper-case ones an event code: that alone
separates them where a panel leaves the ``/`` out. The patterns below are the tokeniser;
``frame.py`` beside it declares the same pieces in Construct and a test holds them together.
"""

from __future__ import annotations

import re
from typing import Final

_CARET_TEXT: Final = rb"\^(?:([^\^]*+)\^?+)"
"""``^text^``; the closing caret may be missing at the end of the block."""

_ADDRESS: Final = (
    rb"((?:[0-9A-F:\-]{0,4}(?=[/ ^*]|\Z|[a-z]{2}|Ri[0-9]|[A-Z]{2}))|[0-9]{5,16}|[0-9A-F:\-]{0,4})"
)
"""One to four characters, or none. What may follow is looked at first, or ``BA001BA002`` would
read as address 001B. Longer decimal ones are outside DC-03 and are kept all the same."""

_QUOTED_TEXT: Final = rb"\*(?:'(.*?)'|\"(.*?)\")[A-Z]{0,2}(?=[/ ]|\Z)|\*['\"]([^'\"]*+)\Z"
"""``*'text'NM``; an apostrophe inside the text does not end it, only one before ``/`` does."""

MODIFIER: Final = re.compile(rb"(Ri(?=[0-9])|[a-z]{2})([0-9:\-]{0,8})(?:" + _CARET_TEXT + rb")?+")
"""Pair, value, text. ``Ri`` is sent for ``ri`` by two makers; event codes never look so."""

EVENT: Final = re.compile(
    rb"([A-Z]{2})" + _ADDRESS + rb"(?:\*([0-9]{1,6}[A-Z]{0,2}))?+"
    rb"(?:" + _CARET_TEXT + rb"|" + _QUOTED_TEXT + rb")?+",
    re.DOTALL,
)
"""Code, address, units, then the text in one of four spellings."""

TEXT_PACKET: Final = re.compile(
    rb"A((?:(?!/(?:[a-z]{2}[0-9]|Ri[0-9]|[A-Z]{2}(?:[0-9/]|\Z))).)++)", re.DOTALL
)
"""A packet that starts with A and is no event to its end (``/AFire Zone 2``): text, up to the
next ``/`` that starts another packet."""

SIMPLE: Final = re.compile(
    rb"#([0-9A-Za-z]++)\|(([NO])(?:ri([0-9]{1,4})/?+)?+([A-Z]{2})(?:([0-9]{1,4})|\Z))"
)
"""What nearly every panel sends: one event, at most an area before it, decimal address."""
