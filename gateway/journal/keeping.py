"""What does the upkeep of a journal ask of its store, and what does it learn? REL-17, REL-18."""

from __future__ import annotations

from typing import Protocol, runtime_checkable

import msgspec


class DamageError(Exception):
    """What is to be sealed or removed cannot be read; the store is well otherwise."""


class Head(msgspec.Struct, frozen=True):
    """The end of the chain of hashes: what stands for all records that were sealed (SEC-23)."""

    number: int
    """Of the block; 0 when nothing was sealed yet."""
    last_seq: int
    """The last number that it covers."""
    link: bytes

    def __str__(self) -> str:
        """Spell it as operators keep it and ``journal verify --head`` takes it."""
        return f"{self.number}:{self.link.hex()}"


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """How large a journal is, and how much room it has. Sizes in bytes."""

    used_bytes: int
    """Taken by what stands in it."""
    spare_bytes: int
    """Free inside its file: what removed events left, for the next ones."""
    disk_free_bytes: int
    disk_bytes: int
    """All that the file system can hold for us and others; 0 when it cannot be asked."""
    reserve_bytes: int
    done: int
    """Events that are done and were not removed."""
    oldest_ms: int | None
    """When the oldest event was received that still stands there."""
    last_seq: int
    sealed_seq: int
    removed_seq: int


@runtime_checkable
class Kept(Protocol):
    """A store that can be kept up. All methods are for the writing thread, in small steps.

    Each raises ``StoreError`` when the store failed, and ``DamageError`` when an old page cannot be
    read, which is no reason to refuse new events.
    """

    def measure(self) -> Measured:
        """Measure; cheap."""
        ...

    def seal(self) -> Head | None:
        """Seal the next block of records; None when there is nothing to seal."""
        ...

    def head(self) -> Head:
        """Give the end of the chain."""
        ...

    def remove(self, *, below_seq: int, before_ms: int | None) -> int:
        """Remove the oldest done events, at most 4096, of those that are sealed.

        Only those with numbers lower than ``below_seq`` and, with ``before_ms``, only those in
        front of the first event that was received then or later. Returns how many.
        """
        ...

    def remove_forms(self) -> int:
        """Remove forms that no event needs any more; returns how many."""
        ...

    def regain(self) -> bool:
        """After ``Opened.is_full``: see whether there is room again, and take the reserve back."""
        ...
