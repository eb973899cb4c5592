r"""The words in which a wire format is declared: our own Construct field classes.

A declaration is a ``construct.Struct`` of these fields. Each class knows four things: where
it ends (``measure``, a plain sequential reader), its value (``decode``), its bytes
(``encode``), and the same end said as a bytes pattern (``pattern``). Construct's own ``parse``
and ``build`` use the first three; ``recogniser.py`` generates one regular expression from the
fourth. Nothing here may know a protocol.

Vocabulary::

    Literal(b"[")                        exactly these bytes; leave it unnamed
    Ahead(b'"')                          these bytes must follow; consumes nothing
    Characters(HEX, 1, 6)                a run out of an alphabet, as text (as_bytes=True: bytes)
    Characters(DECIMAL, 4)               exactly four
    Characters(ANY.but(b"]"))            anything up to a delimiter (0 to unlimited)
    HexNumber(4), DecimalNumber(2)       fixed digits as an int
    BinaryNumber(2)                      raw bytes as an int, most significant first
    Picture(b"99:99:99")                 9 is a digit, every other byte stands for itself; text
    Padded(6, HEX, align="right")        fixed width, filled with blanks; value without the fill
    Enclosed(b"[", field, b"]")          field between marks; Prefixed(b"R", field) with one
    QuotedToken(alphabet, 1, 32)         "..." in double quotes
    UpTo(b"J{", b"]", followed_by=b"[_") begins so, ends before the first ] that such a byte (or
                                         the end) follows; for text that holds its own delimiter
    Maybe(field)                         None when absent
    Choice(field, field)                 the first that fits; one value, no names inside
    Repeat(field)                        tuple of values; the recogniser sees one span
    Rest()                               all that remains, as bytes
    Sealed(...)                          (sealed.py) a region with its check value and length

Alphabets: ``DECIMAL``, ``HEX`` (both cases), ``UPPER_HEX``, ``LETTERS``, ``PRINTABLE`` (0x20 to
0x7E), ``ANY``; ``Alphabet("0-9B-F")`` for another, ``.but(b"]|")`` to take some out.

A named ``Struct`` inside a ``Struct`` is itself a field: the recogniser gives its bytes under
its name and its inner fields beside it. Sequential means: each field takes what it can and
never gives back. The patterns say the same, with possessive quantifiers and, where an optional
part holds a value, a guard that forbids skipping it once it fits.
"""

from __future__ import annotations

from protocols._core.alphabet import ANY, DECIMAL, HEX, LETTERS, PRINTABLE, UPPER_HEX, Alphabet
from protocols._core.composites import Choice, Enclosed, Maybe, Prefixed, QuotedToken, Repeat
from protocols._core.field import Field, FieldError, pattern_of, unnamed
from protocols._core.runs import (
    Ahead,
    BinaryNumber,
    Characters,
    DecimalNumber,
    HexNumber,
    Literal,
    Padded,
    Picture,
    Rest,
    UpTo,
)

__all__ = [
    "ANY",
    "DECIMAL",
    "HEX",
    "LETTERS",
    "PRINTABLE",
    "UPPER_HEX",
    "Ahead",
    "Alphabet",
    "BinaryNumber",
    "Characters",
    "Choice",
    "DecimalNumber",
    "Enclosed",
    "Field",
    "FieldError",
    "HexNumber",
    "Literal",
    "Maybe",
    "Padded",
    "Picture",
    "Prefixed",
    "QuotedToken",
    "Repeat",
    "Rest",
    "UpTo",
    "pattern_of",
    "unnamed",
]
