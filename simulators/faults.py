"""What can go wrong at the sending end, drawn for each transmission from a seeded source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from random import Random
from typing import Final


class Fault(Enum):
    """A fault; each strikes the first try of a transmission, the retry is sound."""

    LOST_ACK = "lost-ack"
    """The answer is not heard: the same message comes again, with a fresh timestamp."""
    DUPLICATE = "duplicate"
    """The frame goes out twice."""
    SPLIT = "split"
    """The frame goes out byte by byte."""
    COALESCED = "coalesced"
    """Several messages go out in one write (panels; a receiver sends one at a time)."""
    GARBAGE = "garbage"
    """Noise before the frame."""
    BAD_CRC = "bad-crc"
    """A check digit is wrong: the far end must stay silent (panels)."""
    WRONG_KEY = "wrong-key"
    """Encrypted with a key that the far end does not have (panels with a key)."""
    BROKEN_BODY = "broken-body"
    """A valid envelope around an unreadable body: the far end says NAK (receivers)."""


PANEL_FAULTS: Final = frozenset(Fault) - {Fault.BROKEN_BODY}
RECEIVER_FAULTS: Final = frozenset(Fault) - {Fault.BAD_CRC, Fault.WRONG_KEY, Fault.COALESCED}


class Faults:
    """The share of transmissions that each fault strikes, 0 to 1."""

    def __init__(self, shares: Mapping[Fault, float] | None = None) -> None:
        self.shares = dict(shares or {})

    def draw(self, random: Random) -> frozenset[Fault]:
        """Decide the fate of one transmission."""
        if not self.shares:
            return frozenset()
        return frozenset(fault for fault, share in self.shares.items() if random.random() < share)


def parse_faults(words: Iterable[str], *, allowed: frozenset[Fault] = frozenset(Fault)) -> Faults:
    """Read ``lost-ack`` (always) or ``lost-ack=0.1`` (one in ten).

    Raises:
        ValueError: No such fault, or no such share; the message names all mistakes.
    """
    by_name = {fault.value: fault for fault in allowed}
    shares: dict[Fault, float] = {}
    mistakes = []
    for word in words:
        name, _, share_text = word.partition("=")
        try:
            share = float(share_text) if share_text else 1.0
        except ValueError:
            share = -1.0
        if name not in by_name:
            mistakes.append(f"no fault is called {name!r}; there are {', '.join(sorted(by_name))}")
        elif not 0.0 <= share <= 1.0:
            mistakes.append(f"{word!r}: the share is a number from 0 to 1")
        else:
            shares[by_name[name]] = share
    if mistakes:
        raise ValueError("; ".join(mistakes))
    return Faults(shares)


def noise(random: Random, *, length: int = 12) -> bytes:
    """Line noise: any bytes but those that begin a frame or end one in any protocol here."""
    unfit = b'\n\r\x14\x06\x15"0123456789QSUu@ #[]'
    return bytes(byte for byte in random.randbytes(length) if byte not in unfit)
