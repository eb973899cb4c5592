"""What a judgement says: the likely mistake, what shows it, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

import msgspec

_SHOWN = 5


class Confidence(IntEnum):
    """How sure it is."""

    POSSIBLE = 1
    LIKELY = 2
    CERTAIN = 3


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One likely mistake."""

    id: str
    """A name for programs, which does not change: ``key_wrong`` ..."""
    title: str
    evidence: str
    remedy: str
    confidence: Confidence


def lines_of(numbers: Sequence[int]) -> str:
    """Name the lines of the capture, the first few: ``lines 4, 9, 12 and 30 more``."""
    found = sorted({number for number in numbers if number})
    if not found:
        return "the capture"
    shown = ", ".join(str(number) for number in found[:_SHOWN])
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"line{'s' if len(found) > 1 else ''} {shown}{more}"


def many(count: int, noun: str) -> str:
    """Write ``1 frame``, ``12 frames``."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
