"""The packets of SIA data, declared (DC-03 6.2). Declarations only.

::

    ri1            modifier: a lower-case pair and its value, perhaps ^text^
    Ri1            the same as two makers write it
    BA001          event: an upper-case pair and its address, perhaps *units, perhaps ^text^

What follows what in a block, and where an address ends when the slash is missing, is no
matter of one packet after the other: ``tokens.py`` composes these pieces for that.
"""

from __future__ import annotations

from typing import Final

from construct import Struct

from protocols._core.alphabet import ANY, DECIMAL, Alphabet
from protocols._core.fields import Characters, Choice, Enclosed, Literal, Maybe
from protocols._core.words import Joined, OneOf

LOWER: Final = Alphabet("a-z")
UPPER: Final = Alphabet("A-Z")

PAIR: Final = Characters(LOWER, 2)
RI: Final = OneOf(b"Ri")
VALUE: Final = Characters(Alphabet("0-9:-"), 0, 8)
"""Digits, ``HH:MM:SS`` or ``MM-DD-YY``."""

CODE: Final = Characters(UPPER, 2)
ADDRESS: Final = Characters(Alphabet("0-9A-F:-"), 0, 4)
LONG_ADDRESS: Final = Characters(DECIMAL, 5, 16)
"""Outside DC-03, kept all the same."""
UNITS: Final = Joined(Characters(DECIMAL, 1, 6), Characters(UPPER, 0, 2))

TEXT: Final = Enclosed(b"^", Characters(ANY.but(b"^"), as_bytes=True))
CARET: Final = Literal(b"^")
"""Closes a text; missing at the end of some blocks."""

MODIFIER: Final = Struct("pair" / PAIR, "value" / VALUE, "text" / Maybe(TEXT), Maybe(CARET))

EVENT: Final = Struct(
    "code" / CODE,
    "address" / Choice(LONG_ADDRESS, ADDRESS),
    "units" / Maybe(Enclosed(b"*", UNITS)),
    "text" / Maybe(TEXT),
    Maybe(CARET),
)
"""An event that stands alone; a text as ``*'...'`` is read by the tokeniser only."""
