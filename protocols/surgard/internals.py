"""The receiver's own events of id 1: number to words (automation manual, CPM and line cards)."""

from __future__ import annotations

from typing import Final

_CPM: Final[dict[tuple[str, str], str]] = {
    ("R", "08"): "UPS battery restored",
    ("A", "11"): "9 V battery low",
    ("R", "12"): "9 V battery restored",
    ("A", "13"): "COM2 absent",
    ("R", "14"): "COM2 restored",
    ("A", "15"): "AC fail",
    ("R", "16"): "AC restored",
    ("A", "17"): "UPS AC fail",
    ("R", "18"): "UPS AC restored",
    ("T", "19"): "master CPM fail",
    ("A", "D0"): "reset",
}
_LINE_CARD: Final[dict[tuple[str, str], str]] = {
    ("T", "10"): "faulty data",
    ("A", "20"): "phone line fault",
    ("R", "30"): "phone line restored",
    ("T", "40"): "call without data",
}
_CARDS: Final = "123456789ABCDE"
_NUMBERED: Final = {
    **{("A", f"F{card}"): f"line card 0{card} absent" for card in _CARDS},
    # The list says A here, not R.
    **{("A", f"E{card}"): f"line card 0{card} restored" for card in _CARDS},
    **{("A", f"D{card}"): f"line card 0{card} reset" for card in _CARDS},
}

MEANINGS: Final[dict[tuple[str, str], str]] = {**_CPM, **_LINE_CARD, **_NUMBERED}
"""(event code, number) to words. Only these make an event of account 0000 the receiver's own:
a panel may have that account too."""

SIA_MEANINGS: Final[dict[str, str]] = {"RU": "host time update failed"}
"""Pairs of ids 0 and S on line 000, the central processor."""
