"""What the journal asks of whatever keeps its events: a narrow, blocking face.

The real one is SQLite (``sqlite_store``); a simulated or a replicated one can stand in its place.
All methods but ``outstanding``, ``outstanding_keys`` and ``read`` are called by one thread, the
writer's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from gateway.journal.entry import AnyEntry, Identity, Outstanding


class StoreError(Exception):
    """The store failed: nothing of the group may be acknowledged, and the store is suspect.

    Example situations: a full disk, an I/O error of a flush, a file that somebody removed.
    """


class EntryRefused(Exception):  # noqa: N818  a refusal of one entry; the store is well
    """An entry cannot be stored as it is; nothing of the group is stored, the store is well.

    Example situation: a text that cannot be written as UTF-8.
    """


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """What was found when the store was opened."""

    next_seq: int
    outstanding: int
    """Events that are committed and not done."""
    is_clean: bool
    """Whether the run before ended well."""
    version: str
    """Of the software that keeps the data, for the log (REL-14)."""
    newest_ms: int | None = None
    """When the newest event was received, in UTC milliseconds; None: there is none."""
    is_full: bool = False
    """There is no room: only confirms and the gateway's own events are stored, out of a reserve,
    until ``keeping.Kept.regain`` says otherwise (REL-18)."""


class Confirm(msgspec.Struct, frozen=True, kw_only=True):
    """A consumer says that it processed these events."""

    consumer: str
    event_ids: tuple[str, ...]


class Again(msgspec.Struct, frozen=True, kw_only=True):
    """The last event frame of a link came again (REL-35)."""

    link: str
    digest: bytes
    received_ms: int


class Confirmed(msgspec.Struct, frozen=True, kw_only=True):
    """What a confirm came to."""

    consumer: str
    done: tuple[str, ...]
    """Events that are done now and were not before."""
    waiting: int
    """Events that still wait for another consumer."""
    repeated: int
    """Ids that this consumer had confirmed before, or that were done."""
    unknown: int
    """Ids of no event of this journal."""


class Store(Protocol):
    """Keeps events. Every method returns only once its effect is durable."""

    def open(self) -> Opened:
        """Open, or reopen after a failure, and verify.

        After a failure whatever is left of the groups that failed is taken out again: nobody was
        told that it is there.

        Raises:
            StoreError: It cannot be opened, read or written.
        """
        ...

    def commit(
        self, entries: Sequence[AnyEntry], confirms: Sequence[Confirm], again: Sequence[Again] = ()
    ) -> list[Confirmed]:
        """Store a group: all of it or nothing.

        Raises:
            StoreError: Nothing of it is known to be stored; ``open`` before the next one.
            EntryRefused: Nothing of it is stored; the store is well.
        """
        ...

    def republish(self, from_seq: int, to_seq: int) -> int:
        """Make the done events of this range (both ends included) outstanding again.

        Returns how many there were.
        """
        ...

    def identities(self, since_ms: int) -> list[Identity]:
        """Keys of the reports received since then, oldest first; the newest ones of very many.

        After them, with ``seq`` 0, those of frames that came again on their link.
        """
        ...

    def linked(self, link: str, limit: int) -> list[Outstanding]:
        """The newest ``limit`` events that were stored with this ``Entry.link``, oldest first."""
        ...

    def outstanding(self, after_seq: int, limit: int) -> list[Outstanding]:
        """Committed events that are not done, in order of ``seq``; from any thread."""
        ...

    def outstanding_keys(self, after_seq: int, limit: int) -> list[tuple[int, str, bool]]:
        """Number, account and priority of events that are not done, in order; from any thread."""
        ...

    def read(self, seqs: Sequence[int]) -> list[Outstanding]:
        """These events, done or not; what is not there is left out; from any thread."""
        ...

    def tidy(self, *, is_idle: bool) -> None:
        """Do what can be put off; called after every group, ``is_idle`` when nothing waits.

        Raises:
            StoreError: As ``commit``; what was committed before stays committed.
        """
        ...

    def close(self) -> None:
        """End well. Harmless when it is closed already."""
        ...
