"""How Contact ID digits count: values of 0-9 and B-F, and the check digit (SIA DC-05)."""

from __future__ import annotations

from typing import Final

DIGITS: Final = b"0123456789BCDEF"
"""The digits of DTMF Contact ID. ``A`` is not one of them: 0 is sent as the tone pair A."""

VALUES: Final[dict[int, int]] = {
    **{digit: digit - ord("0") for digit in b"123456789"},
    ord("0"): 10,
    **{digit: digit - ord("B") + 11 for digit in b"BCDEF"},
}
"""What each digit counts in the checksum: 0 counts 10, B-F count 11-15 (DC-05)."""

_DIGIT_OF: Final = {value: bytes((digit,)) for digit, value in VALUES.items()}


def checksum(digits: bytes) -> bytes:
    """Return the check digit that makes the sum of all values a multiple of 15.

    Raises:
        KeyError: A byte is no Contact ID digit.
    """
    return _DIGIT_OF[15 - sum(VALUES[digit] for digit in digits) % 15]
