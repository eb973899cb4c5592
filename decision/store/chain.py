"""The chain of digests over the facts: shows that one was changed, taken out or put in later.

Each digest covers its row and the digest before it. Whoever can write the file can make a new
chain; so the head is told to others as well (the retained status on MQTT, the log), and a chain
that ends otherwise than was told has been rewritten.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final

import msgspec

from decision.store.port import NewFact, Row

FIRST: Final = bytes(32)
"""Stands before the first fact."""


def digest(before: bytes, seq: int, fact: NewFact | Row) -> bytes:
    """SHA-256 over the digest before it and the row; each part is told with its length."""
    hashed = hashlib.sha256(before)
    for part in (
        b"%d" % seq,
        b"%d" % fact.at_us,
        fact.subject.encode(),
        fact.actor,
        fact.kind.encode(),
        fact.body,
        b"" if fact.event_id is None else fact.event_id.encode(),
    ):
        hashed.update(b"%d:" % len(part))
        hashed.update(part)
    return hashed.digest()


class Broken(msgspec.Struct, frozen=True, kw_only=True):
    """Where the chain does not hold."""

    seq: int
    why: str


def verify(rows: Iterable[Row]) -> tuple[int, bytes, Broken | None]:
    """Walk the whole log: how many facts hold, the last digest that does, and what breaks."""
    before, count = FIRST, 0
    for row in rows:
        if row.seq != count + 1:
            return count, before, Broken(seq=count + 1, why=f"it is missing; {row.seq} follows")
        if digest(before, row.seq, row) != row.digest:
            return count, before, Broken(seq=row.seq, why="it is not what was recorded")
        before, count = row.digest, row.seq
    return count, before, None
