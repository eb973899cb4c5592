"""Which outstanding events of an account still lie in the journal, at 17 bytes for each.

A priority event lifts the older events of its account with it (REL-44), so they must be found
among a million others without asking the disk and without an object for each. Sequences and
account hashes stand in packed blocks; 65,536 bits in front of each full block tell in most cases
that it need not be searched. They are made when they are first asked: with no broker, a gateway
takes events for hours before anybody looks for one.
"""

from __future__ import annotations

import sys
from array import array
from collections import deque
from collections.abc import Sequence
from typing import Final

from gateway.journal.entry import Outstanding

BLOCK: Final = 4096  # entries; with 65,536 bits one block in sixteen is searched in vain
_BITS_MASK: Final = 0xFFFF
_HASH_BYTES: Final = 8


class _Block:
    __slots__ = ("bits", "hashes", "last", "seqs")

    def __init__(self) -> None:
        self.seqs = array("q")
        self.hashes = bytearray()
        self.bits: bytearray | None = None
        self.last = 0

    def may_hold(self, digest: int) -> bool:
        """Whether a hash may be here; False is certain."""
        bits = self.bits
        if bits is None:
            if len(self.seqs) < BLOCK:
                return True
            bits = self.bits = bytearray((_BITS_MASK + 1) // 8)
            for held in array("q", bytes(self.hashes)):
                bit = held & _BITS_MASK
                bits[bit >> 3] |= 1 << (bit & 7)
        bit = digest & _BITS_MASK
        return bool(bits[bit >> 3] & (1 << (bit & 7)))


class Backlog:
    """Accounts of events that were not read into memory. Sequences may come in any order."""

    def __init__(self) -> None:
        self._blocks: deque[_Block] = deque()

    def __len__(self) -> int:
        """How many entries are held, the forgotten ones of the first block included."""
        return sum(len(block.seqs) for block in self._blocks)

    def extend(self, events: Sequence[Outstanding]) -> None:
        """Note many events at once: with no broker, all that is committed comes this way."""
        start = 0
        while start < len(events):
            if not self._blocks or len(self._blocks[-1].seqs) >= BLOCK:
                self._blocks.append(_Block())
            block = self._blocks[-1]
            some = events[start : start + BLOCK - len(block.seqs)]
            start += len(some)
            seqs = [event.seq for event in some]
            digests = array("q", [hash(event.account) for event in some])
            block.seqs.extend(seqs)
            block.hashes += digests.tobytes()
            block.last = max(block.last, *seqs)

    def add(self, seq: int, account: str) -> None:
        """Note an event that stays in the journal for now."""
        if not self._blocks or len(self._blocks[-1].seqs) >= BLOCK:
            self._blocks.append(_Block())
        block = self._blocks[-1]
        digest = hash(account)
        block.seqs.append(seq)
        block.hashes += digest.to_bytes(_HASH_BYTES, sys.byteorder, signed=True)
        block.last = max(block.last, seq)

    def forget_through(self, seq: int) -> None:
        """Drop what was read into memory: everything up to ``seq``, a block at a time."""
        while self._blocks and self._blocks[0].last <= seq:
            self._blocks.popleft()

    def clear(self) -> None:
        """Drop everything."""
        self._blocks.clear()

    def of(self, account: str, *, after: int, before: int) -> list[int]:
        """Sequences of an account in between, ascending.

        Two accounts with one hash (1 in 2**64) look like one: the caller compares the accounts
        once it has read the events.
        """
        digest = hash(account)
        wanted = digest.to_bytes(_HASH_BYTES, sys.byteorder, signed=True)
        found: list[int] = []
        for block in self._blocks:
            if not block.may_hold(digest):
                continue
            at = block.hashes.find(wanted)
            while at >= 0:
                if at % _HASH_BYTES:
                    at = block.hashes.find(wanted, at + 1)
                    continue
                seq = block.seqs[at // _HASH_BYTES]
                if after < seq < before:
                    found.append(seq)
                at = block.hashes.find(wanted, at + _HASH_BYTES)
        found.sort()
        return found
